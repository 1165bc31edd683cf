"""What a .blend file says of itself may be odd, or meant to do harm: it is passed over."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import types
from unittest import mock

import bpy
import helpers

ENGINE = "painting.py"
MARKS = (
    "texcore_recipe",
    "texcore_source",
    "texcore_stands_for",
    "texcore_set",
    "texcore_press",
    "texcore_derived",
    "texcore_derived_from",
    "texcore_extent",
    "texcore_made",
    "texcore_scale_before",
    "texcore_mix",
)
ODD = {
    "text": "nonsense",
    "long text": "x" * 300_000,
    "number": 7,
    "fraction": -2.5,
    "huge number": 1e30,
    "nan": float("nan"),
    "infinite": float("inf"),
    "flag": True,
    "bytes": b"\xff\x00\xfe",
    "numbers": [1, 2, 3],
    "one number": [5.0],
    "nothing": [0.0, 0.0],
    "below nothing": [-1.0, -1.0],
    "not numbers": [float("nan"), float("inf")],
    "huge": [1e30, 1e30],
    "group": {"a": 1, "b": [1.0]},
    "scales": {"Image Texture": "text"},
    "short scales": {"Image Texture": [1.0]},
    "scales that are none": {"Image Texture": [float("nan")] * 3},
    "empty": "",
}


def context() -> types.SimpleNamespace:
    """A context to draw with; in background mode there is no region, and the scale is 0."""
    system = types.SimpleNamespace(ui_scale=1.0)
    return types.SimpleNamespace(
        region=types.SimpleNamespace(width=2000),
        preferences=types.SimpleNamespace(
            system=system, addons=bpy.context.preferences.addons, use_preferences_save=False
        ),
        scene=bpy.context.scene,
        view_layer=bpy.context.view_layer,
        window_manager=bpy.context.window_manager,
        space_data=None,
    )


class Layout(helpers.Layout):
    """Takes whatever a panel draws; it is every part of itself, and remembers the labels."""

    def __init__(self) -> None:
        self.__dict__["labels"] = []

    def label(self, text: str = "", **words: object) -> None:
        self.labels.append(text)

    def panel(self, *words: object, **more: object) -> tuple[Layout, Layout]:
        return self, self

    def __setattr__(self, name: str, value: object) -> None: ...


def draw() -> Layout:
    """Draw the whole panel, and each image as if it were in the list of results."""
    drawn = Layout()
    history = helpers.module("interface.history")
    helpers.module("interface.panels").draw(drawn, context())
    for image in bpy.data.images:
        history._draw_result(drawn, image, is_chosen=False)
        assert helpers.module("results.results").tell_recipe(image).startswith(image.name)
    return drawn


def look_at(node) -> None:
    """Do everything with an image that reads its marks."""
    draw()
    image, material = node.image, bpy.data.materials["Bricks"]
    helpers.module("synthesis.preview")._on_event()
    assert node.image == image, f"the node holds {node.image}"
    helpers.module("nodes.maps").find_maps(material)
    deriving = helpers.module("nodes.deriving")
    deriving.split_derived(helpers.module("nodes.maps").find_maps(material))
    deriving.list_lacking(material, ("height",), helpers.module("nodes.maps").find_maps(material))
    factors = helpers.module("nodes.scale").measure_factors(image, bpy.data.images["plain"])
    assert all(0 < factor < 1e6 for factor in factors), factors
    sets = helpers.module("results.sets")
    sets.holders(image)
    sets.show_derived(material, "")
    results = helpers.module("results.results")
    for each in list(bpy.data.images):
        results.of_source(each)
    results.of_source(None)


def result(name: str, source: bpy.types.Image) -> bpy.types.Image:
    """An image that looks as if Texcore had made it."""
    image = bpy.data.images.new(name, 32, 32)
    image["texcore_recipe"] = helpers.module("bundled.texcore.contract.recipe").Recipe().dumps()
    image["texcore_made"] = 5.0
    image["texcore_source"] = source
    return image


def scene():
    """A node that holds a result of a photo of which there is another; returns the node."""
    photo = helpers.load()
    photo.use_fake_user = True
    plain = bpy.data.images.new("plain", 32, 32)
    result("first", photo).use_fake_user = True
    plain.use_fake_user = True
    return helpers.textured(result("second", photo))


def check_odd_marks_are_passed_over():
    node = scene()
    image = node.image
    wrong = []
    for mark in MARKS:
        before = image.get(mark)
        for title, value in ODD.items():
            image[mark] = value
            try:
                look_at(node)
            except Exception as e:
                wrong.append(f"{mark} as {title}: {type(e).__name__}: {e}")
                node.image = image
            if before is None:
                image.pop(mark, None)
            else:
                image[mark] = before
    assert not wrong, "\n".join(wrong)


def check_odd_marks_on_a_node_are_passed_over():
    node = scene()
    for title, value in ODD.items():
        node["texcore_other"] = value
        try:
            look_at(node)
            helpers.module("nodes.putting").find_other(node)
        except Exception as e:
            raise AssertionError(f"texcore_other as {title}") from e
    for title, value in ODD.items():
        node["texcore_other"], node["texcore_other_scaled"] = bpy.data.images["plain"], value
        image = node.image
        try:
            for shown in (bpy.data.images["plain"], image):
                bpy.ops.texcore.compare()
                assert node.image == shown
        except Exception as e:
            raise AssertionError(f"texcore_other_scaled as {title}") from e


def check_a_preview_that_stands_for_itself_or_in_a_circle_empties_no_node():
    node = scene()
    image, other = node.image, bpy.data.images["plain"]
    for first, second in ((image, None), (other, image), (other, other)):
        image["texcore_stands_for"] = first
        if second is not None:
            other["texcore_stands_for"] = second
        helpers.module("synthesis.preview").heal()
        assert node.image == image and other.name == "plain", (node.image, first, second)
        assert "texcore_stands_for" not in image and "texcore_stands_for" not in other


def check_a_picture_whose_mark_stands_for_what_is_gone_is_kept():
    node = scene()
    gone = bpy.data.images.new("gone", 8, 8)
    photo = helpers.load()
    photo["texcore_stands_for"] = gone
    node.image = photo
    bpy.data.images.remove(gone)
    helpers.module("synthesis.preview").heal()
    assert node.image == photo and "texcore_stands_for" not in photo


def check_an_odd_file_is_opened_with_a_note():
    node = scene()
    image = node.image
    image["texcore_stands_for"] = "text"
    image["texcore_extent"] = "wide"
    image["texcore_made"] = "yesterday"
    path = helpers.folder() / "odd.blend"
    handlers = bpy.app.handlers.save_pre
    kept = handlers[:]
    handlers.clear()
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    finally:
        handlers.extend(kept)
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        bpy.ops.wm.open_mainfile(filepath=str(path))
    assert "Traceback" not in said.getvalue() and "Error" not in said.getvalue(), said.getvalue()
    material = bpy.data.materials["Bricks"]
    node = next(n for n in material.node_tree.nodes if n.bl_idname == "ShaderNodeTexImage")
    assert node.image.name == "second"
    thing = bpy.data.objects["Bricks"]
    bpy.context.view_layer.objects.active = thing
    drawn = " ".join(draw().labels)
    assert "“second” says of itself what makes no sense" in drawn, drawn
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    helpers.textured(helpers.load())
    assert "makes no sense" not in " ".join(draw().labels)


def check_a_huge_recipe_is_not_read_at_every_draw():
    node = scene()
    layers = [[f"layer{n}", 1.0] for n in range(20_000)]
    node.image["texcore_recipe"] = json.dumps({"layers": layers})
    contract = helpers.module("bundled.texcore.contract.recipe")
    with mock.patch.object(contract.json, "loads", side_effect=AssertionError("read")):
        draw()
    # One that is long but can be is read once, however often it is drawn.
    node.image["texcore_recipe"] = json.dumps({"layers": layers[:300]})
    with mock.patch.object(contract.json, "loads", wraps=json.loads) as read:
        for _ in range(3):
            draw()
    assert 0 < read.call_count <= 2, read.call_count


def check_an_enum_of_another_version_does_not_break_the_panel():
    if bpy.app.version >= (5, 0, 0):
        settings = bpy.context.scene.bl_system_properties_get(do_create=True)
    else:
        settings = bpy.context.scene
    scene()
    bpy.context.scene.texcore.seed = 3  # so that there is something stored
    for name, value in (("quality", 99), ("size", 99), ("derive", 1 << 20), ("seed", -5)):
        settings["texcore"][name] = value
        draw()


def chain(count: int):
    """A material whose image is behind many nodes, one after another."""
    node = helpers.textured(helpers.load())
    tree = node.id_data
    last = node.outputs["Color"]
    for _ in range(count):
        new = tree.nodes.new("ShaderNodeGamma")
        tree.links.new(last, new.inputs["Color"])
        last = new.outputs["Color"]
    tree.links.new(last, tree.nodes["Principled BSDF"].inputs["Base Color"])
    return node


def check_many_nodes_one_after_another():
    # More than the stack is deep, whose depth is less than Python's usual one here: Blender itself
    # takes long to link a thousand.
    node, usual = chain(300), sys.getrecursionlimit()
    sys.setrecursionlimit(250)
    try:
        draw()
        (found,) = helpers.module("nodes.maps").find_maps(bpy.data.materials["Bricks"])
        assert found.kind == "base_color" and found.places[0].find() == node
        image = helpers.synthesize()
    finally:
        sys.setrecursionlimit(usual)
    assert node.image == image


def nested(depth: int, name: str):
    """A group of groups, each of which holds the next twice: 2 ** depth ways lead to its end."""
    inner = None
    for level in range(depth):
        tree = bpy.data.node_groups.new(f"{name} {level}", "ShaderNodeTree")
        tree.interface.new_socket("Out", in_out="OUTPUT", socket_type="NodeSocketColor")
        out = tree.nodes.new("NodeGroupOutput")
        mix = tree.nodes.new("ShaderNodeMixRGB")
        for number in (1, 2):
            if inner is None:
                feeding = tree.nodes.new("ShaderNodeRGB").outputs[0]
            else:
                group = tree.nodes.new("ShaderNodeGroup")
                group.node_tree = inner
                feeding = group.outputs[0]
            tree.links.new(feeding, mix.inputs[number])
        tree.links.new(mix.outputs[0], out.inputs[0])
        inner = tree
    return inner


def check_groups_in_groups_do_not_hold_blender_up():
    node = helpers.textured(helpers.load())
    material = bpy.data.materials["Bricks"]
    tree = material.node_tree
    group = tree.nodes.new("ShaderNodeGroup")
    group.node_tree = nested(14, "deep")  # 16,384 ways
    tree.links.new(group.outputs[0], tree.nodes["Principled BSDF"].inputs["Emission Color"])
    walker = helpers.module("nodes.walker")
    find_maps = helpers.module("nodes.maps").find_maps
    assert walker.MOST_STEPS <= 10_000  # take a second
    with mock.patch.object(walker, "MOST_STEPS", 500):
        try:
            find_maps(material)
        except helpers.module("bundled.texcore.contract.errors").BadInput as e:
            assert "more ways through its nodes than the 500 " in str(e), e
        else:
            raise AssertionError("it was walked to its end")
        draw()
    # A copy with groups of its own makes one of each, not one for each way.
    count = len(bpy.data.node_groups)
    helpers.module("results.sets").copied(material, "Copy")
    assert len(bpy.data.node_groups) == 2 * count
    assert node.image.name == "bricks.png"
