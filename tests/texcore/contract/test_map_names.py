import pytest

from texcore.contract import map_names
from texcore.contract.errors import BadInput
from texcore.contract.map_kinds import KINDS, get_kind

BY_LIBRARY = {
    "Poly Haven": {
        "rock_wall_08_diff_2k.jpg": "base_color",
        "rock_wall_08_nor_gl_2k.exr": "normal",
        "rock_wall_08_nor_dx_2k.exr": "normal_dx",
        "rock_wall_08_rough_2k.exr": "roughness",
        "rock_wall_08_disp_2k.png": "height",
        "rock_wall_08_ao_2k.jpg": "ao",
        "rock_wall_08_arm_2k.jpg": "orm",
        "metal_plate_metal_1k.png": "metallic",
        "floor_tiles_06_col_1_4k.png": "base_color",
        "wood_spec_ior_2k.png": "specular",
    },
    "ambientCG": {
        "Bricks076C_2K-JPG_Color.jpg": "base_color",
        "Bricks076C_2K-JPG_NormalGL.jpg": "normal",
        "Bricks076C_2K-JPG_NormalDX.jpg": "normal_dx",
        "Bricks076C_2K-JPG_Roughness.jpg": "roughness",
        "Bricks076C_2K-JPG_Displacement.jpg": "height",
        "Bricks076C_2K-JPG_AmbientOcclusion.jpg": "ao",
        "Metal032_4K-PNG_Metalness.png": "metallic",
        "Fence001_1K-JPG_Opacity.jpg": "opacity",
        "Lava001_1K-JPG_Emission.jpg": "emission",
        "Bricks076C.png": None,
    },
    "Substance": {
        "Wall_BaseColor.png": "base_color",
        "Wall_Base_Color.png": "base_color",
        "Wall_Normal.png": "normal",
        "Wall_Normal_OpenGL.png": "normal",
        "Wall_Normal_DirectX.png": "normal_dx",
        "Wall_Ambient_Occlusion.png": "ao",
        "Wall_Mixed_AO.png": "ao",
        "Wall_Glossiness.png": "gloss",
        "Wall_Height.exr": "height",
        "Wall_Emissive.png": "emission",
        "Wall_OcclusionRoughnessMetallic.png": "orm",
    },
    "Unreal": {
        "T_Brick_BC.tga": "base_color",
        "T_Brick_D.tga": "base_color",
        "T_Brick_N.tga": "normal_dx",
        "T_Brick_Normal_GL.tga": "normal",
        "T_Brick_ORM.tga": "orm",
        "T_Brick_RMA.tga": "rma",
        "T_Brick_R.tga": "roughness",
        "T_Brick_H.tga": "height",
    },
    "Poliigon and Megascans": {
        "BricksOld_COL_VAR1_3K.jpg": "base_color",
        "BricksOld_NRM16_3K.tif": "normal",
        "BricksOld_DISP16_3K.tif": "height",
        "BricksOld_REFL_3K.jpg": "specular",
        "vdjidg_2K_Albedo.jpg": "base_color",
        "vdjidg_2K_Normal_LOD0.jpg": "normal",
        "vdjidg_2K_Bump.jpg": "bump",
    },
    "SuperTuxKart": {
        "base_color.png": "base_color",
        "normal.png": "normal",
        "gloss.png": "gloss",
    },
    "none of them": {
        "metal_plate.png": None,
        "smooth_stones.jpg": None,
        "photo.jpg": None,
        "d.png": None,
    },
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [pair for library in BY_LIBRARY.values() for pair in library.items()],
)
def test_a_name_says_the_kind(name, expected):
    assert map_names.kind_of(name) == expected


def made(folder, *files):
    for file in files:
        (folder / file).write_bytes(b"")
    return folder


def test_the_maps_of_a_folder(tmp_path):
    folder = made(
        tmp_path,
        "rock_nor_gl_2k.exr",
        "rock_nor_dx_2k.exr",
        "rock_diff_1k.png",
        "rock_diff_2k.jpg",
        "rock_diff_2k.png",
        "rock.png",
        "rock.blend",
    )
    found = map_names.find(folder)
    assert {k: p.name for k, p in found.maps.items()} == {
        "base_color": "rock_diff_2k.png",
        "normal": "rock_nor_gl_2k.exr",
    }
    assert {p.name for p in found.passed_over} == {
        "rock.png",
        "rock_diff_1k.png",
        "rock_diff_2k.jpg",
        "rock_nor_dx_2k.exr",
    }


def test_normals_of_directx_are_taken_where_there_are_no_others(tmp_path):
    assert set(map_names.find(made(tmp_path, "a_NormalDX.png")).maps) == {"normal_dx"}


def test_names_with_and_without_the_materials_go_together(tmp_path):
    assert len(map_names.find(made(tmp_path, "base_color.png", "wall_normal.png")).maps) == 2


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ((), "no map whose name says"),
        (("photo.png",), "no map whose name says"),
        (("a_diff.png", "b_normal.png"), "several materials (“a”, “b”)"),
    ],
)
def test_folders_without_one_material_are_refused(tmp_path, files, said):
    with pytest.raises(BadInput) as e:
        map_names.find(made(tmp_path, *files))
    assert said in str(e.value)


def test_a_missing_folder_is_said(tmp_path):
    with pytest.raises(BadInput, match="is not there"):
        map_names.find(tmp_path / "none")


def test_kinds():
    assert get_kind("data2").id == "data" and get_kind("normal").id == "normal"
    assert {k.id for k in KINDS.values() if k.meaning == "colour"} == {
        "base_color",
        "emission",
        "color",
    }
    for wrong in ("normals", "colour", "", "2"):
        with pytest.raises(BadInput, match="no kind of map"):
            get_kind(wrong)
