"""Only what a mask marks is made anew; the mask is made by a button and painted."""

from __future__ import annotations

import bpy
import helpers
import numpy as np

SKETCH = helpers.FAST | {"width": 0, "height": 0, "quality": "sketch"}


def read_pixels(image):
    width, height = image.size
    flat = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(flat)
    return flat.reshape(height, width, 4)


def check_what_is_painted_on_a_new_mask_is_made_anew():
    image = helpers.load()
    node = helpers.textured(image)
    assert bpy.ops.texcore.new_repair_mask() == {"FINISHED"}
    mask = bpy.context.scene.texcore.repair
    assert tuple(mask.size) == tuple(image.size)
    shown = read_pixels(mask)
    assert shown[..., :3].max() < 0.5 and np.ptp(shown[..., 0]) > 0.05  # the image, darkly
    shown[16:32, 24:40, :3] = 1
    mask.pixels.foreach_set(shown.ravel())
    assert bpy.ops.texcore.synthesize(**SKETCH) == {"FINISHED"}
    made = node.image
    assert made != image and made["texcore_repair"] == mask
    before, after = read_pixels(image), read_pixels(made)
    new = np.zeros(before.shape[:2], bool)
    new[16:32, 24:40] = True
    assert (before[~new] == after[~new]).all()
    assert (before[new] != after[new]).any(-1).mean() > 0.5


def check_a_mask_that_is_painted_is_shown_again_and_never_lost():
    node = helpers.textured(helpers.load())
    assert bpy.ops.texcore.new_repair_mask() == {"FINISHED"}
    mask = bpy.context.scene.texcore.repair
    painted = read_pixels(mask)
    painted[16:32, 24:40, :3] = 1
    mask.pixels.foreach_set(painted.ravel())
    assert bpy.ops.texcore.new_repair_mask() == {"FINISHED"}
    assert bpy.context.scene.texcore.repair == mask and (read_pixels(mask) == painted).all()
    node.image = helpers.load(size=48)
    assert bpy.ops.texcore.new_repair_mask() == {"FINISHED"}
    other = bpy.context.scene.texcore.repair
    assert other != mask and tuple(other.size) == (48, 48)
    assert mask.users == 1 and (read_pixels(mask) == painted).all()


def check_an_image_of_another_size_is_no_mask():
    helpers.textured(helpers.load())
    mask = bpy.data.images.new("small", 32, 32)
    try:
        bpy.ops.texcore.synthesize(**SKETCH, repair=mask.name)
    except RuntimeError as e:
        assert "a mask of what is repaired has the exemplar's size" in str(e), e
    else:
        raise AssertionError("nothing was refused")
