import signal
import subprocess
import sys

import pytest

from tests.making import bricks, save_png
from tests.running import SECONDS, begin, command, environment
from texcore import pictures
from texcore.cli import main
from texcore.cli.train import _Interrupt
from texcore.contract.errors import Cancelled

SMALL = ("--patch", "32", "--batch", "2", "--device", "cpu")


@pytest.mark.slow
def test_train_and_synthesise_with_the_network(photos, monkeypatch, capsys):
    monkeypatch.chdir(photos.parent)
    (photos / "broken.jpg").write_bytes(b"")
    assert main(["train", "photos", "-o", "net", *SMALL, "--steps", "3"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("net.safetensors: 3 steps, ")
    assert out.endswith(" dB on held-out patches\n")
    assert "texcore: “broken.jpg” is left out" in err
    save_png(photos.parent / "exemplar.png", bricks(48, 48))
    words = ("synthesize", "exemplar.png", "--model", "gap", "--quality", "draft", "--size", "32")
    assert main([*words, "-o", "out.png", "--features", "net.safetensors"]) == 0
    assert ", autoencoder-" in capsys.readouterr().out
    # The recipe names the network, which is kept for it.
    (photos.parent / "net.safetensors").unlink()
    assert main([*words, "-o", "again.png", "--recipe", "out.png"]) == 0
    made = [(photos.parent / name).read_bytes() for name in ("out.png", "again.png")]
    assert made[0] == made[1]
    assert pictures.read_recipe(photos.parent / "out.png").network.startswith("autoencoder-")


def test_a_mistake_ends_in_one_sentence(photos, monkeypatch, capsys):
    monkeypatch.chdir(photos.parent)
    assert main(["train", "gone", "-o", "net.safetensors"]) == 1
    assert capsys.readouterr() == ("", "texcore: The folder “gone” is not there: check the path.\n")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_interrupted_it_keeps_what_it_has_learnt(photos, home, tmp_path, name):
    net = tmp_path / "net.safetensors"
    process = begin(
        command("train", photos, "-o", net, *SMALL, "--steps", 100_000),
        env=environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        assert "Step 1," in process.stderr.readline()
        process.send_signal(getattr(signal, name))
        out, err = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    assert (process.returncode, out) == (130, "")
    assert "--resume goes on.\n" in err
    assert "Traceback" not in err
    assert net.exists()
    # One step more than are made already is enough to see that it goes on.
    steps = int(err.rsplit("stopped after ", 1)[1].split()[0])
    assert main(["train", str(photos), "-o", str(net), "--resume", "--steps", str(steps + 1)]) == 0


def test_a_second_interrupt_ends_at_once():
    with _Interrupt() as interrupt:
        with pytest.raises(Cancelled, match="nothing was written"):
            signal.raise_signal(signal.SIGINT)
        interrupt.something_to_keep = True
        signal.raise_signal(signal.SIGINT)
        assert interrupt.asked
        with pytest.raises(Cancelled, match="last checkpoint"):
            signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
