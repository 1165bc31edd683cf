"""Un-tiling: what a surface shows by it, in renders, and the artist's tree before and after."""

from __future__ import annotations

import math

import bpy
import helpers
import numpy as np
from driving import command
from material import loaded, turn_green_over, wired

ENGINE = "painting.py"
SIDE = 96  #: of a render, in pixels


def noise(size: int = 64, blur: int = 3) -> np.ndarray:
    """Grains of some pixels that go round, values of shape (size, size, 3) in 0...1."""
    rng = np.random.default_rng(5)
    waves = np.fft.fftfreq(size)
    low = np.exp(-((waves[:, None] ** 2 + waves**2) * (blur * 4) ** 2))
    values = np.fft.ifft2(np.fft.fft2(rng.normal(size=(size, size))) * low).real
    values = np.clip(0.45 + 0.16 * values / values.std(), 0.02, 0.98)
    return np.dstack([values, values**1.2, values**0.8])


def picture(values: np.ndarray, name: str = "grain", data: bool = False) -> bpy.types.Image:
    """Values of a float image that is packed, top row first."""
    height, width, _ = values.shape
    image = bpy.data.images.new(name, width, height, float_buffer=True, is_data=data)
    rows = np.dstack([values, np.ones((height, width))])[::-1]
    image.pixels.foreach_set(rows.astype(np.float32).ravel())
    image.pack()
    return image


def surface(**maps: bpy.types.Image) -> bpy.types.Material:
    """A material of nothing but maps, on a plane that fills the camera's view.

    Scalars and colours go straight into the shader.
    """
    material = wired(base_color=maps["base_color"])
    nodes, links = material.node_tree.nodes, material.node_tree.links
    for kind, image in maps.items():
        if kind != "base_color":
            node = nodes.new("ShaderNodeTexImage")
            node.name, node.image = kind, image
            out = node.outputs[0]
            if kind == "normal":
                between = nodes.new("ShaderNodeNormalMap")
                links.new(out, between.inputs["Color"])
                out = between.outputs[0]
            links.new(out, nodes["Principled BSDF"].inputs[kind.capitalize()])
    bpy.ops.mesh.primitive_plane_add(size=1)
    plane = bpy.context.object
    plane.data.materials.append(material)
    bpy.ops.object.camera_add(location=(0, 0, 1))
    bpy.context.object.data.type, bpy.context.object.data.ortho_scale = "ORTHO", 1
    bpy.context.scene.camera = bpy.context.object
    bpy.context.view_layer.objects.active = plane
    return material


def render(material: bpy.types.Material, kind: str = "base_color", repeats: float = 6):
    """What a map's node, or the group behind it, shows of so many repeats; top row first."""
    node = material.node_tree.nodes[kind]
    blending = helpers.module("nodes.untiling_taps").find_blending(node)
    return shoot(material, (blending or node).outputs["Color"], repeats)


def shoot(material: bpy.types.Material, socket: bpy.types.NodeSocket, repeats: float):
    """What comes out of a socket on a surface of so many repeats; top row first."""
    tree = material.node_tree
    uvs = bpy.context.object.data.uv_layers.active.data
    for corner, place in zip(uvs, ((0, 0), (1, 0), (1, 1), (0, 1)), strict=True):
        corner.uv = (place[0] * repeats, place[1] * repeats)
    output = tree.nodes["Material Output"].inputs["Surface"]
    before = output.links[0].from_socket
    light = tree.nodes.new("ShaderNodeEmission")
    tree.links.new(socket, light.inputs["Color"])
    tree.links.new(light.outputs[0], output)
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.device, scene.cycles.samples = "CYCLES", "CPU", 1
    scene.cycles.use_denoising, scene.cycles.pixel_filter_type = False, "BOX"
    scene.cycles.filter_width = 0.01
    scene.render.resolution_x = scene.render.resolution_y = SIDE
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_depth = "32"
    scene.render.filepath = str(helpers.folder() / "shot.exr")
    bpy.ops.render.render(write_still=True)
    tree.links.new(before, output)
    tree.nodes.remove(light)
    shot = bpy.data.images.load(scene.render.filepath)
    values = helpers.pixels(shot)[::-1, :, :3].copy()
    bpy.data.images.remove(shot)
    return values


