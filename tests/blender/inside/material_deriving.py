"""Maps guessed from the base color: which are made, and where they are plugged in."""

from __future__ import annotations

import bpy
import helpers
from driving import job, until
from material import graph, kinds, loaded, synthesize, wired
from previewing import SLOW

ENGINE = "painting.py"
ALL = {"height", "normal", "roughness", "ao"}


def refused(words: str, **arguments) -> None:
    """The operator must end with a sentence that has these words."""
    try:
        synthesize(**arguments)
    except RuntimeError as e:
        assert words in str(e), e
    else:
        raise AssertionError("it was not refused")


def source(socket: bpy.types.NodeSocket) -> bpy.types.Node:
    """The node that feeds a socket."""
    (link,) = socket.links
    return link.from_node


def check_a_photo_alone_becomes_a_whole_material():
    material = wired(base_color=loaded("base_color"))
    nodes, links = material.node_tree.nodes, material.node_tree.links
    coordinates = nodes.new("ShaderNodeTexCoord")
    links.new(coordinates.outputs["UV"], nodes["base_color"].inputs["Vector"])
    nodes["base_color"].extension = "MIRROR"
    synthesize(material=material.name, width=48, height=48, derive=ALL)
    shader, output = nodes["Principled BSDF"].inputs, nodes["Material Output"].inputs
    normal, roughness = source(shader["Normal"]), source(shader["Roughness"])
    assert normal.type == "NORMAL_MAP" and roughness.type == "TEX_IMAGE"
    mix = source(shader["Base Color"])
    assert mix.type == "MIX" and mix.blend_type == "MULTIPLY"
    colours = [s for s in mix.inputs if s.type == "RGBA"]
    assert source(colours[0]) == nodes["base_color"] and mix.inputs[0].default_value == 1
    displacement = source(output["Displacement"])
    assert displacement.type == "DISPLACEMENT"
    textures = {
        "height": source(displacement.inputs["Height"]),
        "normal": source(normal.inputs["Color"]),
        "roughness": roughness,
        "ao": source(colours[1]),
    }
    labels = {kind: node.label for kind, node in textures.items()}
    assert labels == {
        "height": "Height",
        "normal": "Normal (OpenGL)",
        "roughness": "Roughness",
        "ao": "Ambient Occlusion",
    }
    for kind, node in textures.items():
        image = node.image
        assert image.colorspace_settings.name == "Non-Color" and image.packed_file is not None
        assert image.name == f"base_color {node.label} Texcore" and image["texcore_derived"] == kind
        assert image["texcore_set"] == nodes["base_color"].image["texcore_set"]
        assert node.extension == "MIRROR"
        assert node.inputs["Vector"].links[0].from_node == coordinates
        assert node.parent.type == "FRAME" and "Estimated" in node.parent.label
    assert kinds(material).keys() == {"base_color", *ALL}


def check_maps_derived_from_an_untiled_color_are_untiled_alike():
    for coordinates in ("", "ShaderNodeTexCoord"):
        material = wired(base_color=loaded("base_color"))
        nodes, links = material.node_tree.nodes, material.node_tree.links
        if coordinates:
            links.new(nodes.new(coordinates).outputs["UV"], nodes["base_color"].inputs["Vector"])
        assert bpy.ops.texcore.untile(material=material.name, cell_size=0.3) == {"FINISHED"}
        synthesize(material=material.name, derive=ALL)
        taps = helpers.module("nodes.untiling_taps")
        textures = [node for node in nodes if node.type == "TEX_IMAGE"]
        assert len(textures) == 5 and all(taps.find_blending(node) for node in textures)
        (cells,) = {taps.find_cells(node).name for node in textures}
        assert abs(nodes[cells].inputs[taps.CELL_SIZE].default_value - 0.3) < 1e-6
        assert len(taps.list_together(nodes["base_color"])) == 5
        assert bpy.ops.texcore.remove_untiling(material=material.name) == {"FINISHED"}
        assert kinds(material).keys() == {"base_color", *ALL}
        bpy.ops.wm.read_homefile(app_template="", use_empty=True)


