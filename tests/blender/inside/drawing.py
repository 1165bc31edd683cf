"""What the panel shows, drawn as in an artist's sidebar of the default width, in German."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator
from unittest import mock

import bpy
import helpers
import recorder

ENGINE = "painting.py"


def check_offline_every_button_of_the_set_up_has_words():
    with not_set_up(), in_german():
        for draw in (draw_panel, draw_preferences):
            seen = draw()
            assert not [word for word in seen if not word.shown and not word.icon_alone]
            assert "Online-Zugriff erlauben" in [word.shown for word in seen], seen
            expect_room(seen if draw is draw_panel else [])


def check_every_word_of_the_panel_is_german_and_has_room():
    with in_german():
        seen = draw_panel_in_every_state()
    expect_room(seen)
    shown = [word.shown for word in seen]
    said = {
        "Gravel",
        "Auf dem Objekt zeigen",
        "64 × 64 Pixel",
        "Fertige Texturen: 1",
        "32 × 32",
        "Startwert 0",
    }
    assert said <= set(shown), shown
    left = {word for text in shown for word in re.findall(r"[A-Za-z]{4,}", text)} & only_english()
    assert not left, (left, shown)


def check_every_word_of_the_panel_has_room_in_english():
    expect_room(draw_panel_in_every_state())


def check_the_button_has_room_for_whatever_it_makes():
    button = helpers.module("interface.button")
    # What is drawn whole beside the two icons, as docs/derive.jpg shows.
    room = recorder.width_of("Synthesize Texture + 4 Maps")
    for language in (contextlib.nullcontext, in_german):
        for is_material, guessed, repairs in itertools.product((0, 1), (0, 1, 5), (0, 1)):
            meant = mock.Mock(is_material=is_material, guessed=guessed, count=4)
            with language():
                words = button._describe(meant, bool(repairs))
            assert recorder.width_of(words) <= room, words


def check_a_closed_part_that_counts_says_so():
    """Make New and Repair Mask may be out of sight while only the border is made anew."""
    helpers.textured(helpers.load())
    drawn = []

    class Closed(recorder.Layout):
        def panel(self, name, default_closed=False):
            header = mock.Mock()
            drawn.append((name, header))
            return header, None

    def marks_of(name: str) -> list:
        drawn.clear()
        helpers.module("interface.panels").draw(Closed(), recorder.Context())
        header = dict(drawn)[name]
        return [call.kwargs["icon"] for call in header.label.mock_calls if "icon" in call.kwargs]

    assert marks_of("TEXCORE_PT_repair") == []
    bpy.context.scene.texcore.renew = "border"
    assert marks_of("TEXCORE_PT_repair") == ["CHECKMARK"]
    assert marks_of("TEXCORE_PT_companions") == []


def check_what_was_made_comes_before_un_tile():
    helpers.textured(helpers.load())
    helpers.synthesize()
    shown = list_words()
    assert shown.index("Textures Made: 1") < shown.index("Un-Tile"), shown


def check_the_set_up_on_its_way_and_at_its_end_has_room():
    progress = helpers.module("engine_setup.place").SetUpProgress
    state = helpers.module("engine.setup_state")
    with not_set_up(), in_german():
        seen = []
        for stage in ("Installing PyTorch", "Fetching the network's weights"):
            state.known.running = True
            state.known.progress = progress(stage=stage, fraction=0.5, detail="1.2 / ≈ 2.8 GB")
            seen += draw_panel()
        state.known.running = False
        for fix in ("", "folder", "python", "wheels"):
            state.known.progress = progress(status="failed", fix=fix, message="")
            seen += draw_panel()
    expect_room(seen)
    shown = {word.shown for word in seen}
    assert {"PyTorch wird installiert…", "Einrichtung abbrechen", "Ordner wählen"} <= shown, shown


def check_a_size_stays_on_one_line():
    layout = recorder.Layout()
    draw = helpers.module("interface.wrapping").draw_text
    for letters in range(60):
        draw(layout, "x" * letters + " 256 × 256, made", recorder.Context())
    shown = [word.shown for word in layout.seen]
    assert sum("256 × 256," in line for line in shown) == 60, shown


def check_lines_are_as_full_as_the_sidebar_is_wide():
    text = (
        "The weights of vgg19 cannot be fetched: connect to the internet, or choose a file "
        "of weights that you have on this computer, in Texcore's preferences."
    )
    draw = helpers.module("interface.wrapping").draw_text
    for icon, room in (("NONE", recorder.PANEL), ("INFO", recorder.PANEL - recorder.ICON)):
        layout = recorder.Layout().box()
        draw(layout, text, recorder.Context(), icon)
        lines = [word.shown for word in layout.seen]
        expect_room(layout.seen)
        assert " ".join(lines) == text, lines
        for line, after in itertools.pairwise(lines):
            longer = f"{line} {after.split(' ')[0]}"
            assert recorder.width_of(longer) > room - 16, (line, after)


def check_lines_end_where_they_did_at_another_scale_of_the_interface():
    text = "The engine works on another computer, and is not set up there yet: set it up. " * 3
    shown = []
    for scale in (1.0, 2.0):
        layout, context = recorder.Layout(), recorder.Context()
        context.region.width = round(recorder.REGION * scale)
        context.preferences.system.ui_scale = scale
        helpers.module("interface.wrapping").draw_text(layout, text, context)
        shown.append([word.shown for word in layout.seen])
    # Letters of whole pixels are a little wider at one scale than at another.
    assert abs(len(shown[0]) - len(shown[1])) <= 1, shown


def check_a_word_that_no_line_holds_is_divided():
    layout = recorder.Layout()
    path = "/home/an-artist/" + "projects-of-last-year/" * 4 + "photo.png"
    helpers.module("interface.wrapping").draw_text(layout, path, recorder.Context())
    lines = [word.shown for word in layout.seen]
    assert "".join(lines) == path and len(lines) > 2, lines
    expect_room(layout.seen)


def check_presets_come_with_texcore_before_one_was_saved():
    panel = mock.Mock(layout=recorder.Layout(), preset_add_operator="texcore.add_preset")
    cls = helpers.module("interface.presets").TEXCORE_PT_presets
    panel._draw_first = lambda context: cls._draw_first(panel, context)
    with in_german(), mock.patch.object(bpy.utils, "preset_paths", return_value=[]):
        cls.draw(panel, recorder.Context())
    shown = [word.shown for word in panel.layout.seen if word.shown]
    assert shown == ["Schneller Blick", "Foto zum Kacheln", "Vier Mal das Foto", "Ganzes Material"]
    expect_room(panel.layout.seen)


def check_names_of_settings_have_a_context_of_their_own():
    """Blender's own German for a word goes first, and may be longer or mean something else."""
    context = helpers.module("add_on").CONTEXT
    table = helpers.module("translations.registering").table()["de"]
    for prop in bpy.context.scene.texcore.bl_rna.properties:
        if prop.identifier not in ("rna_type", "name"):
            assert prop.translation_context == context and (context, prop.name) in table


