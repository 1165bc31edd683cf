import os
from dataclasses import replace
from unittest.mock import Mock

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.making import load_png, relief, save_png
from texcore import pictures
from texcore.contract.errors import BadInput, Cancelled
from texcore.contract.files import path_beside
from texcore.contract.jobs import Job, MapFiles
from texcore.contract.leftovers import OLD
from texcore.contract.recipe import Recipe
from texcore.pictures import Picture, together, writing
from texcore.service import pipeline
from texcore.service.checkpoint import Checkpoint
from texcore.service.material import name_outputs, read_material

DRAFT = Recipe(size=(40, 36), quality="draft")


pytestmark = pytest.mark.usefixtures("thin")


@pytest.fixture
def maps(tmp_path):
    """Maps of different formats, depths, channels and sizes."""
    made = relief(48, 48)
    folder = tmp_path / "in"
    folder.mkdir()
    pictures.write(folder / "r.tif", Picture(made["roughness"][:, ::2, ::2].copy(), "uint16"))
    pictures.write(folder / "h.exr", Picture(made["height"] * 4 - 1, "float", linear=True))
    return {
        "base_color": save_png(folder / "c.png", made["base_color"]),
        "normal": save_png(folder / "n.png", made["normal"]),
        "roughness": folder / "r.tif",
        "height": folder / "h.exr",
    }


def _ended(run):
    """What a run has made."""
    while True:
        try:
            next(run)
        except StopIteration as stop:
            return stop.value


def finish(job):
    run = pipeline.run(job)
    count = 0
    while True:
        try:
            next(run)
            count += 1
        except StopIteration as stop:
            return stop.value, count


def job(maps, tmp_path, recipe=DRAFT, **more):
    folder = tmp_path / "out"
    folder.mkdir(exist_ok=True)
    outputs = name_outputs(folder, maps)
    previews = more.pop("preview", None)
    files = {
        kind: MapFiles(path, outputs[kind], previews and previews / f"{kind}.npy")
        for kind, path in maps.items()
    }
    return Job(files, recipe, **{"weights": "random", **more})


def outputs_of(made):
    return {kind: map.output for kind, map in made.maps.items()}


@pytest.mark.slow
def test_each_map_is_written_in_its_own_format(maps, tmp_path):
    made, count = finish(job(maps, tmp_path, Recipe(size=(64, 48), quality="draft")))
    assert count == made.evaluations + 2  # a first patchwork and the layout, to be seen before
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "base_color.png",
        "normal.png",
        "roughness.tif",
        "height.exr",
    }
    read = {id: pictures.read(path) for id, path in outputs_of(made).items()}
    assert {id: p.pixels.shape for id, p in read.items()} == {
        "base_color": (3, 48, 64),
        "normal": (3, 48, 64),
        "roughness": (1, 24, 32),
        "height": (1, 48, 64),
    }
    assert {id: p.depth for id, p in read.items()} == {
        "base_color": "uint8",
        "normal": "uint16",
        "roughness": "uint16",
        "height": "float",
    }
    n = read["normal"].pixels * 2 - 1
    assert np.abs(np.linalg.norm(n, axis=0) - 1).mean() < 1e-3 and n[2].min() >= 0
    old = relief(48, 48)
    assert read["height"].pixels.min() >= -1 and read["height"].pixels.max() <= 3
    assert read["height"].pixels.min() < -0.5 and read["height"].pixels.max() > 2.5
    assert abs(read["base_color"].pixels.mean() - old["base_color"].mean()) < 0.05


@pytest.mark.slow
def test_maps_belong_together(maps, tmp_path):
    made, _ = finish(job(maps, tmp_path, Recipe(size=(96, 96), quality="standard")))
    colour = pictures.read(outputs_of(made)["base_color"]).pixels.mean(0)
    height = pictures.read(outputs_of(made)["height"]).pixels[0]
    old = relief(48, 48)
    expected = np.corrcoef(old["base_color"].mean(0).ravel(), old["height"][0].ravel())[0, 1]
    assert expected < -0.5
    assert np.corrcoef(colour.ravel(), height.ravel())[0, 1] < 0.8 * expected


