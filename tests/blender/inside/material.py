"""Whole materials: every image found, made as one, put into its own node, undone in one step."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import bpy
import helpers
import numpy as np

ENGINE = "painting.py"


def relief(size: int = 48) -> dict[str, np.ndarray]:
    """Bricks as maps of (size, size, 4), by kind, that belong together."""
    colour = helpers.picture(size)
    level = 1 - (colour[..., 1] > 0.5)
    slope_y, slope_x = np.gradient(level.astype(float))
    n = np.stack([-slope_x, slope_y, np.full_like(slope_x, 0.7)], 2)
    n /= np.linalg.norm(n, axis=2, keepdims=True)
    rough = 0.9 - 0.5 * level

    def grey(values):
        return np.dstack([values] * 3)

    return {
        "base_color": colour[..., :3],
        "normal": n * 0.5 + 0.5,
        "roughness": grey(rough),
        "gloss": grey(1 - rough),
        "height": grey(level * 0.8 + 0.1),
        "orm": np.dstack([level * 0.5 + 0.5, rough, np.zeros_like(rough)]),
        "opacity": grey((np.arange(size) % 12 < 8)[:, None] * np.ones((1, size))),
    }


def loaded(kind: str, name: str = "", bits: int = 8, size: int = 48) -> bpy.types.Image:
    """A map as an image loaded from disk; one of 32 bits is an OpenEXR."""
    path = helpers.folder() / (name or f"{kind}.{'exr' if bits == 32 else 'png'}")
    values = relief(size)[kind]
    image = bpy.data.images.load(
        str((write_exr if bits == 32 else helpers.write_png)(path, values, bits))
    )
    if kind != "base_color":
        image.colorspace_settings.name = "Non-Color"
    return image


def write_exr(path: Path, values: np.ndarray, bits: int) -> Path:
    """Values as they are, in an OpenEXR of 32 bits."""
    height, width, _ = values.shape
    image = bpy.data.images.new("to write", width, height, float_buffer=True, is_data=True)
    rows = np.dstack([values, np.ones((height, width))])[::-1]
    image.pixels.foreach_set(rows.astype(np.float32).ravel())
    image.filepath_raw, image.file_format = str(path), "OPEN_EXR"
    image.save()
    bpy.data.images.remove(image)
    return path


def wired(**words: bpy.types.Image) -> bpy.types.Material:
    """A material with these maps, plugged in as artists do; named nodes by kind."""
    node = helpers.textured(words["base_color"])
    node.name = "base_color"
    material = node.id_data
    material = next(m for m in bpy.data.materials if m.node_tree == node.id_data)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    shader = nodes["Principled BSDF"]
    for kind, image in words.items():
        if kind == "base_color":
            continue
        texture = nodes.new("ShaderNodeTexImage")
        texture.name, texture.image = kind, image
        out = texture.outputs["Color"]
        if kind == "normal":
            between = nodes.new("ShaderNodeNormalMap")
            links.new(out, between.inputs["Color"])
            links.new(between.outputs[0], shader.inputs["Normal"])
        elif kind == "roughness":
            ramp = nodes.new("ShaderNodeValToRGB")
            links.new(out, ramp.inputs[0])
            links.new(ramp.outputs[0], shader.inputs["Roughness"])
        elif kind == "gloss":
            invert = nodes.new("ShaderNodeInvert")
            links.new(out, invert.inputs["Color"])
            links.new(invert.outputs[0], shader.inputs["Roughness"])
        elif kind == "height":
            between = nodes.new("ShaderNodeDisplacement")
            links.new(out, between.inputs["Height"])
            links.new(between.outputs[0], nodes["Material Output"].inputs["Displacement"])
        elif kind == "bump":
            between = nodes.new("ShaderNodeBump")
            links.new(out, between.inputs["Height"])
            links.new(between.outputs[0], shader.inputs["Normal"])
        elif kind == "opacity":
            links.new(out, shader.inputs["Alpha"])
        elif kind == "inverted":
            minus, ramp = nodes.new("ShaderNodeInvert"), nodes.new("ShaderNodeValToRGB")
            links.new(out, minus.inputs["Color"])
            links.new(minus.outputs[0], ramp.inputs[0])
            links.new(ramp.outputs[0], shader.inputs["Roughness"])
        elif kind == "orm":
            between = nodes.new("ShaderNodeSeparateColor")
            links.new(out, between.inputs[0])
            links.new(between.outputs[1], shader.inputs["Roughness"])
            links.new(between.outputs[2], shader.inputs["Metallic"])
    nodes.active = None
    return material


def turn_green_over(material: bpy.types.Material) -> None:
    """Put nodes behind the normals that make OpenGL's of DirectX's."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    separate, combine = nodes.new("ShaderNodeSeparateColor"), nodes.new("ShaderNodeCombineColor")
    invert = nodes.new("ShaderNodeInvert")
    link = nodes["normal"].outputs["Color"].links[0]
    target = link.to_socket
    links.new(nodes["normal"].outputs["Color"], separate.inputs[0])
    links.new(separate.outputs[1], invert.inputs["Color"])
    links.new(separate.outputs[0], combine.inputs[0])
    links.new(invert.outputs[0], combine.inputs[1])
    links.new(separate.outputs[2], combine.inputs[2])
    links.new(combine.outputs[0], target)


