"""Every word that an artist reads has its German, and no German is without a word."""

from __future__ import annotations

import ast
import re
import string
from functools import partial
from pathlib import Path
from unittest import mock

import bpy
import drawing
import helpers
import udim

ENGINE = "painting.py"
ASKED = {"iface_", "tip_", "rpt_", "poll_message_set"}


def table() -> dict[tuple[str, str], str]:
    return helpers.module("translations.registering").table()["de_DE"]


def source() -> Path:
    return helpers.module("add_on").FOLDER


def of_rna(rna: bpy.types.bpy_struct) -> set[tuple[str, str]]:
    """Names and descriptions of properties, and of their values."""
    found = set()
    inherited = {p.identifier for p in rna.base.properties} if rna.base else set()
    for prop in rna.properties:
        if prop.is_hidden or prop.identifier in inherited | {"rna_type"}:
            continue
        context = prop.translation_context
        found |= {(context, prop.name), ("*", prop.description)}
        if prop.type == "ENUM":
            found |= {(context, item.name) for item in prop.enum_items}
            found |= {("*", item.description) for item in prop.enum_items}
    return {(context, word) for context, word in found if word}


def registered() -> set[tuple[str, str]]:
    """Everything that Blender knows of Texcore's classes."""
    found = set()
    for name in dir(bpy.types):
        if not name.startswith("TEXCORE_"):
            continue
        cls = getattr(bpy.types, name)
        if issubclass(cls, bpy.types.Operator):
            rna = getattr(bpy.ops.texcore, name.partition("_OT_")[2]).get_rna_type()
            found |= {("Operator", rna.name), ("*", rna.description)} | of_rna(rna)
        else:
            found.add(("*", getattr(cls, "bl_label", "")))
    preferences = helpers.module("add_on").get_preferences(bpy.context)
    found |= of_rna(bpy.context.scene.texcore.bl_rna) | of_rna(preferences.bl_rna)
    return {(context, word) for context, word in found if word}


def written() -> tuple[set[tuple[str, str]], set[str]]:
    """Words that are drawn, by their calls; and all strings of the sources."""
    drawn, strings = set(), set()
    files = [
        f for f in source().rglob("*.py") if f.name != "german.py" and "bundled" not in f.parts
    ]
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            strings.add(node.value)
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        context = "Operator" if name in ("operator", "operator_menu_enum") else "*"
        given = [k.value for k in node.keywords if k.arg == "text"]
        if name in ASKED:
            given += node.args[:1]
        for value in given:
            drawn |= {
                (context, choice.value)
                for choice in list_choices(value)
                if isinstance(choice, ast.Constant)
                and isinstance(choice.value, str)
                and choice.value
            }
    return drawn, strings


def list_choices(value: ast.expr) -> list[ast.expr]:
    """What may be drawn, of “a if b else c if d else e” a, c and e."""
    if not isinstance(value, ast.IfExp):
        return [value]
    return [*list_choices(value.body), *list_choices(value.orelse)]


def check_every_word_is_translated():
    missing = (registered() | written()[0]) - set(table())
    assert not missing, sorted(missing)


def check_words_that_are_drawn_by_name_are_translated():
    steps = helpers.module("engine_setup.steps")
    program = ast.parse((source() / "engine_setup" / "__main__.py").read_text("utf-8"))
    constants = {
        node.value.value
        for node in program.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        if isinstance(node.value.value, str)
    }
    words = {title for _, title in steps.STEPS.values()} | constants
    words |= {steps.READY, steps.WEIGHTS_READY, steps.WITHOUT_WEIGHTS, steps.WITHOUT_CARD}
    words |= {sentence for _, sentence, _ in helpers.module("engine_setup.programs")._CAUSES}
    words |= set(helpers.module("interface.set_up_panel")._CARDS.values())
    words |= set(helpers.module("interface.preferences")._DEVICES.values())
    words |= {
        helpers.module("engine.setup_state").INTERRUPTED,
        helpers.module("operators.set_up").OFFLINE,
    }
    words |= list_parts()
    assert not words - {word for _, word in table()}, words


