"""``blender --command texcore`` for whole materials; what fails stops no other."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import helpers
from driving import command
from material import kinds, loaded, wired

ENGINE = "painting.py"
COMMON = ("--quality", "draft", "--weights", "random", "--size", "48")


def files() -> tuple[Path, Path, Path]:
    """A file to write, a report and a queue in a new folder."""
    folder = helpers.folder()
    return folder / "out.blend", folder / "report.json", folder / "queue.json"


def named(name: str, **words: bpy.types.Image) -> bpy.types.Material:
    """A material with a name and maps."""
    material = wired(**words)
    material.name = name
    return material


def check_all_maps_of_one_material():
    named("Wall", base_color=loaded("base_color"), normal=loaded("normal"))
    out, report, _ = files()
    words = ("--material", "Wall", "--maps", "--report", str(report), *COMMON, "-o", str(out))
    code, said = command(*words)
    assert code == 0, said
    (row,) = json.loads(report.read_text())
    assert row["ok"] and row["image"] == "base_color Texcore" and "2 maps" in row["message"]
    assert row["maps"] == {"base_color": "base_color Texcore", "normal": "normal Texcore"}
    bpy.ops.wm.open_mainfile(filepath=str(out))
    assert kinds(bpy.data.materials["Wall"]) == row["maps"]


def check_derived_maps_are_named_and_mean_all_maps():
    named("Wall", base_color=loaded("base_color"), roughness=loaded("roughness"))
    out, report, _ = files()
    words = ("--derive", "roughness,normal,height", "--report", str(report))
    code, said = command("--material", "Wall", *words, *COMMON, "-o", str(out))
    assert code == 0, said
    (row,) = json.loads(report.read_text())
    assert row["maps"].keys() == {"base_color", "roughness", "normal", "height"}
    bpy.ops.wm.open_mainfile(filepath=str(out))
    assert kinds(bpy.data.materials["Wall"]) == row["maps"]
    assert row["maps"]["roughness"] == "roughness Texcore"  # its own


def check_every_material_and_one_that_fails():
    named("Wall", base_color=loaded("base_color"), normal=loaded("normal"))
    lost = loaded("roughness", "lost.png")
    named("Broken", base_color=loaded("base_color", "b.png"), roughness=lost)
    named("Wood", base_color=loaded("base_color", "wood.png"))
    Path(bpy.path.abspath(lost.filepath)).unlink()
    lost.reload()
    out, report, _ = files()
    code, said = command("--all", "--maps", "--report", str(report), *COMMON, "-o", str(out))
    assert code == 1 and "The file of “lost.png” is missing" in said, said
    rows = {row["material"]: row for row in json.loads(report.read_text())}
    assert {name: row["ok"] for name, row in rows.items()} == {
        "Broken": False,
        "Wall": True,
        "Wood": True,
    }
    assert rows["Broken"]["maps"] == {} and len(rows["Wall"]["maps"]) == 2
    bpy.ops.wm.open_mainfile(filepath=str(out))
    assert kinds(bpy.data.materials["Broken"])["base_color"] == "b.png"
    assert kinds(bpy.data.materials["Wall"])["normal"] == "normal Texcore"


def check_the_parts_of_all_materials_are_all_and_one_may_be_empty():
    for name in ("Gold", "Wall", "Wood"):
        named(name, base_color=loaded("base_color", f"{name}.png"))
    made = []
    for number in range(1, 5):
        out, report, _ = files()
        words = ("--all", "--part", f"{number}/4", "--report", str(report))
        code, said = command(*words, *COMMON, "-o", str(out))
        assert code == 0 and out.exists() == (number < 4), (number, said)
        assert ("No texture falls to part 4/4." in said) == (number == 4), said
        made.append([row["material"] for row in json.loads(report.read_text())])
    assert made == [["Gold"], ["Wall"], ["Wood"], []]


def check_a_queue_of_both():
    named("Wall", base_color=loaded("base_color"), normal=loaded("normal"))
    named("Wood", base_color=loaded("base_color", "wood.png"))
    named("Gold", base_color=loaded("base_color", "gold.png"))
    out, report, queue = files()
    items = [
        {"material": "Wall", "maps": True, "seed": 4},
        {"material": "Wood", "derive": "ao"},
        {"material": "Gold"},
        {"material": "Gold", "maps": True, "image": "gold.png"},
    ]
    queue.write_text(json.dumps(items))
    words = ("--queue", str(queue), "--report", str(report), *COMMON, "-o", str(out))
    code, said = command(*words)
    assert code == 1 and "[4/4] Gold: All maps of a material are made without" in said, said
    rows = json.loads(report.read_text())
    assert [row["ok"] for row in rows] == [True, True, True, False]
    assert [set(row["maps"]) for row in rows] == [
        {"base_color", "normal"},
        {"base_color", "ao"},
        set(),
        set(),
    ]
    assert json.loads(bpy.data.images[rows[0]["maps"]["normal"]]["texcore_recipe"])["seed"] == 4
    assert rows[2]["image"] == "gold Texcore"


def check_wrong_words_are_refused_before_any_work():
    named("Wall", base_color=loaded("base_color"))
    out, _, queue = files()
    queue.write_text('[{"derive": "gloss"}]')
    for words in (("--derive", "height,gloss"), ("--queue", str(queue))):
        code, said = command(*words, "-o", str(out))
        assert code == 2 and "“gloss” cannot be derived" in said, said
        assert len(said.strip().splitlines()) == 1 and not out.exists()