def describe(tree: bpy.types.NodeTree) -> tuple[dict, set]:
    """All that can be said of a tree: its nodes with what they hold, and its links."""
    nodes = {}
    for node in tree.nodes:
        said = [tuple(node.location), node.width, node.hide, node.label, node.mute]
        said += [node.parent.name if node.parent else "", dict(node.items()).keys()]
        said += [node.image.name] if node.type == "TEX_IMAGE" and node.image else []
        for entry in node.inputs:
            value = getattr(entry, "default_value", None)
            said.append(tuple(value) if hasattr(value, "__len__") else value)
        nodes[node.name] = repr(said)
    links = {
        (
            link.from_node.name,
            link.from_socket.identifier,
            link.to_node.name,
            link.to_socket.identifier,
            link.is_muted,
        )
        for link in tree.links
    }
    return {**nodes, "": tree.nodes.active and tree.nodes.active.name}, links


def refused(words: str, operator=None, **arguments) -> None:
    """The operator must end with a sentence that has these words, and change nothing."""
    before = {m.name: describe(m.node_tree) for m in bpy.data.materials}
    try:
        (operator or bpy.ops.texcore.untile)(**arguments)
    except RuntimeError as e:
        assert words in str(e) and "Traceback" not in str(e), e
    else:
        raise AssertionError("it was not refused")
    assert before == {m.name: describe(m.node_tree) for m in bpy.data.materials}


def check_untiling_repeats_nothing_and_keeps_mean_and_contrast():
    material = surface(base_color=picture(noise()))
    before = render(material)
    assert bpy.ops.texcore.untile(material=material.name) == {"FINISHED"}
    after = render(material)
    period = SIDE // 6
    assert abs(before[:, period:] - before[:, :-period]).max() < 1e-3  # it did repeat
    assert abs(after[:, period:] - after[:, :-period]).mean() > 0.5 * before.std()
    assert np.allclose(after.mean((0, 1)), before.mean((0, 1)), rtol=0.01)
    assert np.allclose(after.std((0, 1)), before.std((0, 1)), rtol=0.03)


def check_untiled_cells_have_no_border():
    material = surface(base_color=picture(noise()))
    scale = abs(np.diff(render(material, repeats=1.5), axis=1)).max()
    bpy.ops.texcore.untile(material=material.name)
    shown = render(material, repeats=1.5)
    jumps = [abs(np.diff(shown, axis=axis)).max() for axis in (0, 1)]
    assert max(jumps) < 2.5 * scale, (jumps, scale)


def check_a_place_jumps_only_where_its_cell_counts_for_nothing():
    material = surface(base_color=picture(noise()))
    bpy.ops.texcore.untile(material=material.name, method="SHIFTED")
    (cells,) = helpers.module("nodes.untiling").find_untiled(material)
    links = material.node_tree.links
    lift = material.node_tree.nodes.new("ShaderNodeVectorMath")  # a camera sees no negative light
    lift.inputs[1].default_value = (9, 9, 9)
    weights = shoot(material, cells.outputs["Weights"], 1.5)
    assert np.allclose(weights.sum(2), 1, atol=1e-4) and weights.min() > -1e-4
    for number in range(3):
        links.new(cells.outputs[f"Vector {number + 1}"], lift.inputs[0])
        place = shoot(material, lift.outputs[0], 1.5)
        for axis in (0, 1):
            jumps = abs(np.diff(place, axis=axis)).max(2) > 0.05  # a pixel is 0.016 wide
            counts = np.moveaxis(weights[..., number], axis, 0)
            larger = np.moveaxis(np.maximum(counts[1:], counts[:-1]), 0, axis)
            assert jumps.any() and larger[jumps].max() < 0.1, (number, larger[jumps].max())