def list_parts() -> set[str]:
    """What the parts of the panel are called."""
    return {part.label for part in helpers.module("bundled.texcore.contract.panel").Section} - {""}


def check_nothing_is_translated_that_is_not_there():
    known = {word for _, word in registered()} | written()[1]
    known |= set(helpers.module("bundled.texcore.contract.sentences").SENTENCES) | list_parts()
    extra = {word for _, word in table()} - known
    assert not extra, sorted(extra)


def check_what_goes_wrong_is_said_in_german():
    """In the panel before the press, in its box afterwards, and by operators."""
    synthesizing = helpers.module("operators.synthesizing")
    saying, jobs = helpers.module("engine.saying"), helpers.module("engine.jobs")
    with drawing.in_german():

        def shown() -> str:
            return " ".join(word.shown for word in drawing.draw_panel())

        assert "Es ist kein Material aktiv: ein Objekt auswählen," in shown(), shown()
        node = helpers.textured(helpers.load(size=64))
        node.image = bpy.data.images.new("tiny", 8, 8)
        reported = mock.Mock()
        done = synthesizing.begin_synthesis(reported, bpy.context, helpers.options, wait=True)
        assert done == {"CANCELLED"}
        reported.report.assert_called_once_with(
            {"ERROR"}, "„tiny“ hat 8 × 8 Pixel: Eine Textur braucht mindestens 16 × 16."
        )
        said = reported_wrong("operators.results", "TEXCORE_OT_assign", image="tiny", to="NODE")
        assert said.startswith("„tiny“ ist keine Textur, die Texcore gemacht hat: zuerst"), said
        node.image = helpers.load()
        failed = jobs.EngineJob(mock.Mock(method="synthesize", expected=None), None)
        failed._end(
            jobs.State.FAILED,
            "900 × 900 takes 2.1 GB of memory and only 1.0 GB are free: close other programs.",
        )
        with mock.patch.object(jobs, "latest", {"synthesize": failed}):
            assert "und nur 1.0 GB sind frei: andere Programme schließen." in shown(), shown()
    assert saying.say("The image is gone.") == "The image is gone."


def check_how_a_set_up_failed_and_what_a_check_finds_is_said_in_german():
    """In the panel and in the preferences, which show both."""
    state, jobs = helpers.module("engine.setup_state"), helpers.module("engine.jobs")
    explained = helpers.module("engine_setup.programs").explained
    progress = helpers.module("engine_setup.place").SetUpProgress
    with drawing.not_set_up(), drawing.in_german():
        failed = str(explained("error: No space left on device (os error 28)", "installing"))
        state.known.progress = progress(status="failed", message=failed)
        for draw in (drawing.draw_panel, drawing.draw_preferences):
            shown = " ".join(word.shown for word in draw())
            assert "Der Datenträger ist voll: Platz schaffen oder einen Ordner" in shown, shown
    check = helpers.module("engine.check").Check()
    check.ready = True
    check.lines = [
        "Python 3.11.7 at /opt/python",
        "computes on cpu, 8 cores, in float32",
        "weights: vgg16-2ecbe4ce in /weights",
        "512 × 512 takes about 40 s",
    ]
    done = mock.Mock(task=check, ended=True, message="The engine is ready.")
    with mock.patch.object(jobs, "latest", {"doctor": done}), drawing.in_german():
        shown = " ".join(word.shown for word in drawing.draw_preferences())
        for said in (
            "Python 3.11.7 unter /opt/python",
            "rechnet auf cpu, 8 cores, in float32",
            "Gewichte: vgg16-2ecbe4ce in /weights",
            "512 × 512 dauert etwa 40 s",
        ):
            assert said in shown, shown


def reported(name: str, operator: str, **values) -> str:
    """What an operator reports when its button is pressed; Blender gives no report to scripts."""
    return press(name, operator, {"FINISHED"}, values)


def reported_wrong(name: str, operator: str, **values) -> str:
    """What it reports where that cannot be done."""
    return press(name, operator, {"CANCELLED"}, values)