@pytest.mark.slow
def test_every_recipe_makes_the_whole_set_again(maps, tmp_path):
    made, _ = finish(job(maps, tmp_path, Recipe(quality="draft", seed=3)))
    first = {id: pictures.read(path).pixels for id, path in outputs_of(made).items()}
    for id, path in outputs_of(made).items():
        recipe = pictures.read_recipe(path)
        assert recipe == made.maps[id].recipe
        assert recipe.maps == "base_color,normal,roughness,height" and recipe.seed == 3
        assert recipe.size == (48, 48)
    assert (
        made.maps["normal"].recipe.encoding == "data"
        and made.maps["normal"].recipe.bit_depth == "16"
    )
    recipe = pictures.read_recipe(outputs_of(made)["base_color"])
    again, _ = finish(job(maps, tmp_path, Recipe(**{**vars(recipe), "bit_depth": "auto"})))
    for id, path in outputs_of(again).items():
        assert np.array_equal(pictures.read(path).pixels, first[id])
    assert again.notes == made.notes


@pytest.mark.slow
def test_colours_of_light_are_written_as_light(maps, tmp_path):
    linear = tmp_path / "in" / "c.exr"
    light = pictures.from_display(relief(48, 48)["base_color"], 1.0) * 2
    pictures.write(linear, Picture(light, "half", linear=True))
    made, _ = finish(job({**maps, "base_color": linear}, tmp_path))
    new = pictures.read(outputs_of(made)["base_color"])
    assert new.linear and new.depth == "half"
    assert abs(new.pixels.mean() - light.mean()) < 0.1 * light.mean()


def test_data_in_exr_is_not_taken_for_light(maps, tmp_path):
    made, _ = finish(job({"height": maps["height"]}, tmp_path))
    assert outputs_of(made)["height"].suffix == ".exr"
    new = pictures.read(outputs_of(made)["height"]).pixels
    old = pictures.read(maps["height"]).pixels
    assert abs(new.mean() - old.mean()) < 0.15


def test_all_are_written_or_none(maps, tmp_path, monkeypatch):
    task = job(maps, tmp_path)
    task.maps["normal"].output.write_bytes(b"old")
    real, calls = pictures.write, []

    def fail(path, *rest, **named):
        calls.append(path)
        if len(calls) == 3:
            raise BadInput("no room")
        real(path, *rest, **named)

    monkeypatch.setattr(pictures, "write", fail)
    with pytest.raises(BadInput, match="no room"):
        finish(task)
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["normal.png"]
    assert task.maps["normal"].output.read_bytes() == b"old"


def test_files_already_replaced_are_put_back(tmp_path, monkeypatch):
    paths = [tmp_path / f"{i}.png" for i in range(3)]
    paths[0].write_bytes(b"old")
    picture = Picture(np.zeros((1, 20, 20), np.float32), "uint8")
    real = type(tmp_path).replace

    def fail(self, target):
        if target == paths[2] and ".whole" in self.name:
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(type(tmp_path), "replace", fail)
    with pytest.raises(BadInput, match="No space left on device"):
        together.write_all([(path, picture, Recipe()) for path in paths])
    assert [p.name for p in tmp_path.iterdir()] == ["0.png"]
    assert paths[0].read_bytes() == b"old"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError("9 of 16 bytes written"), "9 of 16 bytes written"),
        (OSError(), "no reason was given"),
    ],
)
def test_what_cannot_be_written_has_the_name_and_the_reason_that_one_knows(
    tmp_path, monkeypatch, error, reason
):
    paths = [tmp_path / f"{i}.png" for i in range(2)]
    picture = Picture(np.zeros((1, 20, 20), np.float32), "uint8")

    def reserve(path, size):
        if ".1." in path.name:
            raise error
        path.touch()

    monkeypatch.setattr(writing, "_reserve", reserve)
    with pytest.raises(BadInput) as refusal:
        together.write_all([(path, picture, Recipe()) for path in paths])
    assert str(refusal.value) == f"“{paths[1]}” cannot be written: {reason}."
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_of_a_material_is_cleared_or_put_back(maps, tmp_path, monkeypatch):
    task = job(maps, tmp_path)
    normal, height = (task.maps[kind].output for kind in ("normal", "height"))
    monkeypatch.setattr(os, "getpid", lambda: 2**31 - 1)  # no system has so many
    aside, left = path_beside(normal, OLD), path_beside(height, "whole")
    monkeypatch.undo()
    aside.write_bytes(b"the artist's")
    left.write_bytes(b"half of a new one")
    read_material(task)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["normal.png"]
    assert normal.read_bytes() == b"the artist's"