def check_untiled_maps_have_the_same_cells():
    grain = noise()
    material = surface(
        base_color=picture(1 - grain),
        roughness=picture(grain, "rough", data=True),
        metallic=picture(grain, "metal", data=True),
    )
    bpy.ops.texcore.untile(material=material.name)
    colour, rough, metal = (render(material, k) for k in ("base_color", "roughness", "metallic"))
    assert np.array_equal(rough, metal)
    # The colour is another curve of the same cells: what is dark in one is bright in the other.
    assert np.corrcoef(colour[..., 0].ravel(), rough[..., 0].ravel())[0, 1] < -0.97


def check_untiled_normals_are_turned_back():
    height = noise(blur=5)[..., 0]
    across, up = (np.roll(height, -1, a) - np.roll(height, 1, a) for a in (1, 0))
    steep = 12.0
    normal = np.dstack([-across * steep, up * steep, np.ones_like(height)])
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    material = surface(
        base_color=picture(np.dstack([height] * 3), "height", data=True),
        normal=picture(normal * 0.5 + 0.5, "normal", data=True),
    )
    for green in (1.0, -1.0):
        if green < 0:  # as DirectX has it
            values = normal * (1, -1, 1)
            material.node_tree.nodes["normal"].image = picture(values * 0.5 + 0.5, "dx", data=True)
            turn_green_over(material)
        bpy.ops.texcore.untile(material=material.name, cell_size=1.0)
        shown = render(material, repeats=1.5)[..., 0]
        light = render(material, "normal", repeats=1.5) * 2 - 1
        rise = [np.gradient(shown, axis=1), -np.gradient(shown, axis=0)]
        slopes = [-light[..., 0] / light[..., 2], -green * light[..., 1] / light[..., 2]]
        alike = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(rise, slopes, strict=True)]
        assert min(alike) > 0.9, (green, alike)
        bpy.ops.texcore.remove_untiling(material=material.name)


def check_whole_patterns_stay_in_place():
    bricks = helpers.picture(64)[..., :3]  # 4 across, 2 courses twice, each with a grain of its own
    material = surface(base_color=picture(bricks, "bricks"))
    before = render(material, repeats=3)
    refused("how often the pattern", material=material.name, method="LATTICE")
    bpy.ops.texcore.untile(material=material.name, method="LATTICE", across=4, up=2)
    after = render(material, repeats=3)
    assert 0.01 < abs(after - before).mean() < 0.06 and abs(after - before).max() < 0.4
    bpy.ops.texcore.untile(material=material.name, method="TURNED")
    assert abs(render(material, repeats=3) - before).mean() > 0.12


def check_what_texcore_knows_of_a_pattern_is_used():
    image = picture(helpers.picture(64)[..., :3], "bricks")
    marks = helpers.module("images.marks")
    marks.note_repeats(image, (4, 2))
    material = surface(base_color=image)
    bpy.ops.texcore.untile(material=material.name)
    (cells,) = helpers.module("nodes.untiling").find_untiled(material)
    assert [cells.inputs[n].default_value for n in ("Repeats Across", "Repeats Up")] == [4, 2]
    assert cells.inputs["Turn"].default_value == 0
    marks.note_repeats(image, (10**6, -1))
    assert marks.read_repeats(image) == (0, 0)
    image[marks.REPEATS_PROPERTY] = "many"
    assert marks.read_repeats(image) == (0, 0)
    assert marks.REPEATS_PROPERTY in marks.list_senseless(image)


def check_each_object_has_cells_of_its_own_if_it_shall():
    material = surface(base_color=picture(noise()))
    first = bpy.context.object
    bpy.ops.texcore.untile(material=material.name)
    one = render(material)
    first.name = "another"  # an object's random number comes of its name
    assert abs(render(material) - one).mean() > 0.05
    (cells,) = helpers.module("nodes.untiling").find_untiled(material)
    cells.inputs["Per Object"].default_value = 0
    same = render(material)
    first.name = "a third"
    assert np.array_equal(render(material), same)


