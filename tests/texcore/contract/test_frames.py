from dataclasses import replace

import pytest

from texcore.contract import frames
from texcore.contract.errors import BadInput
from texcore.contract.frames import PIECE_BYTES, Receiver
from texcore.contract.hosts import check_host
from texcore.contract.jobs import Companions, Job
from texcore.contract.messages import ProtocolError

CONTENTS = [b"", b"x", b"a" * PIECE_BYTES, bytes(range(256)) * 4000]


@pytest.mark.parametrize("content", CONTENTS, ids=len)
@pytest.mark.parametrize("suffix", [".png", ".npy"])
def test_a_file_comes_as_it_was_sent(tmp_path, content, suffix):
    source = tmp_path / f"a{suffix}"
    source.write_bytes(content)
    receiver = Receiver(lambda name: tmp_path / "there" / name)
    paths = [receiver.take(frame) for frame in frames.cut(source, f"0/a{suffix}")]
    assert paths[:-1] == [None] * (len(paths) - 1)
    assert paths[-1].read_bytes() == content
    assert [path.name for path in paths[-1].parent.iterdir()] == [f"a{suffix}"]


@pytest.mark.parametrize(
    "change",
    [
        {"at": 1},
        {"checksum": "0" * 64},
        {"data": "!"},
        {"data": "YWJjZGVm"},
        {"packed": True},
        {"size": -1},
        {"name": "../a"},
    ],
)
def test_what_is_not_what_was_sent_leaves_nothing(tmp_path, change):
    source = tmp_path / "a.png"
    source.write_bytes(b"abc")
    (frame,) = frames.cut(source, "0/a.png")
    with pytest.raises(ProtocolError):
        Receiver(lambda name: tmp_path / "there" / name).take(replace(frame, **change))
    there = tmp_path / "there"
    assert not [path for path in there.rglob("*") if path.is_file()]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.png"]


@pytest.mark.parametrize(
    "name",
    ["a", "/etc/passwd", "0/../a", "0/..", "0/.owner", "0/a/b", "0/a\\b", "0/C:", "run/a", ""],
)
def test_no_name_leads_out_of_the_folder(name):
    with pytest.raises(ProtocolError, match="is no name"):
        frames.check_name(name)


def test_every_file_of_a_job_has_a_name_and_no_path_goes_along(tmp_path):
    picture = tmp_path / "my bark.png"
    beside = Companions(
        mix=[{"picture": picture}], mask=picture, regions={"a": {"picture": picture}}
    )
    job = Job.of_picture(
        picture, tmp_path / "new.png", preview=tmp_path / "p.npy", companions=beside
    )
    cargo = frames.load(replace(job, weights=str(tmp_path / "own.pth")))
    assert str(tmp_path) not in str(cargo.job)
    assert set(cargo.inputs.values()) == {picture, tmp_path / "own.pth"}
    assert list(cargo.outputs.values()) == [tmp_path / "new.png"]
    assert list(cargo.previews.values()) == [tmp_path / "p.npy"]
    with pytest.raises(BadInput, match="on this computer only"):
        frames.load(replace(job, companions=Companions(parts=tmp_path)))


def test_an_object_and_a_mask_of_what_is_repaired_go_along(tmp_path):
    picture, thing, mask = (tmp_path / name for name in ("bark.png", "head.ply", "mask.png"))
    job = Job.of_picture(
        picture, tmp_path / "new.png", object=thing, companions=Companions(repair=mask)
    )
    cargo = frames.load(job)
    assert set(cargo.inputs.values()) == {picture, thing, mask}
    assert cargo.inputs[str(cargo.job.object)] == thing
    assert cargo.inputs[str(cargo.job.companions.repair)] == mask


@pytest.mark.parametrize("host", ["studio", "render@studio", "10.0.0.3", "a-b.example.org"])
def test_names_of_computers(host):
    assert check_host(host) == host


@pytest.mark.parametrize(
    "host", ["", "-oProxyCommand=x", "a b", "a;b", "$(x)", "-a@b", "a@-b", "a\nb", "a'b", "ü"]
)
def test_what_is_no_name_of_a_computer_is_refused(host):
    with pytest.raises(BadInput, match="no name of a computer"):
        check_host(host)