def test_a_cancel_leaves_nothing(maps, tmp_path):
    run = pipeline.run(job(maps, tmp_path))
    next(run)
    run.close()
    assert not list((tmp_path / "out").iterdir())


def test_previews_of_all_maps_that_eight_bits_hold(maps, tmp_path):
    previews = tmp_path / "previews"
    previews.mkdir()
    flat = save_png(tmp_path / "in" / "flat.png", np.full((1, 48, 48), 0.5, np.float32))
    run = pipeline.run(job({**maps, "metallic": flat}, tmp_path, preview=previews))
    assert next(run).previewed
    run.close()
    # The height goes from -1 to 3, and what is flat stays as it is.
    assert sorted(p.stem for p in previews.iterdir()) == ["base_color", "normal", "roughness"]
    rows = {p.stem: np.load(p) for p in previews.iterdir()}
    assert {r.shape for r in rows.values()} == {(36, 40, 4)} and rows["base_color"].dtype == "uint8"
    assert rows["roughness"][..., 0].std() > 2
    assert (rows["roughness"][..., 0] == rows["roughness"][..., 1]).all()
    n = rows["normal"][..., :3] / 127.5 - 1
    assert np.abs(np.linalg.norm(n, axis=2) - 1).mean() < 0.02


@pytest.mark.slow
def test_stopped_and_gone_on_with_they_are_the_very_same_maps(maps, tmp_path, monkeypatch):
    monkeypatch.setattr(Checkpoint, "INTERVAL", 0.0)
    monkeypatch.setattr("texcore.service.checkpoint._LARGEST_SHARE", 1e9)
    whole, _ = finish(job(maps, tmp_path))
    first = {id: pictures.read(path).pixels for id, path in outputs_of(whole).items()}
    for path in outputs_of(whole).values():
        path.unlink()
    kept = {"checkpoint": tmp_path / "out" / "maps"}
    run = pipeline.run(job(maps, tmp_path, **kept))
    for _ in range(7):  # a first patchwork, the layout, and five evaluations
        next(run)
    with pytest.raises(Cancelled, match=r"“maps.checkpoint” keeps what was done"):
        run.throw(KeyboardInterrupt)
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["maps.checkpoint"]
    other = job(maps, tmp_path, replace(DRAFT, seed=5), **kept, resume=True)
    with pytest.raises(BadInput, match="belongs to a run with another exemplar"):
        finish(other)
    made, count = finish(job(maps, tmp_path, **kept, resume=True))
    assert count == made.evaluations - 5
    assert "Gone on after 5 evaluations." in made.notes
    for id, path in outputs_of(made).items():
        assert np.array_equal(pictures.read(path).pixels, first[id]), id
    assert not (tmp_path / "out" / "maps.checkpoint").exists()


@pytest.mark.slow
def test_in_tiles_they_are_the_same_maps(maps, tmp_path, monkeypatch):
    monkeypatch.setattr("texcore.synthesis.levels.FULL_EFFORT_SIDE", 1)
    recipe = Recipe(size=(96, 96), quality="draft", precision="float32")
    made = []
    for side in (None, 48):
        calls = Mock()
        done = _ended(pipeline.run(job(maps, tmp_path, recipe, tile_side=side), check=calls))
        read = {id: pictures.read(path).pixels for id, path in outputs_of(done).items()}
        made.append((read, calls.call_count))
    (whole, calls), (tiled, more) = made
    assert more > calls + done.evaluations  # before each tile it may be stopped
    for id in maps:
        off = np.abs(whole[id] - tiled[id])
        assert off.max() < (0.02 if id != "height" else 0.08), id


