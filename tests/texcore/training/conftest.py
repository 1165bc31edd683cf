import pytest

from tests.making import blobs, bricks, save_png


@pytest.fixture
def photos(tmp_path):
    """A folder of two photos, one of them in a folder below."""
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    save_png(folder / "bricks.png", bricks(80, 64))
    save_png(folder / "more" / "blobs.png", blobs(64, 96, channels=1))
    return folder
