"""Which device computes, in which precision."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ..contract.errors import BadInput, Unavailable

# What backends without an exception class of their own say.
_MEMORY_WORDS = ("out of memory", "can't allocate memory", "not enough memory")


def choose(name: str = "auto") -> torch.device:
    """The device of that name; ``auto`` takes CUDA (also ROCm), else Apple's MPS, else the CPU.

    Raises:
        BadInput: There is no such name.
        Unavailable: This machine, or this build of torch, does not have it.
    """
    has = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(device for device, there in has.items() if there))
    if name not in has:
        raise BadInput(f"“{name}” is no device: use auto, {', '.join(has)}.")
    if not has[name]:
        raise Unavailable(f"There is no {name} device that torch can use here: choose auto or cpu.")
    return torch.device(name)


def describe(device: torch.device) -> str:
    """The hardware's own name."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return f"{platform.processor() or 'Apple'} GPU"
    return f"{os.cpu_count()} CPU cores ({platform.machine()})"


def says_no_memory(error: BaseException) -> bool:
    """Whether an error means that the memory of a device, or of the machine, was not enough."""
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or (
        isinstance(error, RuntimeError)
        and any(words in str(error).lower() for words in _MEMORY_WORDS)
    )


def precision(name: str, device: torch.device) -> torch.dtype:
    """Choose the type of number of the convolutions, by a recipe's ``precision``.

    ``auto`` is bfloat16 where the device multiplies it natively, about twice as fast; sums, Gram
    matrices and the canvas stay in float32 all the same.
    """
    if name == "auto":
        return torch.bfloat16 if _has_bfloat16(device) else torch.float32
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[name]


def widest(device: torch.device) -> torch.dtype:
    """For the few numbers that decide much: float64, which only Apple's GPUs lack."""
    return torch.float32 if device.type == "mps" else torch.float64


@contextmanager
def one_thread() -> Iterator[None]:
    """For many small steps on the CPU; also a decorator.

    On an idle machine they gain next to nothing by a second thread. On a busy one each of them
    waits until that thread has its turn: a hundred times as long as the step takes.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "mps":
        return False
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