def check_curvature_lies_beside_and_follows_the_color():
    """The shader has no input for it, so its node feeds nothing; a second run makes it anew."""
    name = wired(base_color=loaded("base_color")).name
    bpy.ops.ed.undo_push(message="before")
    synthesize(material=name, width=48, height=48, derive={"curvature", "ao"})
    nodes = bpy.data.materials[name].node_tree.nodes
    node = nodes["Texcore Curvature"]
    first = node.image
    assert not node.outputs["Color"].is_linked and first["texcore_derived"] == "curvature"
    assert first.colorspace_settings.name == "Non-Color" and first.packed_file is not None
    assert first["texcore_set"] == nodes["base_color"].image["texcore_set"]
    assert node.parent.type == "FRAME" and node.parent == nodes["Texcore Ambient Occlusion"].parent
    count, old = len(nodes), first.name
    synthesize(material=name, width=48, height=48, seed=2, derive={"curvature", "ao"})
    assert len(nodes) == count and node.image != first
    assert node.image["texcore_set"] == nodes["base_color"].image["texcore_set"]
    bpy.ops.ed.undo()
    assert bpy.data.materials[name].node_tree.nodes["Texcore Curvature"].image.name == old
    bpy.ops.ed.undo()
    assert "Texcore Curvature" not in bpy.data.materials[name].node_tree.nodes


def check_new_nodes_lie_over_nothing():
    material = wired(base_color=loaded("base_color"), roughness=loaded("roughness"))
    nodes = material.node_tree.nodes
    nodes["base_color"].location = nodes["roughness"].location = (-500, 250)
    synthesize(material=material.name, width=48, height=48, derive=ALL)
    new = [n for n in nodes if n.parent is not None]
    assert sorted(n.type for n in new) == sorted(
        ["TEX_IMAGE"] * 3 + ["MIX", "NORMAL_MAP", "DISPLACEMENT"]
    )
    boxes = {n: (n.location.x, n.location.y) for n in nodes if n.type != "FRAME"}
    for node in new:
        x, y = boxes[node]
        for other, (left, top) in boxes.items():
            apart = abs(x - left) >= 240 or abs(y - top) >= 250
            assert other == node or apart, (node.name, other.name)


def check_a_larger_photo_and_its_derived_maps_take_one_mapping():
    material = wired(base_color=loaded("base_color"))
    synthesize(material=material.name, derive={"normal"}, width=96, height=96)
    (mapping,) = [n for n in material.node_tree.nodes if n.type == "MAPPING"]
    assert len(mapping.outputs[0].links) == 2


def check_what_is_there_is_kept():
    material = wired(
        base_color=loaded("base_color"), gloss=loaded("gloss"), bump=loaded("height", "bump.png")
    )
    before = graph(material)
    synthesize(
        material=material.name, width=48, height=48, derive={"height", "normal", "roughness"}
    )
    assert graph(material) == before  # all three are there in some way
    synthesize(material=material.name, width=48, height=48, derive={"ao"})
    assert kinds(material).keys() == {"base_color", "gloss", "bump", "ao"}


def check_whatever_feeds_a_socket_is_kept():
    material = wired(base_color=loaded("base_color"))
    nodes, links = material.node_tree.nodes, material.node_tree.links
    noise = nodes.new("ShaderNodeTexNoise")
    links.new(noise.outputs[0], nodes["Principled BSDF"].inputs["Roughness"])
    synthesize(material=material.name, derive={"roughness", "normal"})
    assert source(nodes["Principled BSDF"].inputs["Roughness"]) == noise
    assert kinds(material).keys() == {"base_color", "normal"}


def check_occlusion_in_a_packed_map_is_occlusion():
    material = wired(base_color=loaded("base_color"), orm=loaded("orm"))
    synthesize(material=material.name, derive={"ao"})
    assert kinds(material).keys() == {"base_color", "orm"}


def check_undo_takes_nodes_and_images_back_in_one_step():
    name = wired(base_color=loaded("base_color")).name
    before = graph(bpy.data.materials[name])
    bpy.ops.ed.undo_push(message="before")
    synthesize(material=name, width=48, height=48, derive=ALL)
    assert len(bpy.data.images) == 6
    bpy.ops.ed.undo()
    assert graph(bpy.data.materials[name]) == before and len(bpy.data.images) == 1
    bpy.ops.ed.redo()
    assert kinds(bpy.data.materials[name]).keys() == {"base_color", *ALL}
    assert all(i.packed_file for i in bpy.data.images if "Texcore" in i.name)


def check_a_second_run_derives_again_from_the_new_colour():
    """A derived map belongs to the colour that it was guessed from: it is no exemplar."""
    material = wired(base_color=loaded("base_color"))
    synthesize(material=material.name, width=48, height=48, derive={"normal"})
    before = graph(material)
    task = helpers.module("synthesis.task").Synthesis(
        bpy.context, helpers.options(material=material.name, maps=True)
    )
    task.close()
    assert set(task.params.maps) == {"base_color"} and list(task.params.derive) == ["normal"]
    synthesize(material=material.name, width=48, height=48, seed=2)
    assert graph(material) == before
    names = kinds(material)
    assert names == {
        "base_color": "base_color Texcore.001",
        "normal": "base_color Normal (OpenGL) Texcore.001",
    }
    bpy.ops.texcore.compare()
    assert kinds(material) == {kind: name[:-4] for kind, name in names.items()}