def draw_panel_in_every_state() -> list[recorder.Word]:
    """Draw it of a material and an image with names that Blender has German for, and a result."""
    photo = helpers.load()
    photo.name = "Gravel"
    helpers.textured(photo, "Gravel").name = "Gravel"
    helpers.synthesize()
    settings = bpy.context.scene.texcore
    settings.mix = helpers.generated()
    seen = []
    showing = helpers.module("operators.showing")
    with mock.patch.object(showing, "hides_textures", return_value=True):
        for settings.size in ("same", "custom"):
            seen += draw_panel()
    settings.renew = "border"
    seen += draw_panel()
    settings.renew = "all"
    jobs = helpers.module("engine.jobs")
    work = waiting(jobs)
    work.remaining, work.host = 75.0, "workstation"
    with mock.patch.object(jobs, "queue", [work, waiting(jobs)]):
        seen += draw_panel()
    return seen + draw_what_mends()


def draw_what_mends() -> list[recorder.Word]:
    """Draw the panel after each kind of failure."""
    jobs = helpers.module("engine.jobs")
    codes = helpers.module("bundled.texcore.contract.messages").ErrorCode
    seen = []
    for code in (
        codes.PROTOCOL_MISMATCH,
        codes.UNAVAILABLE,
        codes.NO_ENGINE,
        codes.OUT_OF_MEMORY,
    ):
        failed = mock.Mock(message="", state=jobs.State.FAILED, code=code, needs_set_up=False)
        with mock.patch.object(jobs, "latest", {"synthesize": failed}):
            seen += draw_panel()
    return seen


def waiting(jobs):
    """A job that has not begun."""
    task = mock.Mock(title="Gravel", method="synthesize")
    more = {"remaining": None, "keepable": True, "host": ""}
    return mock.Mock(task=task, stage="", fraction=0.4, state=jobs.State.RUNNING, **more)


def only_english() -> set[str]:
    """Words that only the English side of the table has."""
    pairs = helpers.module("translations.registering").table()["de"].items()
    english = {word for (_, text), _ in pairs for word in re.findall(r"[A-Za-z]{4,}", text)}
    german = {word for _, text in pairs for word in re.findall(r"[A-Za-z]{4,}", text)}
    return english - german


def expect_room(seen: list[recorder.Word]) -> None:
    cut = {word.shown: round(word.missing) for word in seen if word.missing > 0}
    assert not cut, f"cut off, by so many pixels: {cut}"


def list_words() -> list[str]:
    """What is written in the panel."""
    return [word.shown for word in draw_panel()]


def draw_panel() -> list[recorder.Word]:
    layout = recorder.Layout()
    helpers.module("interface.panels").draw(layout, recorder.Context())
    return layout.seen


def draw_preferences() -> list[recorder.Word]:
    layout = recorder.Layout(600)
    preferences = helpers.module("add_on").get_preferences(bpy.context)
    panel = helpers.module("interface.preferences").TexcorePreferences
    panel._draw_engine(preferences, layout, recorder.Context())
    return layout.seen


@contextlib.contextmanager
def in_german() -> Iterator[None]:
    """Let the add-on's own sentences be German, in a Blender that has no languages."""
    names = (
        "engine.saying",
        "interface.assign_menu",
        "interface.button",
        "interface.density_line",
        "interface.panels",
        "interface.setting_rows",
        "interface.history",
        "interface.on_object",
        "interface.presets",
        "interface.set_up_panel",
        "interface.solid",
        "interface.target_box",
        "interface.untiling",
        "interface.variations_box",
        "results.results",
        "synthesis.arriving",
        "synthesis.intending",
        "synthesis.objects",
        "synthesis.preview",
        "synthesis.solid_task",
    )
    with contextlib.ExitStack() as stack:
        for name in names:
            patch = mock.patch.object(helpers.module(name), "iface_", recorder.in_german)
            stack.enter_context(patch)
        stack.enter_context(mock.patch.object(recorder, "translated", recorder.in_german))
        yield


@contextlib.contextmanager
def not_set_up() -> Iterator[None]:
    """A computer without an engine, and Blender without online access, as it comes."""
    state = helpers.module("engine.setup_state")
    needs = helpers.module("engine_setup.machine").Needs("none", 0.8, 1.0)
    known = state.Known(looked=True, needs=needs)
    system = bpy.context.preferences.system
    before, system.use_online_access = system.use_online_access, False
    try:
        with mock.patch.object(state, "known", known):
            yield
    finally:
        system.use_online_access = before
