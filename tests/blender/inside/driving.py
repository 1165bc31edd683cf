"""Jobs on their way: the timer, cancelling, the engine's end, the command, the check."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import time
from pathlib import Path

import bpy
import helpers

ENGINE = "painting.py"
SECONDS = 60


def job(**words):
    """A job as the operator makes it."""
    make_task = helpers.module("synthesis.making").make_task
    task = make_task(bpy.context, helpers.options(**helpers.FAST | words))
    python = helpers.module("engine.choices").find_python(bpy.context)
    return helpers.module("engine.jobs").EngineJob(task, python, task.watch)


def until(condition) -> None:
    """Do what Blender's timer does until a condition holds."""
    jobs = helpers.module("engine.jobs")
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, jobs.latest
        jobs._on_timer()
        time.sleep(0.01)


def check_the_timer_finishes_a_job():
    jobs = helpers.module("engine.jobs")
    node = helpers.textured(helpers.load())
    work = job()
    jobs.start(work)
    assert jobs.current() is work
    fractions = []
    until(lambda: fractions.append(work.fraction) or work.ended)
    assert work.state is jobs.State.DONE and fractions == sorted(fractions)
    assert node.image.name == work.task.image_name == "bricks Texcore"
    assert jobs._on_timer() is None


def check_cancel_is_immediate_and_the_next_job_works():
    jobs = helpers.module("engine.jobs")
    node = helpers.textured(helpers.load())
    work = job(width=256, height=256, quality="high")
    jobs.start(work)
    until(lambda: work.state is jobs.State.RUNNING)
    bpy.ops.texcore.cancel()
    assert work.state is jobs.State.CANCELLED and node.image.name == "bricks.png"
    again = job()
    jobs.start(again)
    until(lambda: again.ended)
    assert again.state is jobs.State.DONE, again.message


def check_jobs_wait_for_their_turn():
    jobs = helpers.module("engine.jobs")
    node = helpers.textured(helpers.load())
    first, second, third = (job(seed=seed) for seed in range(3))
    for work in (first, second, third):
        jobs.start(work)
    assert jobs.queue == [first, second, third] and jobs.current() is first
    bpy.ops.texcore.cancel(which=1)
    assert second.state is jobs.State.CANCELLED
    until(lambda: first.ended)
    assert jobs.current() is third and third.state is jobs.State.QUEUED
    until(lambda: third.ended)
    # The second texture takes the place of the first, which was made of the same photo.
    assert node.image.name == third.task.image_name == "bricks Texcore.001"
    assert jobs.current() is None and not jobs.queue


def check_a_script_waits_for_those_before():
    jobs = helpers.module("engine.jobs")
    node = helpers.textured(helpers.load())
    first = job()
    jobs.start(first)
    assert bpy.ops.texcore.synthesize(**helpers.FAST, seed=1) == {"FINISHED"}
    assert first.state is jobs.State.DONE and node.image.name == "bricks Texcore.001"


def check_the_engine_rests_when_it_has_had_nothing_to_do():
    jobs = helpers.module("engine.jobs")
    helpers.textured(helpers.load())
    helpers.synthesize()
    assert jobs.engine.running and bpy.app.timers.is_registered(jobs._rest)
    work = job()
    jobs.start(work)
    jobs._rest()  # it never ends an engine that is at work
    until(lambda: work.ended)
    assert work.state is jobs.State.DONE, work.message
    jobs._rest()
    assert not jobs.engine.running
    preferences = bpy.context.preferences.addons[helpers.PACKAGE].preferences
    kept, preferences.rest_minutes = preferences.rest_minutes, 0
    try:
        helpers.synthesize(seed=1)
        assert not bpy.app.timers.is_registered(jobs._rest)
    finally:
        preferences.rest_minutes = kept


def check_an_engine_that_does_not_hear_a_cancel_is_killed():
    jobs = helpers.module("engine.jobs")
    helpers.textured(helpers.load())
    os.environ["TEXCORE_PYTHON"] = helpers.faulty_engine("deaf.py")
    work = job()
    jobs.start(work)
    until(lambda: work.state is jobs.State.RUNNING)
    start = time.monotonic()
    work.cancel()
    until(lambda: not jobs.engine.running)
    assert 2 < time.monotonic() - start < 8


