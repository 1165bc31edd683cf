import pytest
import torch

from texcore.contract.errors import BadInput, Unavailable
from texcore.runtime import devices


def test_auto_takes_the_best_there_is(monkeypatch):
    here = {"cuda": False, "mps": False}
    monkeypatch.setattr(torch.cuda, "is_available", lambda: here["cuda"])
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: here["mps"])
    assert devices.choose().type == "cpu"
    here["mps"] = True
    assert devices.choose("auto").type == "mps"
    here["cuda"] = True
    assert devices.choose("auto").type == "cuda"
    assert devices.choose("cpu").type == "cpu"
    here["mps"] = False
    with pytest.raises(Unavailable, match="no mps device"):
        devices.choose("mps")


def test_a_name_that_is_none_is_refused():
    with pytest.raises(BadInput, match="“abacus” is no device: use auto, cuda, mps, cpu"):
        devices.choose("abacus")


def test_the_processor_is_described():
    assert "CPU cores" in devices.describe(torch.device("cpu"))


def test_precision_is_what_was_asked_for():
    cpu = torch.device("cpu")
    assert devices.precision("float32", cpu) == torch.float32
    assert devices.precision("bfloat16", cpu) == torch.bfloat16
    assert devices.precision("auto", cpu) in (torch.float32, torch.bfloat16)
    assert devices.precision("auto", torch.device("mps")) == torch.float32


def test_small_steps_take_one_thread_and_give_the_others_back(monkeypatch):
    seen = [2]
    monkeypatch.setattr(torch, "get_num_threads", lambda: seen[-1])
    monkeypatch.setattr(torch, "set_num_threads", seen.append)
    with pytest.raises(KeyError), devices.one_thread():
        raise KeyError
    assert seen == [2, 1, 2]
