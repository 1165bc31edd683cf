"""What a run asks of the device, held against PyTorch's own list of what Apple's GPUs can do.

There is no such device where this runs. So the operators of a run on the CPU are recorded, and each
must be one that this PyTorch has for MPS, on no number of 64 bits that floats.
"""

import re
from importlib import resources

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tests.making import bricks, vgg
from texcore.canvas import spectral
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar
from texcore.layout import arrangement, periods
from texcore.runtime import devices
from texcore.runtime.context import Context
from texcore.synthesis import plan
from texcore.synthesis.run import Synthesis

# Views and allocations, which no backend names for itself.
_BACKENDS = ("MPS", "CompositeExplicit", "CompositeImplicit", "ZeroTensor", "Meta")


@pytest.fixture(scope="module")
def dispatch():
    """By operator and overload the backends that PyTorch's list names, empty for a composite."""
    listed = resources.files("torchgen") / "packaged/ATen/native/native_functions.yaml"
    entries = re.split(r"\n(?=- func: )", listed.read_text(encoding="utf-8"))
    found = {}
    for entry in entries:
        name = re.match(r"- func: ([\w.]+)\(", entry)
        if name is None:
            continue
        delegate = re.search(r"structured_delegate: ([\w.]+)", entry)
        backends = re.search(r"\n  dispatch:\n((?:    .*\n?)+)", entry)
        found[name[1]] = (delegate and delegate[1], backends[1] if backends else "")
    return found


class Recorded(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.operators, self.wide = set(), set()

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        made = operator(*args, **(kwargs or {}))
        name = operator.name().removeprefix("aten::")
        self.operators.add(name)
        tensors = [
            t for t in (made if isinstance(made, (tuple, list)) else [made]) if t is not None
        ]
        wide = (torch.float64, torch.complex128)
        if any(isinstance(t, torch.Tensor) and t.dtype in wide for t in tensors):
            self.wide.add(name)
        return made


def lacking(operators, dispatch):
    missing = []
    for name in sorted(operators):
        delegate, backends = dispatch[name]
        if delegate:
            backends = dispatch[delegate][1]
        if backends and not any(word in backends for word in _BACKENDS):
            missing.append(name)
    return missing


def test_the_list_says_what_there_is_not(dispatch):
    assert lacking({"convolution", "_fft_r2c", "add.Tensor"}, dispatch) == []
    wanting = ["_upsample_bicubic2d_aa_backward", "linalg_eig"]
    assert lacking(set(wanting), dispatch) == wanting


@pytest.mark.slow
def test_a_run_asks_for_nothing_that_apples_gpus_lack(dispatch, monkeypatch):
    monkeypatch.setattr("texcore.synthesis.levels.FULL_EFFORT_SIDE", 1)
    # As it is on such a device: canvas, periods, lines and layout are the CPU's, sums are of 32
    # bits.
    monkeypatch.setattr(devices, "widest", lambda device: torch.float32)
    recorded = Recorded()

    def unrecorded(function):
        def done(*words):
            with torch.utils._python_dispatch._disable_current_modes():
                return function(*words)

        return done

    def unrecorded_steps(function):
        def done(*words):
            steps = function(*words)
            while True:
                with torch.utils._python_dispatch._disable_current_modes():
                    made = next(steps, None)
                if made is None:
                    return
                yield made

        return done

    for where, name in (
        (spectral.SpectralCanvas, "__init__"),
        (periods, "smooth"),
        (periods, "autocorrelate"),
        (plan, "straighten"),
        (arrangement, "describe_texels"),
    ):
        monkeypatch.setattr(where, name, unrecorded(getattr(where, name)))
    monkeypatch.setattr(arrangement, "_mend_best", unrecorded_steps(arrangement._mend_best))
    exemplar = Exemplar.of(torch.from_numpy(bricks(130, 150)))
    recipe = Recipe(size=(144, 128), quality="draft", tile="x")
    network = vgg()
    with recorded:
        context = Context(torch.device("cpu"), tile_side=64)
        run = Synthesis(exemplar, recipe, network, context)
        for _ in run.steps():
            pass
        run.preview(40)
        run.result()
    assert {"convolution", "_fft_r2c", "linalg_solve_triangular"} <= recorded.operators
    assert recorded.wide == set()
    assert lacking(recorded.operators, dispatch) == []