def check_a_killed_engine_fails_the_job_and_the_next_one_starts_another():
    jobs = helpers.module("engine.jobs")
    node = helpers.textured(helpers.load())
    work = job(width=256, height=256, quality="high")
    jobs.start(work)
    until(lambda: work.state is jobs.State.RUNNING)
    jobs.engine._process.kill()
    until(lambda: work.ended)
    assert work.state is jobs.State.FAILED and "stopped unexpectedly" in work.message
    assert node.image.name == "bricks.png" and len(bpy.data.images) == 1
    assert helpers.synthesize() == node.image


def check_an_engine_that_died_idle_is_started_again():
    jobs = helpers.module("engine.jobs")
    node = helpers.textured(helpers.load())
    helpers.synthesize()
    jobs.engine._process.kill()
    jobs.engine._process.wait()
    assert helpers.synthesize(seed=1) == node.image


def check_a_weights_file_is_looked_for_where_the_user_is():
    os.environ["TEXCORE_PYTHON"] = helpers.ENGINE_PYTHON
    helpers.textured(helpers.load())
    folder = helpers.folder()
    (folder / "mine.pth").write_bytes(b"no weights")
    before = Path.cwd()
    os.chdir(folder)
    try:
        helpers.synthesize(weights="mine.pth")
    except RuntimeError as e:
        assert "“mine.pth” holds no VGG" in str(e), e
    else:
        raise AssertionError("the file was not read")
    finally:
        os.chdir(before)


def check_a_node_that_changed_meanwhile_is_left_alone():
    jobs = helpers.module("engine.jobs")
    node = helpers.textured(helpers.load())
    work = job()
    jobs.start(work)
    node.image = helpers.generated()
    until(lambda: work.ended)
    assert work.state is jobs.State.DONE and node.image.name == "painted"
    assert bpy.data.images["bricks Texcore"].use_fake_user


def check_loading_a_file_cancels():
    jobs = helpers.module("engine.jobs")
    helpers.textured(helpers.load())
    work = job(width=256, height=256, quality="high")
    jobs.start(work)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    assert work.state is jobs.State.CANCELLED
    until(lambda: not jobs.engine.cancelling)


def check_the_engine_stays_warm():
    jobs = helpers.module("engine.jobs")
    helpers.textured(helpers.load())
    helpers.synthesize()
    process = jobs.engine._process
    helpers.synthesize(seed=1)
    assert jobs.engine._process is process and process.poll() is None


def check_temporary_files_are_deleted():
    helpers.textured(helpers.generated())
    # A cancelled engine may have left a last preview.
    before = set(Path(bpy.app.tempdir).glob("texcore-*/job-*"))
    helpers.synthesize()
    assert set(Path(bpy.app.tempdir).glob("texcore-*/job-*")) == before
    assert len(list(Path(bpy.app.tempdir).glob("texcore-*"))) == 1  # that of this Blender


def check_check_engine():
    os.environ["TEXCORE_PYTHON"] = helpers.ENGINE_PYTHON
    assert bpy.ops.texcore.check_engine() == {"FINISHED"}
    check = helpers.module("engine.jobs").latest["doctor"].task
    assert check.ready and check.lines


