"""How much memory a process plans with, and amounts of it in words."""

import pytest
import torch

from texcore.contract.errors import BadInput
from texcore.runtime import memory


@pytest.mark.parametrize(
    ("text", "count"),
    [("8GB", 8 * 10**9), ("1.5 gib", 3 * 2**29), ("512M", 512 * 10**6), ("4096", 4096)],
)
def test_amounts_are_read(text, count):
    assert memory.read_bytes(text) == count


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "8 elephants", "1e9", "٨GB"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(BadInput, match="is no amount of memory: use one such as 8GB"):
        memory.read_bytes(text)


def test_a_process_plans_with_its_share(monkeypatch):
    free = memory.free(torch.device("cpu"))
    monkeypatch.setattr(memory, "in_use", lambda: 3 * 10**8)
    try:
        memory.set_share(10**9)
        assert memory.free(torch.device("cpu")) in (7 * 10**8, free)
        memory.set_share(10**8)
        assert memory.free(torch.device("cpu")) == 0
    finally:
        memory.set_share(None)