def graph(material: bpy.types.Material) -> list[tuple]:
    """All that a node tree is, but for the images in it."""
    tree = material.node_tree
    nodes = [
        (n.bl_idname, n.name, tuple(n.location), n.label, n.mute, getattr(n, "interpolation", ""))
        for n in tree.nodes
    ]
    links = [
        (k.from_node.name, k.from_socket.identifier, k.to_node.name, k.to_socket.identifier)
        for k in tree.links
    ]
    return sorted(nodes) + sorted(links)


def synthesize(**words) -> None:
    assert bpy.ops.texcore.synthesize_material(**helpers.FAST | words) == {"FINISHED"}


def kinds(material: bpy.types.Material) -> dict[str, str]:
    """Name of the image by kind, as the extension finds them."""
    maps, places = helpers.module("nodes.maps"), helpers.module("nodes.places")
    return {m.kind: places.get_image(m.uid).name for m in maps.find_maps(material)}


def check_undo_takes_all_maps_back_in_one_step():
    material = wired(base_color=loaded("base_color"), normal=loaded("normal"))
    name = material.name
    bpy.ops.ed.undo_push(message="before")
    synthesize(material=name)

    def images():
        nodes = bpy.data.materials[name].node_tree.nodes
        return {n.name: n.image.name for n in nodes if n.type == "TEX_IMAGE"}

    assert images() == {"base_color": "base_color Texcore", "normal": "normal Texcore"}
    bpy.ops.ed.undo()
    assert images() == {"base_color": "base_color.png", "normal": "normal.png"}
    assert not [i for i in bpy.data.images if "Texcore" in i.name]
    bpy.ops.ed.redo()
    assert images() == {"base_color": "base_color Texcore", "normal": "normal Texcore"}
    assert all(i.packed_file for i in bpy.data.images if "Texcore" in i.name)


def check_maps_are_told_by_what_they_feed():
    material = wired(
        base_color=loaded("base_color", "a.png"),
        bump=loaded("height", "b.png"),
        orm=loaded("orm", "c.png"),
        opacity=loaded("opacity", "d.png"),
    )
    assert kinds(material) == {
        "base_color": "a.png",
        "bump": "b.png",
        "opacity": "d.png",
        "orm": "c.png",
    }


def check_occlusion_mixed_into_the_colour_is_told():
    material = wired(base_color=loaded("base_color"))
    nodes, links = material.node_tree.nodes, material.node_tree.links
    mix, occlusion = nodes.new("ShaderNodeMixRGB"), nodes.new("ShaderNodeTexImage")
    mix.blend_type, occlusion.image = "MULTIPLY", loaded("height", "shade.png")
    links.new(nodes["base_color"].outputs[0], mix.inputs[1])
    links.new(occlusion.outputs[0], mix.inputs[2])
    links.new(mix.outputs[0], nodes["Principled BSDF"].inputs["Base Color"])
    assert kinds(material) == {"base_color": "base_color.png", "ao": "shade.png"}


def check_maps_in_groups_and_one_minus():
    material = wired(base_color=loaded("base_color"))
    group = bpy.data.node_groups.new("Inner", "ShaderNodeTree")
    group.interface.new_socket("Value", in_out="OUTPUT", socket_type="NodeSocketFloat")
    texture, minus = group.nodes.new("ShaderNodeTexImage"), group.nodes.new("ShaderNodeMath")
    texture.image = loaded("gloss")
    minus.operation = "SUBTRACT"
    minus.inputs[0].default_value = 1.0
    group.links.new(texture.outputs[0], minus.inputs[1])
    group.links.new(minus.outputs[0], group.nodes.new("NodeGroupOutput").inputs[0])
    outer = material.node_tree.nodes.new("ShaderNodeGroup")
    outer.node_tree = group
    shader = material.node_tree.nodes["Principled BSDF"]
    material.node_tree.links.new(outer.outputs[0], shader.inputs["Roughness"])
    assert kinds(material) == {"base_color": "base_color.png", "gloss": "gloss.png"}
    synthesize(material=material.name)
    assert texture.image.name == "gloss Texcore"