def _whole_material() -> bpy.types.Material:
    """Maps of all sorts, some with a Mapping before them, one with alpha, a link muted."""
    kinds = ("base_color", "normal", "roughness", "height")
    material = wired(**{kind: loaded(kind) for kind in kinds})
    nodes, links = material.node_tree.nodes, material.node_tree.links
    mapping, place = nodes.new("ShaderNodeMapping"), nodes.new("ShaderNodeTexCoord")
    links.new(place.outputs["Generated"], mapping.inputs["Vector"])
    for kind in kinds:
        links.new(mapping.outputs[0], nodes[kind].inputs["Vector"])
    links.new(nodes["base_color"].outputs["Alpha"], nodes["Principled BSDF"].inputs["Alpha"])
    nodes["roughness"].outputs["Color"].links[0].is_muted = True
    mask = nodes.new("ShaderNodeTexImage")
    mask.image = loaded("opacity")
    links.new(mask.outputs[0], nodes["Principled BSDF"].inputs["Metallic"])
    nodes.active = nodes["roughness"]
    return material


def check_removing_leaves_the_tree_as_it_was():
    material = _whole_material()
    without = wired(base_color=loaded("base_color"))  # whose image takes the UVs unlinked
    for each in (material, without):
        before = describe(each.node_tree)
        bpy.ops.texcore.untile(material=each.name)
        once = describe(each.node_tree)
        assert once != before and bpy.data.node_groups
        bpy.ops.texcore.untile(material=each.name, seed=0)
        assert describe(each.node_tree)[1] == once[1]  # again, and all is as after once
        assert len(helpers.module("nodes.untiling").find_untiled(each)) == 1
        bpy.ops.texcore.remove_untiling(material=each.name)
        assert describe(each.node_tree) == before
        assert not bpy.data.node_groups
    refused("is not un-tiled", bpy.ops.texcore.remove_untiling, material=material.name)


def check_untiling_is_one_step_of_undo():
    name = _whole_material().name
    before = describe(bpy.data.materials[name].node_tree)
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.texcore.untile("EXEC_DEFAULT", True, material=name)  # as a click does it
    bpy.ops.ed.undo()
    assert describe(bpy.data.materials[name].node_tree) == before and not bpy.data.node_groups
    bpy.ops.ed.redo()
    assert helpers.module("nodes.untiling").find_untiled(bpy.data.materials[name])


def check_a_mask_with_other_coordinates_is_left_alone():
    material = _whole_material()
    bpy.ops.texcore.untile(material=material.name)
    taps = helpers.module("nodes.untiling_taps")
    nodes = [n for n in material.node_tree.nodes if n.type == "TEX_IMAGE"]
    assert len(nodes) == 5
    (left,) = [node for node in nodes if taps.find_blending(node) is None]
    assert "opacity" in left.image.name and not left.inputs["Vector"].links


def check_maps_with_mappings_of_their_own_that_are_equal_belong_together():
    material = wired(base_color=loaded("base_color"), roughness=loaded("roughness"))
    nodes, links = material.node_tree.nodes, material.node_tree.links
    for kind in ("base_color", "roughness"):
        mapping, uvs = nodes.new("ShaderNodeMapping"), nodes.new("ShaderNodeUVMap")
        uvs.uv_map = "UVMap"
        mapping.inputs["Scale"].default_value = (3, 3, 1)
        links.new(uvs.outputs[0], mapping.inputs["Vector"])
        links.new(mapping.outputs[0], nodes[kind].inputs["Vector"])
    before = describe(material.node_tree)
    untile, taps = helpers.module("nodes.untiling_choosing"), helpers.module("nodes.untiling_taps")
    assert "2 maps un-tiled" in untile.untile_as_fits(material, nodes["base_color"])
    cells = [taps.find_cells(nodes[kind]) for kind in ("base_color", "roughness")]
    assert None not in cells and cells[0] != cells[1]
    bpy.ops.texcore.remove_untiling(material=material.name)
    assert describe(material.node_tree) == before
    mapping.inputs["Scale"].default_value = (2, 2, 1)
    said = untile.untile_as_fits(material, nodes["base_color"])
    assert "1 map un-tiled" in said and "1 map with other coordinates left alone" in said