def press(name: str, operator: str, ended: set[str], values: dict[str, object]) -> str:
    cls = getattr(helpers.module(name), operator)
    pressed = mock.Mock(**values)
    for own in ("do", "_material", "_choose_cells", "_has", "_read_path"):
        if hasattr(cls, own):
            setattr(pressed, own, partial(getattr(cls, own), pressed))
    pressed.properties.is_property_set.return_value = False
    assert cls.execute(pressed, bpy.context) == ended, pressed.report.mock_calls
    _, said = pressed.report.call_args.args
    return said


def check_what_was_done_is_said_in_german():
    """In the panel after a run, and by the operators for what was made."""
    photo = helpers.load()
    node = helpers.textured(photo)
    thing = bpy.context.view_layer.objects.active
    thing.select_set(True)
    assign = partial(reported, "operators.results", "TEXCORE_OT_assign", image="bricks Texcore")
    with drawing.in_german():
        helpers.synthesize()
        job = helpers.module("engine.jobs").latest["synthesize"]
        assert re.fullmatch(r"“bricks Texcore”, 32 × 32, made in \d+ s\.", job.message)
        shown = " ".join(word.shown for word in drawing.draw_panel())
        assert re.search(r"„bricks Texcore“, 32 × 32, in \d+ s gemacht\.", shown), shown
        said = reported("operators.results", "TEXCORE_OT_compare")
        assert said == "Zu sehen ist „bricks.png“."
        assert assign(to="NODE") == "„bricks Texcore“ ist im Knoten."
        node.image = photo
        assert assign(to="USERS") == "Knoten, die „bricks Texcore“ bekommen haben: 1."
        assert assign(to="SELECTED") == "Objekte, die „Bricks“ bekommen haben: 1."
        path = helpers.folder() / "a.png"
        kept = {"image": "", "engine": "none", "format": "PNG8", "keep_packed": True}
        save = partial(reported, "operators.results", "TEXCORE_OT_save", **kept)
        assert save(filepath=str(path), all_maps=True) == f"„{path}“ gespeichert."
        untile = partial(reported, "operators.untiling", material="", method="AUTO", across=0, up=0)
        assert "1 Textur verborgen" in untile("TEXCORE_OT_untile")
        assert untile("TEXCORE_OT_remove_untiling") == "„Bricks“: 1 Textur wie zuvor."
        opened = reported(
            "operators.opening", "TEXCORE_OT_open_picture", filepath=str(path), to="NODE"
        )
        assert opened == "„a.png“ ist im Material „Bricks“.", opened


def check_what_is_wrong_with_tiles_is_said_in_german():
    """By the panel before the press."""
    node = helpers.textured(udim.tiled())
    with drawing.in_german():

        def shown() -> str:
            udim.reason()  # with a look at the files, as the timer has
            return " ".join(word.shown for word in drawing.draw_panel())

        bpy.context.scene.texcore.renew = "border"
        assert "hat UDIM-Kacheln, die als Ganzes neu gemacht werden" in shown(), shown()
        bpy.context.scene.texcore.renew = "all"
        node.image = bpy.data.images.new("gemalt", 32, 32, tiled=True)
        assert "Die Kacheln von „gemalt“ haben Änderungen, die in keiner" in shown(), shown()


def check_figures_keep_their_places():
    for (_, message), text in table().items():
        fields = [
            sorted(name for _, name, _, _ in string.Formatter().parse(words) if name)
            for words in (message, text)
        ]
        assert fields[0] == fields[1], (message, text)


def check_german_is_shown():
    if not bpy.app.build_options.international:
        return
    view = bpy.context.preferences.view
    before = view.language, view.use_translate_interface
    try:
        try:
            view.language = "de_DE"
        except TypeError:  # its name in newer versions
            view.language = "de"
        view.use_translate_interface = True
        words = bpy.app.translations.pgettext_iface("Set Up Engine", "Operator")
    finally:
        view.language, view.use_translate_interface = before
    assert words == "Engine einrichten", words
