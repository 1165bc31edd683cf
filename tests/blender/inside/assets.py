"""Materials in the Asset Browser, and those that come from there."""

from __future__ import annotations

from pathlib import Path

import bpy
import helpers

ENGINE = "painting.py"


def check_after_show_old_the_artist_s_material_is_marked_and_has_the_texture():
    photo = helpers.load()
    node = helpers.textured(photo)
    new = helpers.synthesize()
    bpy.ops.texcore.compare()
    assert node.image == photo
    assert bpy.ops.texcore.mark_asset(image=new.name) == {"FINISHED"}
    marked = [material for material in bpy.data.materials if material.asset_data]
    assert [material.name for material in marked] == ["Bricks"] and node.image == new


def check_a_texture_that_no_material_has_a_place_for_gets_one():
    node = helpers.textured(helpers.load())
    new = helpers.synthesize()
    node.image = helpers.generated()
    node.pop("texcore_other", None)
    bpy.ops.texcore.mark_asset(image=new.name)
    marked = [material.name for material in bpy.data.materials if material.asset_data]
    assert marked == [new.name]


def check_the_catalog_is_written_where_it_belongs():
    catalogs = helpers.module("results.catalogs")
    helpers.textured(helpers.load())
    helpers.synthesize()
    library, elsewhere = helpers.folder(), helpers.folder()
    (library / "stone").mkdir()
    libraries = bpy.context.preferences.filepaths.asset_libraries
    before = len(libraries)
    bpy.ops.preferences.asset_library_add(directory=str(library))
    try:
        mark(elsewhere / "work.blend")
        assert not (elsewhere / catalogs.FILE).exists()
        mark(library / "stone" / "wall.blend")
        mark(library / "stone" / "wall.blend")
        lines = (library / catalogs.FILE).read_text().splitlines()
        assert lines.count("VERSION 1") == 1 and lines.count(f"{catalogs.ID}:Texcore:Texcore") == 1
        assert not (library / "stone" / catalogs.FILE).exists()
        own = "11111111-2222-3333-4444-555555555555:Texcore:Mine"
        (library / catalogs.FILE).write_text(f"VERSION 1\n\n{own}\n")
        mark(library / "stone" / "wall.blend")
        assert bpy.data.materials["Bricks"].asset_data.catalog_id == own.partition(":")[0]
        assert (library / catalogs.FILE).read_text() == f"VERSION 1\n\n{own}\n"
    finally:
        bpy.ops.preferences.asset_library_remove(index=before)


def mark(path: Path) -> None:
    """Save the file there and mark its material."""
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    assert bpy.ops.texcore.mark_asset() == {"FINISHED"}
    id = bpy.data.materials["Bricks"].asset_data.catalog_id
    assert id not in ("", "00000000-0000-0000-0000-000000000000")


def check_catalogs_of_a_version_that_is_not_known_are_left_alone():
    catalogs = helpers.module("results.catalogs")
    errors = helpers.module("bundled.texcore.contract.errors")
    folder = helpers.folder()
    for content, expected in ((b"VERSION 2\n", "not known"), (b"\xff\xfe", "it is no text")):
        (folder / catalogs.FILE).write_bytes(content)
        try:
            catalogs.ensure(folder)
        except errors.BadInput as e:
            assert expected in str(e), e
        else:
            raise AssertionError("it was written")
        assert (folder / catalogs.FILE).read_bytes() == content


def check_a_linked_material_is_made_local_by_a_button():
    path = helpers.folder() / "library.blend"
    helpers.textured(helpers.load())
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    for words in ({"link": True}, {"link": True, "pack": True}):
        if "pack" in words and bpy.app.version < (5, 0, 0):
            continue
        bpy.ops.wm.read_homefile(app_template="", use_empty=True)
        with bpy.data.libraries.load(str(path), **words) as (theirs, ours):
            ours.materials = theirs.materials
        (material,) = ours.materials
        thing = bpy.data.objects.new("Wall", bpy.data.meshes.new("Wall"))
        bpy.context.scene.collection.objects.link(thing)
        thing.data.materials.append(material)
        bpy.context.view_layer.objects.active = thing
        local = helpers.module("nodes.local")
        assert local.is_wanted(bpy.context)
        assert bpy.ops.texcore.make_local() == {"FINISHED"}
        assert not local.is_wanted(bpy.context)
        assert thing.active_material.is_editable and thing.active_material.name == "Bricks"
        new = helpers.synthesize()
        assert new in [
            n.image for n in thing.active_material.node_tree.nodes if n.type == "TEX_IMAGE"
        ]