def command(*words: str) -> tuple[int, str]:
    """Exit code and stderr of ``blender --command texcore`` with these words."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        code = helpers.module("operators.commands").run(words)
    return code, said.getvalue()


def check_command():
    helpers.textured(helpers.load())
    out = helpers.folder() / "out.blend"
    common = ["--material", "Bricks", "--quality", "draft", "--weights", "random"]
    code, said = command(*common, "--size", "32x48", "--seed", "3", "-o", str(out))
    assert code == 0, said
    bpy.ops.wm.open_mainfile(filepath=str(out))
    assert tuple(bpy.data.images["bricks Texcore"].size) == (32, 48)


def check_command_refuses_with_one_sentence():
    helpers.textured(helpers.load())
    out = str(helpers.folder() / "out.blend")
    for expected_code, words, expected in (
        (1, ["--material", "Wood", "-o", out], "no material named “Wood”"),
        (1, ["--image", "gone.png", "-o", out], "no image named “gone.png”, and no file"),
        (2, ["--size", "0", "-o", out], "The size is 0 × 0"),
        (2, ["--size", "big", "-o", out], "“big” is no size"),
        (2, ["--derive", "foo", "-o", out], "“foo” cannot be derived"),
        (2, ["-o", "/nowhere/out.blend"], "folder /nowhere does not exist"),
        (2, ["-o", out.replace(".blend", ".txt")], "does not end in .blend"),
        (2, ["--part", "3/2", "-o", out], "“3/2” is no part: use one such as 2/8"),
    ):
        code, said = command(*words)
        assert code == expected_code, (code, said)
        assert expected in said and len(said.strip().splitlines()) == 1, said
    assert not Path(out).exists()
    assert command("--quality", "best", "-o", out)[0] == 2
    assert command("--help")[0] == 0


def check_command_for_all_materials():
    photo = helpers.load()
    helpers.textured(photo)
    helpers.textured(helpers.generated(), "Painted")
    helpers.textured(photo, "Same")
    helpers.textured(None, "Plain")
    folder = helpers.folder()
    out, report = folder / "out.blend", folder / "report.json"
    common = ["--quality", "draft", "--weights", "random", "--size", "32", "-o", str(out)]
    code, said = command("--all", "--report", str(report), *common)
    assert code == 0, said
    results = json.loads(report.read_text())
    assert [(r["material"], r["image"]) for r in results] == [
        ("Bricks", "bricks Texcore"),
        ("Painted", "painted Texcore"),
        ("Same", "bricks Texcore"),
    ]
    assert all(r["ok"] and r["message"] for r in results) and "before" in results[2]["message"]
    bpy.ops.wm.open_mainfile(filepath=str(out))
    assert len([i for i in bpy.data.images if "texcore_recipe" in i]) == 2


def check_command_with_a_queue():
    helpers.textured(helpers.load())
    folder = helpers.folder()
    out, report, queue = folder / "out.blend", folder / "report.json", folder / "queue.json"
    common = ["--quality", "draft", "--weights", "random", "--size", "32", "-o", str(out)]
    common += ["--no-straighten"]
    items = [{"material": "Bricks", "seed": 4, "width": 48}, {"material": "Wood"}]
    queue.write_text(json.dumps(items))
    code, said = command("--queue", str(queue), "--report", str(report), *common)
    assert code == 1 and "[2/2] Wood: There is no material" in said, said
    good, bad = json.loads(report.read_text())
    assert good["ok"] and not bad["ok"] and "no material named “Wood”" in bad["message"]
    recipe = json.loads(bpy.data.images[good["image"]]["texcore_recipe"])
    assert recipe["size"] == [48, 32] and recipe["seed"] == 4 and not recipe["straighten"]
    assert out.exists()  # with what was made
    table = folder / "queue.csv"
    table.write_text("material,seed,keep_density\nBricks,4,no\nWood,5,yes\n")
    code, said = command("--queue", str(table), "--part", "2/2", "--report", str(report), *common)
    (only,) = json.loads(report.read_text())
    assert code == 1 and only["material"] == "Wood" and "Bricks" not in said, said


def check_command_refuses_a_queue_before_any_work():
    helpers.textured(helpers.load())
    folder = helpers.folder()
    queue, out = folder / "queue.json", str(folder / "out.blend")
    for text, expected in (
        ("{", "is not JSON"),
        ("[" * 5000 + "]" * 5000, "is nested deeper than"),
        ("{}", "is not a list"),
        ("[1]", "Item 1 of the queue is not an object"),
        ('[{"colour": 1}]', "has “colour”, which is none of material"),
        ('[{"seed": "1"}]', "has '1' as seed"),
    ):
        queue.write_text(text)
        code, said = command("--queue", str(queue), "-o", out)
        assert code == 2 and expected in said, (code, said)
    code, said = command("--queue", str(folder / "none.json"), "-o", out)
    assert code == 2 and "cannot be read" in said, said


def check_command_with_pictures_of_the_file_and_on_the_disk():
    photo = helpers.load()
    helpers.textured(photo)
    folder = helpers.folder()
    for seed, name in enumerate(("moss.png", "sand.png")):
        helpers.write_png(folder / name, helpers.picture(seed=seed)[..., :3])
    (folder / "notes.png").write_text("no picture")
    out, report, queue = folder / "out.blend", folder / "report.json", folder / "queue.json"
    items = [
        {"image": "moss.png"},
        {"image": photo.name, "mix": "sand.png", "mix_weight": 2},
        {"image": "gone.png"},
        {"image": "notes.png"},
    ]
    queue.write_text(json.dumps(items))
    common = ["--quality", "draft", "--weights", "random", "--size", "32", "-o", str(out)]
    code, said = command("--queue", str(queue), "--report", str(report), *common)
    assert code == 1, said
    moss, mixed, gone, notes = json.loads(report.read_text())
    assert moss["image"] == "moss Texcore" and mixed["image"] == "bricks Texcore", (moss, mixed)
    assert "no image named “gone.png”, and no file" in gone["message"], gone
    assert "notes.png" in notes["message"] and not notes["ok"], notes
    second = bpy.data.images[mixed["image"]]["texcore_mix"]
    assert bpy.path.basename(second.filepath) == "sand.png"
    code, said = command("--mix", str(folder / "sand.png"), *common)
    assert code == 0, said
    mask = str(folder / "moss.png")
    code, said = command("--mask", mask, "--target-mask", photo.name, *common)
    assert code == 0, said


def check_everything_an_artist_meets_is_described():
    """Names and descriptions of all operators, their properties and the panel's settings."""
    classes = {name: getattr(bpy.ops.texcore, name).get_rna_type() for name in dir(bpy.ops.texcore)}
    # Blender gives its own properties, those of file dialogs among them, no description.
    theirs = set(bpy.ops.export_scene.gltf.get_rna_type().properties.keys()) | {"directory"}
    bare = []
    for name, rna in classes.items():
        if not rna.name or not rna.description:
            bare.append(name)
        bare += [f"{name}.{p.identifier}" for p in rna.properties if undescribed(p, theirs)]
    settings = bpy.types.PropertyGroup.bl_rna_get_subclass_py("TexcoreSettings").bl_rna
    ours = set(settings.properties.keys()) - {"rna_type", "name"}
    bare += [name for name in ours if not settings.properties[name].description]
    assert not bare and len(classes) > 10, bare


