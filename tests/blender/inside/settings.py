"""One table of settings: what is in it is in the panel, the operators, the command, the queue."""

from __future__ import annotations

import contextlib
import io
import types
from unittest import mock

import bpy
import helpers
import recorder

#: What else than the recipe's default Blender has: its own axes.
IN_BLENDER = {"up": "z"}


def table():
    """The recipe's settings that an artist sets."""
    settings = helpers.module("bundled.texcore.contract.recipe").SETTINGS
    return {name: setting for name, setting in settings.items() if setting.panel}


def check_the_panel_has_every_setting_as_the_table_says():
    rna = bpy.context.scene.texcore.bl_rna.properties
    for name, setting in table().items():
        prop = rna[name]
        assert (prop.name, prop.description) == (setting.label, setting.description)
        if prop.type == "ENUM":
            shown = setting.in_panel or setting.choices
            assert [item.identifier for item in prop.enum_items] == [c.id for c in shown]
            assert prop.default == IN_BLENDER.get(name, setting.default)
        elif prop.type == "INT":
            assert prop.hard_min == setting.least and prop.hard_max == min(setting.most, 2**31 - 1)


def check_every_model_of_the_menu_has_a_picture_that_blender_can_read():
    pictures = helpers.module("interface.choice_pictures")
    items = bpy.context.scene.texcore.bl_rna.properties["model"].enum_items
    ids = [item.identifier for item in items]
    assert list(pictures.list_icons()["model"]) == ids
    assert [item.value for item in items] == list(range(len(ids)))  # which files hold
    (collection,) = pictures._collections
    for id in ids:
        preview = collection[f"model/{id}"]
        assert tuple(preview.image_size) == (96, 96), id
        assert len(set(preview.image_pixels)) > 16, id


def check_the_picture_of_the_chosen_model_is_beside_its_words():
    drawn = []

    class Layout(recorder.Layout):
        def row(self, align=False):
            return self

        def column(self, align=False, heading=""):
            return self

        def template_icon(self, icon_value, scale):
            drawn.append(icon_value)

    def draw(name):
        layout = Layout()
        helpers.module("interface.setting_rows")._draw_words(
            layout, recorder.Context(), settings, name
        )
        item = settings.bl_rna.properties[name].enum_items[getattr(settings, name)]
        assert " ".join(word.shown for word in layout.seen) == item.description

    settings = bpy.context.scene.texcore
    pictures = helpers.module("interface.choice_pictures")
    # Without a window Blender has no icons.
    with mock.patch.dict(pictures._icons, {"model": {"default": 7, "gap": 8}}):
        for settings.model in ("gap", "default", "gatys"):
            draw("model")
        draw("quality")
    settings.model = "default"
    assert drawn == [8, 7]


def check_no_two_settings_have_the_same_place_in_the_panel():
    settings = helpers.module("synthesis.settings").list_panel_settings().values()
    places = [setting.panel for setting in settings]
    assert len(places) == len(set(places)) and places == sorted(places, key=lambda p: p.order)


def check_every_setting_of_the_panel_is_drawn_once():
    drawn = []

    class Layout(helpers.Layout):
        """Takes whatever the panel draws; every part of it is open."""

        def prop(self, data, name, **more):
            drawn.extend({name} - set(drawn[-1:]))  # a rectangle is drawn in four parts

        def prop_enum(self, data, name, value):
            drawn.extend({name} - set(drawn))

        def panel(self, name, **more):
            return self, self

        def operator(self, name, **more):
            return self

    context = types.SimpleNamespace(
        scene=bpy.context.scene,
        space_data=None,
        preferences=types.SimpleNamespace(
            addons=bpy.context.preferences.addons, system=types.SimpleNamespace(ui_scale=1)
        ),
        region=types.SimpleNamespace(width=300),
        view_layer=bpy.context.view_layer,
        selected_objects=[],
    )
    settings = context.scene.texcore
    settings.size, settings.mix = "custom", bpy.data.images.new("Other", 4, 4)
    settings.learn_from, settings.renew = "rectangle", "border"
    several = helpers.module("synthesis.intending").Intention(count=2)
    try:
        draw = helpers.module("interface.setting_rows").draw
        draw(Layout(), context, several, helpers.options())
    finally:
        settings.size, settings.mix, settings.learn_from = "same", None, "all"
        settings.renew = "all"
    of_panel = list(helpers.module("synthesis.settings").list_panel_settings())
    assert drawn == [*of_panel, "device", "weights"], drawn


def check_operators_and_presets_have_every_setting():
    on_objects, in_solids = {"up", "scale"}, {"voxels", "cuts", "span"}
    for operator in ("synthesize", "synthesize_material", "material_from_maps"):
        rna = getattr(bpy.ops.texcore, operator).get_rna_type().properties
        assert set(table()) - set(rna.keys()) == on_objects | in_solids, operator
    rna = bpy.ops.texcore.synthesize_on_object.get_rna_type().properties
    assert set(table()) - set(rna.keys()) == in_solids
    rna = bpy.ops.texcore.synthesize_solid.get_rna_type().properties
    assert set(table()) - set(rna.keys()) == on_objects
    kept = {name for name, setting in table().items() if setting.in_presets}
    assert kept == set(table()) & set(helpers.module("interface.presets").KEPT)


def check_the_command_and_the_queue_have_every_setting():
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert helpers.module("operators.commands").run(["--help"]) == 0
    for name in table():
        assert f"--{name.replace('_', '-')}" in said.getvalue(), name
    assert set(table()) <= set(helpers.module("synthesis.batch").ALLOWED)


def check_a_setting_that_the_table_did_not_know_yet_becomes_a_property():
    settings = helpers.module("bundled.texcore.contract.settings")
    properties = helpers.module("synthesis.properties")
    words = {"label": "Grain", "description": "How rough it is"}
    grain = settings.NumberSetting(default=0.5, least=0, most=1, name="grain", **words)

    @properties.add_properties({"grain": grain})
    class Grainy(bpy.types.PropertyGroup):
        pass

    bpy.utils.register_class(Grainy)
    try:
        prop = Grainy.bl_rna.properties["grain"]
        assert (prop.type, prop.name, prop.default, prop.hard_max) == ("FLOAT", "Grain", 0.5, 1)
    finally:
        bpy.utils.unregister_class(Grainy)


def check_presets_that_come_with_texcore_set_what_they_are_about():
    supplied = helpers.module("synthesis.supplied")
    settings = bpy.context.scene.texcore
    settings.seed, settings.model, settings.straighten = 9, "gatys", False
    kept = {name: getattr(settings, name) for name in ("seed", "model", "straighten", "live")}
    expected = {
        "quick": ("same", "auto", "draft", set()),
        "tileable": ("same", "photo", "standard", set()),
        "four_times": ("double", "new", "standard", set()),
        "material": ("same", "auto", "standard", {"height", "normal", "roughness", "ao"}),
    }
    assert [preset.words.id for preset in supplied.SUPPLIED] == list(expected)
    for id, values in expected.items():
        assert bpy.ops.texcore.apply_preset(preset=id) == {"FINISHED"}
        got = (settings.size, settings.arrangement, settings.quality, settings.derive)
        assert got == values and settings.novelty == (0.0 if id == "tileable" else 0.25), id
        assert {name: getattr(settings, name) for name in kept} == kept
    presets = helpers.module("interface.presets")
    assert set(supplied.ABOUT) <= set(presets.KEPT)
