"""torchvision is imported beside any build of PyTorch, and only where it is needed."""

import subprocess
import sys

import pytest

from tests.running import ROOT, SECONDS
from texcore.contract.errors import Unavailable
from texcore.features import torchvision_import
from texcore.features.torchvision_import import declare_operators, import_torchvision

WITHOUT_LIBRARY = """
import torch
def refuse(path):
    raise OSError("libcudart.so.13: cannot open shared object file")
torch.ops.load_library = refuse
"""
WITH_OPERATORS = """
import torch
library = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    library.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.impl(name, lambda dets, scores, iou_threshold: scores + iou_threshold, "CPU")
"""
IMPORTED = """
from texcore.features import torchvision_import
vision = torchvision_import.import_torchvision()
assert vision is torchvision_import.import_torchvision()
assert vision.extension is not None
with torch.device("meta"):
    assert len(vision.models.vgg16(weights=None).features) == 31
print(torchvision_import._library.cache_info().currsize, "libraries")
"""


def python(*parts):
    """Run code in a process of its own, in which every warning is an error."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(parts)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


@pytest.mark.slow
def test_where_the_operators_are_missing_they_are_declared():
    # So it is without the help; and what such an import leaves behind does no harm.
    plain = python(
        WITHOUT_LIBRARY,
        "try:\n    import torchvision\nexcept RuntimeError as e:\n    print(e)",
        IMPORTED,
        "torch.ops.torchvision.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)",
    )
    assert plain.stdout == "operator torchvision::nms does not exist\n1 libraries\n"
    # Whoever calls one is told that it has no code.
    assert "NotImplementedError: Could not run 'torchvision::nms'" in plain.stderr


@pytest.mark.slow
def test_where_the_operators_are_there_nothing_is_done():
    done = python(
        WITH_OPERATORS,
        IMPORTED,
        "print(torch.ops.torchvision.nms(torch.zeros(1, 4), torch.zeros(1), 0.5).item())",
    )
    assert done.stderr == ""
    assert done.stdout == "0 libraries\n0.5\n"


def test_here_it_can_be_used():
    vision = import_torchvision()
    assert vision.models.VGG19_Weights.IMAGENET1K_V1.url.endswith("/vgg19-dcbb9e9d.pth")
    assert declare_operators() == ()


def test_where_it_is_missing_a_sentence_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(
        Unavailable, match=r"package torchvision cannot be used .*set the engine up"
    ):
        import_torchvision.__wrapped__()


def test_where_it_fails_in_another_way_the_sentence_says_how(monkeypatch):
    def fail(name):
        raise RuntimeError("compiled with different CUDA major versions.\nand more")

    import_torchvision()
    monkeypatch.setattr(torchvision_import.importlib, "import_module", fail)
    with pytest.raises(Unavailable, match=r"\(compiled with different CUDA major versions\): set"):
        import_torchvision.__wrapped__()
