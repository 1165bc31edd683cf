from dataclasses import replace

import numpy as np
import pytest

from tests.texcore.objects.making import make_box, make_plane, make_tube, write_obj
from texcore.contract.errors import BadInput, BadUnwrapping
from texcore.objects.mesh import Mesh, read_mesh


def test_an_object_comes_back_as_it_was_written(tmp_path):
    mesh = make_tube()
    read = read_mesh(write_obj(tmp_path / "tube.obj", mesh))
    assert len(read.positions) == len(mesh.positions)
    assert len(read.triangles) == len(mesh.triangles)

    def sort(m):
        rows = np.concatenate([m.positions[m.triangles], m.corners], 2).reshape(-1, 15)
        return rows[np.lexsort(rows.round(6).T)]

    assert np.allclose(sort(read), sort(mesh), atol=1e-6)


def test_normals_look_outwards():
    mesh = make_tube()
    normals = mesh.find_normals()
    outward = (mesh.positions * [1, 0, 1])[mesh.triangles]
    assert (np.einsum("nci,nci->nc", normals, outward) > 0.99).all()


def test_a_box_has_flat_faces():
    mesh = make_box(2, 1, 3)
    normals = mesh.find_normals()
    assert np.abs(normals).max(2) == pytest.approx(1)
    middles = mesh.positions[mesh.triangles].mean(1)
    assert (np.einsum("nci,ni->nc", normals, middles) > 0).all()


def test_what_hangs_together_is_one_shell():
    box, tube = make_box(), make_tube(1, 2, cuts=3)
    both = Mesh(
        np.concatenate([box.positions, tube.positions + 5]),
        np.concatenate([box.triangles, tube.triangles + len(box.positions)]),
        np.concatenate([box.corners, tube.corners]),
    )
    shells = both.find_shells()
    assert len(set(shells[:12])) == len(set(shells[12:])) == 1 and len(set(shells)) == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "is not unwrapped"),
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\n", "has no faces|cannot be read"),
        ("v 0 0 0\nv 1 0 0\nv 2 0 0\nvt 0 0\nvt 1 0\nvt 1 1\nf 1/1 2/2 3/3\n", "without area"),
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 3 0\nvt 1 1\nf 1/1 2/2 3/3\n", "leaves the square"),
        ("v 0 0 0\nv nan 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 1 1\nf 1/1 2/2 3/3\n", "no numbers"),
    ],
)
def test_what_is_of_no_use_is_refused_by_a_sentence(tmp_path, text, sentence):
    path = tmp_path / "odd.obj"
    path.write_text(text)
    with pytest.raises(BadInput, match=sentence):
        read_mesh(path)


def test_what_a_library_says_of_a_damaged_file_is_logged_and_not_told(tmp_path, caplog):
    path = tmp_path / "odd.glb"
    path.write_bytes(b"glTF, but not quite")
    with pytest.raises(BadInput) as raised:
        read_mesh(path)
    assert str(raised.value) == (
        "“odd.glb” cannot be read as an object: export it again, or in another format."
    )
    (line,) = (each for each in caplog.messages if "odd.glb" in each)
    assert "Error" in line


def test_an_unwrapping_of_no_use_is_told_from_other_errors(tmp_path):
    path = tmp_path / "odd.obj"
    path.write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    with pytest.raises(BadUnwrapping):
        read_mesh(path)
    path.write_text("v 0 0 0\nvt 0 0\nf 1/1 1/1 1/1\n")
    with pytest.raises(BadInput) as raised:
        read_mesh(path)
    assert not isinstance(raised.value, BadUnwrapping)


def test_too_many_triangles_are_refused(tmp_path, monkeypatch):
    path = write_obj(tmp_path / "tube.obj", make_tube())
    monkeypatch.setattr("texcore.objects.mesh.MAX_TRIANGLES", 100)
    with pytest.raises(BadInput, match=r"“tube” has 768 triangles, and 100 are the most"):
        read_mesh(path)


def test_a_digest_tells_objects_apart(tmp_path):
    mesh = make_tube()
    digest = read_mesh(write_obj(tmp_path / "a.obj", mesh)).digest()
    assert read_mesh(write_obj(tmp_path / "b.obj", mesh)).digest() == digest
    moved = replace(mesh, corners=mesh.corners * 0.9)
    for other in (moved, make_tube(radius=1.1)):
        assert read_mesh(write_obj(tmp_path / "c.obj", other)).digest() != digest


def test_what_is_no_object_is_refused_by_a_sentence(tmp_path):
    for name, sentence in (("a.stl", "no object that"), ("b.obj", "is not there")):
        with pytest.raises(BadInput, match=sentence):
            read_mesh(tmp_path / name)
    odd = tmp_path / "odd.glb"
    odd.write_bytes(b"glTF" + bytes(range(40)))
    with pytest.raises(BadInput, match="cannot be read as an object"):
        read_mesh(odd)


def test_a_plane_has_the_texture_the_right_way_up(tmp_path):
    mesh = read_mesh(write_obj(tmp_path / "plane.obj", make_plane(2, 1)))
    assert np.allclose(mesh.positions[mesh.triangles][..., :2], mesh.corners * [2, 1], atol=1e-6)
