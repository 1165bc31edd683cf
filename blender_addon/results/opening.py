"""Put a picture from the disk where the panel learns from it, whatever is there already."""

from __future__ import annotations

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..nodes import places, putting, targets
from . import results


def put_picture(context: bpy.types.Context, image: bpy.types.Image) -> str:
    """Let an image be what is meant, see `targets.find_target`; returns where it is now.

    It goes into the node that is meant, else into the active material, else into a new one on the
    active object. In the Image Editor it is shown.

    Raises:
        BadInput: The material is linked from another file.
    """
    space = context.space_data
    if isinstance(space, bpy.types.SpaceImageEditor):
        space.image = image
        return f"“{image.name}” is in the Image Editor."
    material = places.find_active_material(context)
    if material is None:
        return _put_on_active(context, image)
    _put_in(context, material, image)
    return f"“{image.name}” is in the material “{material.name}”."


def _put_on_active(context: bpy.types.Context, image: bpy.types.Image) -> str:
    """Make a material for the active object; where that takes none, it stays in the file."""
    material = results.new_material(image)
    active = context.view_layer.objects.active
    if active is not None and results.put_on_objects([active], material):
        return f"“{image.name}” is in the new material “{material.name}”."
    material.use_fake_user = True
    return f"The new material “{material.name}” is on no object: select one that takes a material."


def _put_in(
    context: bpy.types.Context, material: bpy.types.Material, image: bpy.types.Image
) -> None:
    """Put an image into a node of a material: the one meant, an empty one, or a new one.

    Raises:
        BadInput: The material is linked from another file.
    """
    if not material.is_editable:
        raise BadInput(
            f"“{material.name}” is linked from another file: make it local to change it."
        )
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    node = _find_node(context, material)
    if node is None:
        node = _add_node(material)
    putting.put_image(node, image, keep_density=False)
    node.id_data.nodes.active = node


def _find_node(
    context: bpy.types.Context, material: bpy.types.Material
) -> bpy.types.ShaderNodeTexImage | None:
    """Return the node that is meant; where none has an image, one that waits for it."""
    try:
        place = targets.find_target(context).place
    except BadInput:
        place = None
    if place is not None:
        return place.find()
    empty = [node for node in places.find_texture_nodes(material) if node.image is None]
    return next(iter(empty), None)


def _add_node(material: bpy.types.Material) -> bpy.types.ShaderNodeTexImage:
    """Add a node, plugged into what colours the shader if nothing else is."""
    tree = material.node_tree
    output = places.find_output(tree)
    shaders = [n for n in tree.nodes if isinstance(n, bpy.types.ShaderNodeBsdfPrincipled)]
    node = tree.nodes.new("ShaderNodeTexImage")
    beside = shaders[0] if shaders else output
    if beside is not None:
        node.location = (beside.location.x - 320, beside.location.y)
    if shaders and not shaders[0].inputs["Base Color"].is_linked:
        tree.links.new(node.outputs["Color"], shaders[0].inputs["Base Color"])
    return node