def check_derived_maps_do_not_lie_over_the_old_photo():
    material = wired(base_color=loaded("base_color"))
    synthesize(material=material.name, width=48, height=48, derive=ALL)
    before = graph(material)

    def muted() -> set[bool]:
        nodes = [n for n in material.node_tree.nodes if n.name.startswith("Texcore ")]
        assert len(nodes) == 4
        return {link.is_muted for node in nodes for link in node.outputs[0].links}

    assert muted() == {False}
    mix = source(material.node_tree.nodes["Principled BSDF"].inputs["Base Color"])
    white = [s for s in mix.inputs if s.type == "RGBA"][1].default_value
    displacement = source(material.node_tree.nodes["Material Output"].inputs["Displacement"])
    assert list(white) == [1, 1, 1, 1]
    assert displacement.inputs["Height"].default_value == 0.5
    bpy.ops.texcore.compare()
    assert kinds(material)["base_color"] == "base_color.png" and muted() == {True}
    bpy.ops.texcore.compare()
    assert muted() == {False} and graph(material) == before
    bpy.ops.texcore.compare()
    bpy.ops.texcore.assign(image="base_color Texcore", to="NODE")
    assert muted() == {False}
    bpy.ops.texcore.compare()
    synthesize(material=material.name, width=48, height=48, seed=2)
    assert muted() == {False} and graph(material) == before


def textures(material: bpy.types.Material) -> list[bpy.types.ShaderNodeTexImage]:
    """The Image Texture nodes of a material."""
    return [n for n in material.node_tree.nodes if n.type == "TEX_IMAGE"]


def muted(material: bpy.types.Material) -> dict[str, bool]:
    """Of each derived map in a material's nodes, by its kind, whether it has no effect."""
    nodes = [n for n in textures(material) if "texcore_derived" in n.image]
    return {n.image["texcore_derived"]: n.outputs[0].links[0].is_muted for n in nodes}


def check_maps_that_are_there_follow_a_new_color_whatever_is_ticked():
    material = wired(base_color=loaded("base_color"))
    synthesize(material=material.name, derive={"normal", "roughness"})
    before = graph(material)
    for ticked in (set(), {"normal"}):
        options = helpers.options(**helpers.FAST, derive=tuple(ticked))
        meant = helpers.module("synthesis.intending").find_intention(bpy.context, options, True)
        assert not meant.is_material and meant.guessed == 2
        assert bpy.ops.texcore.synthesize(**helpers.FAST, derive=ticked) == {"FINISHED"}
        assert len({node.image["texcore_set"] for node in textures(material)}) == 1
        assert graph(material) == before
        assert muted(material) == {"normal": False, "roughness": False}
    bpy.ops.texcore.compare()
    assert muted(material) == {"normal": False, "roughness": False}  # those of the set before


def check_derived_maps_do_not_lie_under_a_lone_texture():
    material = wired(base_color=loaded("base_color"), roughness=loaded("roughness"))
    nodes = material.node_tree.nodes
    node, roughness = nodes["base_color"], nodes["roughness"]
    lone = helpers.synthesize(image="base_color.png", seed=1)
    other = helpers.synthesize(image="roughness.png", seed=1)
    nodes.active = node
    bpy.ops.texcore.synthesize(**helpers.FAST, derive={"normal", "ao"})
    apart, together = {"normal": True, "ao": True}, {"normal": False, "ao": False}
    assert muted(material) == together
    for to in ("NODE", "USERS"):
        bpy.ops.texcore.assign(image=lone.name, to=to)
        assert node.image == lone and muted(material) == apart
        bpy.ops.texcore.compare()
        assert muted(material) == together
    roughness.image = bpy.data.images["roughness.png"]
    bpy.ops.texcore.assign(image=other.name, to="USERS")
    assert roughness.image == other and muted(material) == together  # they are of another photo


def check_derived_maps_do_not_lie_under_a_preview_that_is_kept():
    jobs = helpers.module("engine.jobs")
    name = wired(base_color=loaded("base_color")).name
    bpy.ops.texcore.synthesize(**helpers.FAST, derive={"normal"})
    work = job(**SLOW)
    jobs.start(work)
    until(lambda: work.keepable or work.ended)
    jobs.engine.finish = lambda id: None
    try:
        work.keep()
    finally:
        del jobs.engine.finish
    jobs.engine._process.kill()
    until(lambda: work.ended)
    material = bpy.data.materials[name]
    assert material.node_tree.nodes["base_color"].image.name.endswith("Preview"), work.message
    assert muted(material) == {"normal": True}