def check_one_image_in_two_nodes_is_one_map():
    colour = loaded("base_color")
    material = wired(base_color=colour)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    twin = nodes.new("ShaderNodeTexImage")
    twin.image = colour
    links.new(twin.outputs["Alpha"], nodes["Principled BSDF"].inputs["Alpha"])
    assert kinds(material) == {"base_color": "base_color.png"}
    synthesize(material=material.name)
    assert twin.image == nodes["base_color"].image != colour


def check_a_second_run_learns_from_the_photos_again():
    material = wired(base_color=loaded("base_color"), normal=loaded("normal"))
    synthesize(material=material.name, seed=1)
    first = json.loads(material.node_tree.nodes["normal"].image["texcore_recipe"])
    synthesize(material=material.name, seed=2)
    again = material.node_tree.nodes["normal"].image
    assert again.name == "normal Texcore.001"
    assert json.loads(again["texcore_recipe"])["exemplar"] == first["exemplar"]


def check_gloss_bump_displacement_and_packed_maps_keep_graph_spaces_and_depths():
    """All that an artist may have plugged in at once, and one undo step that takes all back."""
    words = {
        "base_color": loaded("base_color", bits=16),
        "inverted": loaded("gloss", bits=16, size=24),
        "bump": loaded("height", "bump.png"),
        "height": loaded("height", "height.png", bits=16),
        "orm": loaded("orm"),
        "opacity": loaded("opacity"),
    }
    material = wired(**words)
    name = material.name
    shader = material.node_tree.nodes["Principled BSDF"]
    # The packed map gives the metal; roughness comes from the gloss through Invert and Color Ramp.
    ramp = next(n for n in material.node_tree.nodes if n.type == "VALTORGB")
    material.node_tree.links.new(ramp.outputs[0], shader.inputs["Roughness"])
    assert kinds(material).keys() == {"base_color", "gloss", "bump", "height", "orm", "opacity"}
    before = graph(material)
    bpy.ops.ed.undo_push(message="before")
    synthesize(material=name, width=48, height=48)

    def images() -> dict[str, bpy.types.Image]:
        nodes = bpy.data.materials[name].node_tree.nodes
        return {n.name: n.image for n in nodes if n.type == "TEX_IMAGE"}

    assert graph(material) == before
    new = images()
    spaces = {kind: image.colorspace_settings.name for kind, image in new.items()}
    assert spaces == {kind: "sRGB" if kind == "base_color" else "Non-Color" for kind in words}
    bits = {kind: image.packed_file.data[24] for kind, image in new.items()}
    assert bits["base_color"] == bits["inverted"] == bits["height"] == 16
    assert bits["orm"] == bits["opacity"] == 8
    assert tuple(new["inverted"].size) == (24, 24) and tuple(new["orm"].size) == (48, 48)
    assert len({image["texcore_set"] for image in new.values()}) == 1
    names = {kind: image.name for kind, image in new.items()}
    bpy.ops.ed.undo()
    assert not [i for i in bpy.data.images if "Texcore" in i.name]
    assert {image.name for image in images().values()} == {
        "base_color.png",
        "gloss.png",
        "bump.png",
        "height.png",
        "orm.png",
        "opacity.png",
    }
    bpy.ops.ed.redo()
    assert {kind: image.name for kind, image in images().items()} == names
    assert graph(bpy.data.materials[name]) == before


def check_an_output_for_one_renderer_is_an_output():
    for target in ("EEVEE", "CYCLES"):
        material = wired(base_color=loaded("base_color"), roughness=loaded("roughness"))
        material.node_tree.nodes["Material Output"].target = target
        assert kinds(material).keys() == {"base_color", "roughness"}, target
        synthesize(material=material.name, derive={"normal"})
        assert kinds(material).keys() == {"base_color", "roughness", "normal"}, target
        bpy.ops.wm.read_homefile(app_template="", use_empty=True)


def check_a_material_without_images_is_refused():
    material = bpy.data.materials.new("Bare")
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    try:
        synthesize(material="Bare")
    except RuntimeError as e:
        assert "“Bare” has no image" in str(e), e
    else:
        raise AssertionError("it was not refused")


def check_a_missing_map_leaves_everything():
    material = wired(base_color=loaded("base_color"), normal=loaded("normal"))
    nodes = material.node_tree.nodes
    shutil.rmtree(str(bpy.path.abspath(nodes["normal"].image.filepath)).rpartition("/")[0])
    nodes["normal"].image.reload()
    before = graph(material)
    try:
        synthesize(material=material.name)
    except RuntimeError as e:
        assert "“normal.png” is missing" in str(e), e
    else:
        raise AssertionError("it was not refused")
    assert graph(material) == before and nodes["base_color"].image.name == "base_color.png"
    assert len(bpy.data.images) == 2