def check_previews_are_shown_in_all_three_places_and_leave_them():
    material = wired(base_color=loaded("base_color"))
    node = material.node_tree.nodes["base_color"]
    old = node.image
    bpy.ops.texcore.untile(material=material.name)
    taps, preview = helpers.module("nodes.untiling_taps"), helpers.module("synthesis.preview")
    place = helpers.module("nodes.places").locate(node, material)
    path = helpers.folder() / "preview.npy"
    np.save(path, np.full((16, 16, 4), 99, np.uint8))
    uid, sources = old.session_uid, helpers.module("synthesis.sources")
    where = sources.MapSource("picture", uid, uid, (place,), (uid, ""))
    making = preview.InTheMaking(where, (96, 96), "sRGB", "new", path)
    assert making.read()
    making.show()
    shown = taps.list_taps(node)
    assert len(shown) == 3 and {tap.image.name for tap in shown} == {"Texcore Preview"}
    assert {tuple(tap.texture_mapping.scale) for tap in shown} == {(0.5, 0.5, 1)}
    preview.heal()
    assert {tap.image for tap in taps.list_taps(node)} == {old}
    assert {tuple(tap.texture_mapping.scale) for tap in shown} == {(1, 1, 1)}


def check_what_is_set_in_the_panel_outlives_an_update():
    material = _whole_material()
    bpy.ops.texcore.untile(material=material.name, cell_size=0.8, method="SHIFTED", seed=3)
    (cells,) = helpers.module("nodes.untiling").find_untiled(material)
    cells.inputs["Cell Size"].default_value = 0.6
    bpy.ops.texcore.untile(material=material.name)
    (cells,) = helpers.module("nodes.untiling").find_untiled(material)
    said = {entry.name: entry.default_value for entry in cells.inputs if entry.type == "VALUE"}
    assert abs(said["Cell Size"] - 0.6) < 1e-6 and said["Turn"] == 0 and said["Seed"] == 3


def check_untiled_maps_are_the_same_maps_to_texcore():
    material = _whole_material()
    maps, targets = helpers.module("nodes.maps"), helpers.module("nodes.targets")

    def told():
        return [(m.kind, m.uid, sorted(p.node for p in m.places)) for m in maps.find_maps(material)]

    before = told(), targets.find_target(bpy.context, material.name)
    bpy.ops.texcore.untile(material=material.name)
    assert (told(), targets.find_target(bpy.context, material.name)) == before


def check_a_new_image_goes_to_all_three_places():
    material = _whole_material()
    node = material.node_tree.nodes["base_color"]
    bpy.ops.texcore.untile(material=material.name)
    taps, putting = helpers.module("nodes.untiling_taps"), helpers.module("nodes.putting")
    copy = material.copy()
    values = np.full((24, 96, 3), (0.2, 0.4, 0.6))
    new = picture(values, "new")
    mapping = node.id_data.nodes["Mapping"]
    putting.put_image(node, new, keep_density=True)
    assert [tap.image for tap in taps.list_taps(node)] == [new] * 3
    mean = taps.find_blending(node).node_tree.nodes["Mean"]
    held = [entry.default_value for entry in mean.inputs]
    assert np.allclose(held, np.sqrt(values[0, 0]), atol=1e-3)
    assert taps.find_cells(node).inputs["Aspect"].default_value == 4
    # Its coordinates are scaled before the cells, and the other maps' are not.
    scaled = taps.get_entry(node).links[0].from_node
    assert scaled.type == "MAPPING" and scaled != mapping
    assert tuple(scaled.inputs["Scale"].default_value) == (0.5, 2, 1)
    other = node.id_data.nodes["normal"]
    assert taps.get_entry(other).links[0].from_node == mapping
    assert taps.find_cells(other).inputs["Aspect"].default_value == 1
    # As large on the surface as before.
    sizes = [taps.find_cells(n).inputs["Cell Size"].default_value for n in (node, other)]
    assert math.isclose(sizes[0], 2 * sizes[1], rel_tol=1e-6)
    (other,) = [n for n in copy.node_tree.nodes if n.name == "base_color"]
    assert new not in [tap.image for tap in taps.list_taps(other)]
    assert mapping.inputs["Scale"].default_value[0] == 1