def check_a_shader_in_a_group():
    material = wired(base_color=loaded("base_color"))
    nodes, links = material.node_tree.nodes, material.node_tree.links
    group = bpy.data.node_groups.new("Shader", "ShaderNodeTree")
    group.interface.new_socket("Color", in_out="INPUT", socket_type="NodeSocketColor")
    group.interface.new_socket("BSDF", in_out="OUTPUT", socket_type="NodeSocketShader")
    shader = group.nodes.new("ShaderNodeBsdfPrincipled")
    entry, end = group.nodes.new("NodeGroupInput"), group.nodes.new("NodeGroupOutput")
    group.links.new(entry.outputs[0], shader.inputs["Base Color"])
    group.links.new(shader.outputs[0], end.inputs[0])
    outer = nodes.new("ShaderNodeGroup")
    outer.node_tree = group
    links.new(nodes["base_color"].outputs[0], outer.inputs[0])
    links.new(outer.outputs[0], nodes["Material Output"].inputs["Surface"])
    synthesize(material=material.name, derive=ALL)
    assert kinds(material).keys() == {"base_color", *ALL}
    assert source(shader.inputs["Normal"]).type == "NORMAL_MAP"
    assert source(nodes["Material Output"].inputs["Displacement"]).type == "DISPLACEMENT"


def check_what_cannot_be_derived_is_said():
    material = wired(base_color=loaded("base_color"))
    tree = material.node_tree
    tree.links.clear()
    emission = tree.nodes.new("ShaderNodeEmission")
    tree.links.new(tree.nodes["base_color"].outputs[0], emission.inputs[0])
    tree.links.new(emission.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
    refused("has no Principled BSDF", material=material.name, derive={"normal"})
    bare = wired(base_color=loaded("base_color"))
    nodes = bare.node_tree.nodes
    links = bare.node_tree.links
    for link in list(links):
        if link.to_socket.name == "Base Color":
            links.remove(link)
    links.new(nodes["base_color"].outputs[0], nodes["Principled BSDF"].inputs["Roughness"])
    refused("Nothing colours the Principled BSDF", material=bare.name, derive={"normal"})
    assert kinds(bare)["roughness"].startswith("base_color")


def check_a_shader_that_is_replaced_meanwhile_leaves_the_texture_and_the_maps():
    material = wired(base_color=loaded("base_color"))
    jobs = helpers.module("engine.jobs")
    work = job(material=material.name, derive=tuple(sorted(ALL)))
    jobs.start(work)
    until(lambda: work.state is jobs.State.RUNNING)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.remove(nodes["Principled BSDF"])
    other = nodes.new("ShaderNodeBsdfDiffuse")
    links.new(nodes["base_color"].outputs["Color"], other.inputs["Color"])
    until(lambda: work.ended)
    assert work.state is jobs.State.DONE, work.message
    assert nodes["base_color"].image.name == "base_color Texcore"
    assert all(f"{kind}" in work.message for kind in ALL), work.message
    loose = [image for image in bpy.data.images if image.get("texcore_derived") in ALL]
    assert len(loose) == len(ALL) and all(image.use_fake_user for image in loose)


def check_pictures_become_whole_materials():
    path = helpers.write_png(helpers.folder() / "bark.png", helpers.picture(48)[..., :3])
    thing = bpy.data.objects.new("Tree", bpy.data.meshes.new("Tree"))
    bpy.context.scene.collection.objects.link(thing)
    thing.select_set(True)
    settings = bpy.context.scene.texcore
    settings.quality = "draft"
    done = bpy.ops.texcore.new_material(filepath=str(path), derive={"normal", "roughness"})
    assert done == {"FINISHED"}
    assert kinds(thing.active_material) == {
        "base_color": "bark Texcore",
        "normal": "bark Normal (OpenGL) Texcore",
        "roughness": "bark Roughness Texcore",
    }


def check_a_folder_of_maps_gets_what_it_lacks():
    folder = helpers.folder() / "wall"
    folder.mkdir()
    for name in ("wall_diff.png", "wall_rough.png"):
        helpers.write_png(folder / name, helpers.picture(48)[..., :3])
    words = {**helpers.FAST, "directory": str(folder), "synthesize": True, "derive": ALL}
    assert bpy.ops.texcore.material_from_maps(**words) == {"FINISHED"}
    assert kinds(bpy.data.materials["wall"]).keys() == {"base_color", *ALL}
    assert kinds(bpy.data.materials["wall"])["roughness"] == "wall_rough Texcore"


def check_the_panel_s_choice_is_taken():
    material = wired(base_color=loaded("base_color"))
    bpy.context.scene.texcore.derive = {"ao"}
    synthesize(material=material.name)
    assert kinds(material).keys() == {"base_color", "ao"}
    bare = wired(base_color=loaded("base_color"))
    synthesize(material=bare.name, derive=set())
    assert kinds(bare).keys() == {"base_color"}
