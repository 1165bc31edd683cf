from PIL import Image

from demo.compose import GAP, STRIP, compose


def test_pictures_stand_side_by_side_over_their_captions():
    red, blue = (Image.new("RGB", (300, 200), colour) for colour in ("red", "blue"))
    sheet = compose([red, blue])
    assert sheet.size == (600 + GAP, 200 + STRIP)
    assert sheet.getpixel((299, 199)) == (255, 0, 0)
    assert sheet.getpixel((300 + GAP, 0)) == (0, 0, 255)
    below = sheet.crop((0, 200, 300, 200 + STRIP)).convert("L")
    assert below.getextrema()[0] < 128
