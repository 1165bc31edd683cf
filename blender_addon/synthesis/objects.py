"""Find the object that a texture is made for, and say what keeps it from being made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..bundled.texcore.contract.errors import BadInput, BadUnwrapping
from ..bundled.texcore.contract.recipe import MIN_EXEMPLAR
from ..nodes import places, plain_uv, putting
from ..nodes.places import NodePlace
from .settings import Options


def list_meant(context: bpy.types.Context) -> list[bpy.types.Object]:
    """Return the objects that a press of the button is about: all selected meshes, else the active.

    The active one comes first. Of those that have mesh and materials in common one is enough.
    """
    if context.view_layer is None:
        return []
    active = context.view_layer.objects.active
    selected = [each for each in context.view_layer.objects.selected if each.type == "MESH"]
    others = [each for each in selected if each != active]
    first = [active] if active is not None and (active in selected or not others) else []
    found: dict[tuple[int, ...], bpy.types.Object] = {}
    for each in first + others:
        found.setdefault(_describe_look(each), each)
    return list(found.values())


def _describe_look(thing: bpy.types.Object) -> tuple[int, ...]:
    """Return what is equal for objects that show the same texture, whichever it was made for."""
    own = any(slot.link == "OBJECT" for slot in thing.material_slots)
    return thing.data.session_uid if thing.data else 0, thing.session_uid if own else 0


def complete(context: bpy.types.Context, options: Options) -> Options:
    """Return options for an object with the name of the material that is meant.

    Args:
        context: Where the user is.
        options: They name an object.

    Raises:
        BadInput: There is no such object, a texture cannot be made for it, or something else is
            asked for that an object cannot have.
    """
    thing = get_object(options.object)
    check_object(thing)
    check_options(options)
    material = find_material(thing, options.material)
    return replace(options, material=material.name)


def get_object(name: str) -> bpy.types.Object:
    """Return the object of a name.

    Raises:
        BadInput: There is none.
    """
    found: bpy.types.Object = places.get_named(bpy.data.objects, name, "object")
    return found


def check_object(thing: bpy.types.Object) -> None:
    """Check what can be seen of an object at once, without a look at its vertices.

    Raises:
        BadUnwrapping: It has no UV map.
        BadInput: It is no mesh, or has no faces.
    """
    if thing.type != "MESH":
        words = iface_("“{name}” is no mesh: convert it to one (Object › Convert › Mesh).")
        raise BadInput(words.format(name=thing.name))
    if thing.modifiers:
        return  # they may bring both
    if not len(thing.data.polygons):
        words = iface_("“{name}” has no faces: there is no surface for a texture.")
        raise BadInput(words.format(name=thing.name))
    if not thing.data.uv_layers:
        words = iface_("“{name}” has no UV map: unwrap it first.")
        raise BadUnwrapping(words.format(name=thing.name))


def check_options(options: Options) -> None:
    """Check that nothing is asked for that an object cannot have.

    Raises:
        BadInput: Something is.
    """
    if (options.mix and not options.blend) or options.mask or options.target_mask:
        words = (
            "A texture on an object is made of one photo, or of two with a Blend Map: choose one, "
            "or empty Mix With and Regions."
        )
        raise BadInput(iface_(words))
    if options.repairs:
        words = (
            "A texture on an object is new all over: empty Repair Mask, and make Everything new."
        )
        raise BadInput(iface_(words))


def check_scale(photo: bpy.types.Image | None, scale: float) -> None:
    """Check that there is enough of a photo at a scale, if its size is known already.

    Raises:
        BadInput: There is not.
    """
    # Asking for the size of an image that is not loaded would load it.
    if photo is None or not photo.has_data:
        return
    width, height = (max(1, round(side * scale)) for side in photo.size)
    if min(width, height) < MIN_EXEMPLAR:
        words = iface_(
            "At this scale the photo has {width} × {height} pixels: a texture needs at least "
            "{least} × {least}."
        )
        raise BadInput(words.format(width=width, height=height, least=MIN_EXEMPLAR))


def find_material(thing: bpy.types.Object, name: str) -> bpy.types.Material:
    """Return the material of an object that is meant: that of a name, or the active one.

    Raises:
        BadInput: It has none, or not that one.
    """
    materials = [slot.material for slot in thing.material_slots if slot.material is not None]
    if name:
        wanted: bpy.types.Material = places.get_named(bpy.data.materials, name, "material")
        if wanted not in materials:
            words = iface_("“{name}” does not have the material “{material}”.")
            raise BadInput(words.format(name=thing.name, material=name))
        return wanted
    material: bpy.types.Material | None = thing.active_material or next(iter(materials), None)
    if material is None:
        words = iface_("“{name}” has no material: give it one with a photo.")
        raise BadInput(words.format(name=thing.name))
    return material


def check_nodes(thing: bpy.types.Object, where: Iterable[NodePlace], shared: bool = False) -> None:
    """Check that nodes can show a texture that is made for an object.

    Args:
        thing: The object.
        where: The nodes with the maps of its material.
        shared: Whether others use the material too, see `is_shared`.

    Raises:
        BadInput: A node projects or moves its image, is un-tiled, or is in a group that other
            materials use too; or the material is shared and cannot be made the object's own.
    """
    if shared and not (thing.is_editable and thing.data.is_editable):
        words = iface_(
            "“{name}” is linked from another file and shares its material: make it local."
        )
        raise places.Linked(words.format(name=thing.name))
    for place in where:
        node = place.find()
        if node is None or node.image is None:
            continue
        name, group = node.image.name, node.id_data
        if group.name in bpy.data.node_groups and (shared or group.users > 1):
            words = iface_(
                "“{name}” is in the node group “{group}”, which other materials use too: make the "
                "group a single user first."
            )
            raise BadInput(words.format(name=name, group=group.name))
        if node.projection != "FLAT":
            kind = node.bl_rna.properties["projection"].enum_items[node.projection].name
            words = iface_(
                "“{name}” is projected by {kind}: set the projection of its Image Texture node to "
                "Flat."
            )
            raise BadInput(words.format(name=name, kind=kind))
        own = node.texture_mapping
        moved = any(own.translation) or any(own.rotation) or any(side != 1 for side in own.scale)
        if moved:
            words = iface_(
                "The Image Texture node of “{name}” has a mapping of its own (in its sidebar, "
                "under Texture): reset it."
            )
            raise BadInput(words.format(name=name))
        putting.check_laying(node)


def is_shared(material: bpy.types.Material, thing: bpy.types.Object) -> bool:
    """Return whether a material is used by anything but an object, or others with the same mesh."""
    kinds = (bpy.types.Object, bpy.types.NodeTree)
    users = [
        user
        for user in bpy.data.user_map(subset={material})[material]
        # What nothing uses is on its way out of the file, such as the mesh of a deleted object.
        if user.users > user.use_fake_user
        and (isinstance(user, kinds) or hasattr(user, "materials"))
    ]
    own = {thing, thing.data}
    return any(user not in own and getattr(user, "data", None) != thing.data for user in users)


def find_uv_map(thing: bpy.types.Object) -> str:
    """Return the name of an object's UV map that a texture is made in: the active one."""
    layer = thing.data.uv_layers.active
    return layer.name if layer is not None else ""


def takes_plainly(thing: bpy.types.Object, node: bpy.types.ShaderNodeTexImage) -> bool:
    """Return whether a node takes the object's UV map as it is."""
    layers = thing.data.uv_layers
    rendered = next((layer.name for layer in layers if layer.active_render), "")
    return plain_uv.takes(node, find_uv_map(thing), rendered)
