"""Previews as the extension reads them: numbers that need no decoding."""

import numpy as np
import pytest

from texcore import pictures
from texcore.contract.errors import BadInput
from texcore.pictures import Picture


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_preview_of_numbers_is_rgba_of_eight_bits(tmp_path, channels):
    pixels = np.linspace(0, 1, channels * 6, dtype=np.float32).reshape(channels, 2, 3)
    path = tmp_path / "preview.npy"
    pictures.write_preview(path, Picture(pixels, "uint8"))
    rows = np.load(path)
    assert rows.shape == (2, 3, 4) and rows.dtype == np.uint8
    bytes_ = np.rint(pixels * 255).astype(np.uint8)
    colours = bytes_[:3] if channels > 2 else bytes_[[0, 0, 0]]
    assert np.array_equal(rows[..., :3], colours.transpose(1, 2, 0))
    alpha = bytes_[-1] if channels in (2, 4) else np.full((2, 3), 255)
    assert np.array_equal(rows[..., 3], alpha)
    assert [p.name for p in tmp_path.iterdir()] == ["preview.npy"]


def test_a_preview_that_cannot_be_written_is_said(tmp_path):
    picture = Picture(np.zeros((3, 2, 2), np.float32), "uint8")
    with pytest.raises(BadInput, match="cannot be written"):
        pictures.write_preview(tmp_path / "gone" / "preview.npy", picture)
