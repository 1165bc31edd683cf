"""How many texels of a texture lie on a metre of an object, as the panel says it."""

from __future__ import annotations

import math
from pathlib import Path
from unittest import mock

import bpy
import drawing
import helpers

ENGINE = "painting.py"


def plane(side: float = 2.0, uv: float = 1.0, size: int = 64) -> bpy.types.ShaderNodeTexImage:
    """The node of a square plane of so many metres, whose UVs are so large."""
    node = helpers.textured(helpers.load(size=size))
    mesh = bpy.context.view_layer.objects.active.data
    corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
    mesh.from_pydata([(side * x, side * y, 0) for x, y in corners], [], [(0, 1, 2, 3)])
    layer = mesh.uv_layers.new(name="UVMap")
    layer.uv.foreach_set("vector", [uv * value for corner in corners for value in corner])
    bpy.context.view_layer.update()
    return node


def measured() -> float | None:
    """Texels a metre of what is meant, as a timer finds it."""
    density, targets = helpers.module("nodes.density"), helpers.module("nodes.targets")
    target = targets.find_target(bpy.context)
    density.find_density(bpy.context, target)
    density.look()
    return density.find_density(bpy.context, target)


def expect(wanted: float | None) -> None:
    got = measured()
    close = got is not None and wanted is not None and math.isclose(got, wanted, rel_tol=1e-4)
    assert close or got is wanted is None, (got, wanted)


def check_texels_a_metre_of_a_plane_whose_size_is_known():
    node = plane()
    expect(32)
    thing = bpy.context.view_layer.objects.active
    thing.scale = (2, 2, 5)
    bpy.context.view_layer.update()
    expect(16)
    bpy.context.scene.unit_settings.scale_length = 0.01
    expect(1600)
    bpy.context.scene.unit_settings.scale_length = 1
    node.image = helpers.load(size=128)
    expect(32)


def check_an_image_whose_file_is_missing_has_no_density():
    node = plane()
    expect(32)
    gone = helpers.load()
    Path(bpy.path.abspath(gone.filepath)).unlink()
    gone.reload()
    node.image = gone
    expect(None)
    assert not [w for w in drawing.draw_panel() if w.shown.startswith("On the object")]


def check_the_mapping_counts_wherever_it_is():
    node = plane(uv=3.0)
    expect(96)
    tree = node.id_data
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.inputs["Scale"].default_value = (2, 8, 1)
    mapping.inputs["Rotation"].default_value = (0, 0, 0.5)
    tree.links.new(mapping.outputs["Vector"], node.inputs["Vector"])
    expect(None)  # it takes one place of the texture alone
    names = tree.nodes.new("ShaderNodeUVMap")
    tree.links.new(names.outputs["UV"], mapping.inputs["Vector"])
    expect(4 * 96)
    mapping.vector_type = "TEXTURE"
    expect(96 / 4)
    mesh = bpy.context.view_layer.objects.active.data
    second = mesh.uv_layers.new(name="Second")
    second.uv.foreach_set("vector", [0.5 * v for v in (0, 0, 1, 0, 1, 1, 0, 1)])
    names.uv_map = "Second"
    expect(16 / 4)
    names.uv_map = "None of these"
    expect(None)
    tree.links.new(tree.nodes.new("ShaderNodeTexCoord").outputs["Object"], mapping.inputs["Vector"])
    expect(None)


def check_only_the_faces_of_the_material_count():
    plane()
    thing = bpy.context.view_layer.objects.active
    mesh = thing.data
    mesh.clear_geometry()
    corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
    near = [(x, y, 0) for x, y in corners]
    far = [(4 * x, 4 * y, 5) for x, y in corners]
    mesh.from_pydata(near + far, [], [(0, 1, 2, 3), (4, 5, 6, 7)])
    layer = mesh.uv_layers.new(name="UVMap")
    layer.uv.foreach_set("vector", [v for corner in corners * 2 for v in corner])
    mesh.materials.append(bpy.data.materials.new("Other"))
    mesh.polygons[1].material_index = 1
    mesh.update()
    bpy.context.view_layer.update()
    expect(64)
    mesh.polygons[0].material_index, mesh.polygons[1].material_index = 1, 0
    mesh.update()
    bpy.context.view_layer.update()
    expect(16)


def check_what_has_no_uvs_or_no_faces_has_no_density():
    plane()
    mesh = bpy.context.view_layer.objects.active.data
    mesh.uv_layers.remove(mesh.uv_layers[0])
    bpy.context.view_layer.update()
    expect(None)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    helpers.textured(helpers.load())
    expect(None)


def shown() -> list[str]:
    measured()
    return [word.shown for word in drawing.draw_panel()]


def check_the_panel_says_it_before_and_after():
    plane()
    settings = bpy.context.scene.texcore
    assert "On the object: 32 px/m" in shown(), shown()
    settings.size = "double"
    assert "On the object: 32 px/m" in shown()  # Keep Scale adjusts the Mapping
    settings.keep_density = False
    assert "On the object: 32 → 64 px/m" in shown()
    settings.size, settings.width, settings.height = "custom", 96, 96
    assert "On the object: 32 → 48 px/m" in shown()
    with drawing.in_german():
        seen = drawing.draw_panel()
    drawing.expect_room(seen)
    assert "Am Objekt: 32 → 48 px/m" in [word.shown for word in seen]
    # It becomes what was said.
    helpers.synthesize(width=96, height=96, keep_density=False)
    expect(48)


def check_drawing_does_not_measure_and_a_large_mesh_is_sampled():
    plane()
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=40, y_subdivisions=40, size=2)
    thing = bpy.context.view_layer.objects.active
    thing.data.materials.append(bpy.data.materials["Bricks"])
    bpy.context.view_layer.update()
    density, targets = helpers.module("nodes.density"), helpers.module("nodes.targets")
    target = targets.find_target(bpy.context)
    assert density.find_density(bpy.context, target) is None  # nobody has looked yet
    with mock.patch.object(density, "_MOST_TRIANGLES", 100):
        density.look()
    assert math.isclose(density.find_density(bpy.context, target), 32, rel_tol=1e-3)