def check_a_group_that_the_artist_has_changed_is_the_artists():
    material = wired(base_color=loaded("base_color"))
    bpy.ops.texcore.untile(material=material.name)
    untiling, maps = helpers.module("nodes.untiling"), helpers.module("nodes.maps")
    (cells,) = untiling.find_untiled(material)
    interface = cells.node_tree.interface
    interface.remove(next(item for item in interface.items_tree if item.name == "Seed"))
    assert not untiling.find_untiled(material) and len(maps.find_maps(material)) == 1
    bpy.ops.texcore.untile(material=material.name)
    (new,) = untiling.find_untiled(material)
    assert new.node_tree != cells.node_tree
    bpy.ops.texcore.remove_untiling(material=material.name)
    assert cells.name in material.node_tree.nodes
    node = material.node_tree.nodes["base_color"]
    assert node.inputs["Vector"].links[0].from_node == cells


def check_what_cannot_be_untiled_is_refused():
    material = wired(base_color=loaded("base_color"), roughness=loaded("roughness"))
    node = material.node_tree.nodes["roughness"]
    for name, value, words in (
        ("projection", "BOX", "is projected by Box"),
        ("extension", "CLIP", "does not repeat"),
    ):
        before = getattr(node, name)
        setattr(node, name, value)
        refused(words, material=material.name)
        setattr(node, name, before)
    node.texture_mapping.scale = (2, 2, 1)
    refused("a mapping of its own", material=material.name)
    node.texture_mapping.scale = (1, 1, 1)
    refused("no material named", material="None such")
    node.image.source = "TILED"
    refused("UDIM", material=material.name)
    node.image.source = "FILE"
    path = helpers.folder() / "library.blend"
    bpy.data.libraries.write(str(path), {material})
    with bpy.data.libraries.load(str(path), link=True) as (there, here):
        here.materials = there.materials
    linked = next(m for m in bpy.data.materials if m.library)
    linked.name_full  # noqa: B018 - it is loaded now
    thing = bpy.context.view_layer.objects.active
    thing.data.materials.clear()
    thing.data.materials.append(linked)
    refused("linked from another file")
    assert not bpy.data.node_groups


def check_the_command_untiles_what_it_has_made():
    wired(base_color=loaded("base_color"), normal=loaded("normal")).name = "Wall"
    boxed = wired(base_color=loaded("base_color", "box.png"))
    boxed.name = "Boxed"
    boxed.node_tree.nodes["base_color"].projection = "BOX"
    out = helpers.folder() / "out.blend"
    words = ("--untile", "--quality", "draft", "--weights", "random", "--size", "32")
    code, said = command("--all", "--maps", *words, "-o", str(out))
    assert code == 1 and "Boxed: “box Texcore” is projected by Box" in said, said
    bpy.ops.wm.open_mainfile(filepath=str(out))
    untiling, taps = helpers.module("nodes.untiling"), helpers.module("nodes.untiling_taps")
    assert len(untiling.find_untiled(bpy.data.materials["Wall"])) == 1
    node = bpy.data.materials["Wall"].node_tree.nodes["base_color"]
    assert {tap.image.name for tap in taps.list_taps(node)} == {"base_color Texcore"}
    assert not untiling.find_untiled(bpy.data.materials["Boxed"])