def undescribed(prop, theirs: set[str]) -> bool:
    return not prop.description and not prop.is_hidden and prop.identifier not in theirs


def check_only_folders_that_are_nobody_s_are_cleared():
    folders, place = helpers.module("synthesis.folders"), helpers.module("engine_setup.place")
    root = helpers.folder()

    def make(name: str, owner: str = folders.OWNER) -> Path:
        path = root / name
        (path / "job-1").mkdir(parents=True)
        (path / "job-1" / "picture.png").write_bytes(b"picture")
        (path / owner).touch()
        return path

    dead = [make("texcore-dead"), make("blender_a1/texcore-dead")]
    living = [make("texcore-living"), make("blender_a2/texcore-living")]
    others = [
        make("texcore-of-an-artist", "notes.txt"),
        make("blender_a3/something", folders.OWNER),
        make("elsewhere"),
    ]
    link = root / "texcore-link"
    link.symlink_to(others[2], target_is_directory=True)
    odd = root / "texcore-file"
    odd.touch()
    with contextlib.ExitStack() as stack:
        for path in living:
            stack.enter_context(place.holding(path / folders.OWNER))
        folders.clear(root)
        assert not any(path.exists() for path in dead)
        kept = [path / "job-1" / "picture.png" for path in (*living, *others)]
        assert all(path.exists() for path in kept) and link.is_symlink() and odd.exists()
    folders.clear(root)
    assert not any(path.exists() for path in living)


def check_a_folder_that_was_deleted_is_made_anew():
    folders = helpers.module("synthesis.folders")
    with folders.make_folder() as name:
        assert Path(name).parent == folders._own[0]
    shutil.rmtree(folders._own[0])
    with folders.make_folder() as name:
        assert Path(name).is_dir() and (folders._own[0] / folders.OWNER).exists()
