"""A device that there is not: tensors that say that they are on it, with their numbers on the CPU.

Like a GPU it refuses an operation on tensors of its own and of the CPU. Unlike one it computes as
the CPU does, to the last bit, and it takes note of all that makes the host wait for a real one.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import torch
from torch import Tensor
from torch.utils._python_dispatch import (
    TorchDispatchMode,
    return_and_correct_aliasing,
)
from torch.utils._pytree import tree_leaves, tree_map_only

import texcore

_PACKAGE = Path(texcore.__file__).parent
# What gives a number, or a shape that depends on numbers, to the host.
_READING = {
    "_local_scalar_dense",
    "equal",
    "is_nonzero",
    "masked_select",
    "nonzero",
    "repeat_interleave",
    "unique_consecutive",
    "unique_dim",
    "_unique",
    "_unique2",
}
_PHYSICAL = {
    torch.ops.aten._conj.default: torch.ops.aten._conj_physical.default,
    torch.ops.aten._neg_view.default: torch.ops.aten.neg.default,
}
_COPYING = {"_to_copy", "copy_"}


class Pretended(Tensor):
    """A tensor of a `Device`; made by it alone."""

    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, numbers, device):
        return Tensor._make_wrapper_subclass(
            cls,
            numbers.shape,
            strides=numbers.stride(),
            storage_offset=numbers.storage_offset(),
            dtype=numbers.dtype,
            device=device.device,
        )

    def __init__(self, numbers, device):
        self.numbers, self.owner = numbers, device

    def tolist(self):
        return self.cpu().tolist()

    def __repr__(self):
        return f"Pretended({self.numbers})"

    @classmethod
    def __torch_dispatch__(cls, operator, types, args=(), kwargs=None):
        (owner, *_) = [t.owner for t in tree_leaves((args, kwargs)) if isinstance(t, cls)]
        return owner.compute(operator, args, kwargs or {})


class WrongDevice(RuntimeError):
    """An operation was given tensors of two devices."""


class Device(TorchDispatchMode):
    """Tensors can be moved to it while it is entered.

    Attributes:
        device: What its tensors are said to be on.
        waits: How often the host had to wait for it, by the file and function of Texcore that had
            it do so, and why.
    """

    def __init__(self):
        super().__init__()
        # A type that PyTorch knows everywhere, and has no kernels of its own for.
        self.device = torch.device("lazy", 0)
        self.waits = Counter()
        self._lifted = []

    def __enter__(self):
        # Tensors of numbers are made on the CPU first, so that it is seen that they are moved.
        self._lifted.append(torch._C._only_lift_cpu_tensors())
        torch._C._set_only_lift_cpu_tensors(True)
        return super().__enter__()

    def __exit__(self, *error):
        torch._C._set_only_lift_cpu_tensors(self._lifted.pop())
        return super().__exit__(*error)

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        return self.compute(operator, args, kwargs or {})

    def compute(self, operator, args, kwargs):
        """Compute an operator on the CPU, and say that it was here."""
        tensors = [t for t in tree_leaves((args, kwargs)) if isinstance(t, Tensor)]
        own = [t for t in tensors if isinstance(t, Pretended)]
        wanted = kwargs.get("device")
        is_here = bool(own) if wanted is None else wanted.type == self.device.type
        if kwargs.get("pin_memory"):
            # Only for a device that there is.
            kwargs = kwargs | {"pin_memory": False}
        if not own and not is_here:
            return operator(*args, **kwargs)
        # A view that is marked as conjugate would lose its mark.
        operator = _PHYSICAL.get(operator, operator)
        name = operator.overloadpacket.__name__
        self._check(name, tensors, own, is_here, args, kwargs)
        if wanted is not None:
            kwargs = kwargs | {"device": torch.device("cpu")}
        plain = tree_map_only(Pretended, lambda t: t.numbers, (args, kwargs))
        made = operator(*plain[0], **plain[1])
        if not is_here:
            return made
        made = tree_map_only(Tensor, lambda t: Pretended(t, self), made)
        return return_and_correct_aliasing(operator, args, kwargs, made)

    def _check(self, name, tensors, own, is_here, args, kwargs):
        """Refuse what a GPU refuses, and take note of what it has to be waited for."""
        others = [t for t in tensors if not isinstance(t, Pretended)]
        if name in _COPYING:
            if name == "copy_" and True in args[2:]:
                return  # Whoever asks not to wait waits for an event.
            leaves = name == "copy_" and not isinstance(tensors[0], Pretended)
            if leaves or (own and not is_here):
                self._note("to the host")
            elif others:
                self._note("from the host")
        elif own and any(t.dim() for t in others):
            raise WrongDevice(f"{name}: {[t.device.type for t in tensors]}")
        elif kwargs.get("generator") is not None:
            raise WrongDevice(f"{name}: a generator of the CPU")
        if name in _READING or (
            name in ("index", "index_put_", "index_put") and _has_mask(tensors)
        ):
            self._note("number read")

    def _note(self, why):
        """Count a wait for the function of Texcore that it is for."""
        frame = sys._getframe(1)
        while frame and not Path(frame.f_code.co_filename).is_relative_to(_PACKAGE):
            frame = frame.f_back
        code = frame and frame.f_code
        where = f"{Path(code.co_filename).stem}.{code.co_qualname}" if code else ""
        self.waits[where, why] += 1


def _has_mask(tensors):
    return any(t.dtype in (torch.bool, torch.uint8) for t in tensors[1:])