@pytest.mark.slow
def test_maps_of_other_proportions_are_said(maps, tmp_path):
    wide = save_png(tmp_path / "wide.png", relief(32, 48)["roughness"])
    made, _ = finish(job({**maps, "roughness": wide}, tmp_path))
    assert any("roughness is of other proportions" in note for note in made.notes)
    assert load_png(outputs_of(made)["roughness"]).shape == (round(36 * 32 / 48), 40)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"colour": "c.png"}, "no kind of map"),
        ({"normal": "none.png"}, "is not there"),
        ({"normal": "flat.png"}, "of one value throughout"),
        ({"base_color": "flat.png"}, "of one value throughout"),
        ({"picture": "flat.png"}, "“flat.png” is of one colour all over"),
        ({"picture": "jpeg.png"}, "“jpeg.png” is of one colour all over"),
        ({}, "There is no map"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path, wrong, said):
    save_png(tmp_path / "c.png", relief(48, 48)["base_color"])
    save_png(tmp_path / "flat.png", np.full((3, 20, 20), 0.5, np.float32))
    traces = np.random.default_rng(0).integers(100, 103, (3, 20, 20)) / 255
    save_png(tmp_path / "jpeg.png", traces.astype(np.float32))
    with pytest.raises(BadInput) as e:
        finish(job({id: tmp_path / name for id, name in wrong.items()}, tmp_path))
    assert said in str(e.value)


def test_an_output_is_no_exemplar_and_no_other_output(maps, tmp_path):
    outputs = name_outputs(tmp_path, maps)

    def job_with(normal):
        new = {**outputs, "normal": normal}
        return Job({kind: MapFiles(path, new[kind]) for kind, path in maps.items()}, DRAFT)

    with pytest.raises(BadInput, match="exemplar itself"):
        finish(job_with(maps["base_color"]))
    with pytest.raises(BadInput, match="would both go into"):
        finish(job_with(outputs["base_color"]))


def test_sixteen_bits_come_back_bit_by_bit(tmp_path):
    """What Blender or a pipeline wrote with 16 bits is read and written without loss."""
    rows = np.random.default_rng(0).integers(0, 65536, (20, 24, 3)).astype(np.uint16)
    for name in ("a.png", "a.tif"):
        out = oiio.ImageOutput.create(str(tmp_path / name))
        out.open(str(tmp_path / name), oiio.ImageSpec(24, 20, 3, "uint16"))
        out.write_image(rows)
        out.close()
        picture = pictures.read(tmp_path / name)
        pictures.write(tmp_path / f"b{name}", picture)
        again = oiio.ImageInput.open(str(tmp_path / f"b{name}"))
        assert np.array_equal(again.read_image("uint16"), rows)
        again.close()


KIND_NAMES = ("picture", "base_color", "normal", "normal_dx", "height", "roughness", "ao", "x", "7")


@given(
    st.dictionaries(
        st.sampled_from(KIND_NAMES),
        st.tuples(st.sampled_from(["c.png", "n.png", "h.exr", "gone.png"]), st.integers(0, 3)),
        max_size=4,
    ),
    st.dictionaries(st.sampled_from(KIND_NAMES[1:]), st.integers(0, 5), max_size=3),
    st.booleans(),
    st.sampled_from(["auto", "8", "float"]),
)
@settings(
    deadline=None,
    derandomize=True,
    max_examples=150,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_job_is_read_or_refused_by_one_sentence(maps, tmp_path, given_, derive, first, depth):
    outputs = [tmp_path / name for name in ("a.png", "b.exr", "c.tif", "d.jpg", "e.png", "f.gif")]
    files = {
        kind: MapFiles(tmp_path / "in" / name, outputs[n], bit_depth=depth)
        for kind, (name, n) in given_.items()
    }
    job = Job(files, DRAFT, {kind: outputs[n] for kind, n in derive.items()}, first)
    try:
        material = read_material(job)
    except BadInput as refusal:
        assert str(refusal).isprintable()
    else:
        assert set(material.depths) == set(material.maps) >= set(files)
