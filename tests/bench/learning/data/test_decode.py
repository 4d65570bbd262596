"""From image files to pixels."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image, features

from bench.data.formats import openable
from bench.declare.preprocessing import Geometry
from bench.learning.data import decode as module
from bench.learning.data.decode import BadImage, decode, guarded
from tests.bench.picturing import picture

SMALL = Geometry(8, 8)


def file_of(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def corner(data: bytes, side: int = 8) -> list[int]:
    """Red, green and blue of the pixel at the top left."""
    return [int(value) for value in decode(data, Geometry(side, side)).pixels[:, 0, 0]]


def even(mode: str, colour: Any) -> Image.Image:
    return Image.new(mode, (8, 8), colour)


def halves() -> Image.Image:
    """Red at the left, blue at the right."""
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:, :4, 0] = pixels[:, 4:, 2] = 255
    return Image.fromarray(pixels)


def test_an_image_of_the_size_that_is_wanted_keeps_its_pixels() -> None:
    image = picture(size=(8, 8))
    assert np.asarray(image).transpose(2, 0, 1).tolist() == decode(file_of(image), SMALL).pixels.tolist()


@pytest.mark.parametrize("size", [(24, 16), (16, 24), (37, 16), (16, 16)])
def test_an_image_is_resized_and_cut_as_torchvisions_presets_do(size: tuple[int, int]) -> None:
    from bench.lazy import load

    functional = load("torchvision.transforms.functional")
    image = picture(size=size)
    expected = functional.center_crop(functional.resize(image, [8]), [8])
    assert np.asarray(expected).transpose(2, 0, 1).tolist() == decode(file_of(image), SMALL).pixels.tolist()


def test_a_gray_image_has_three_equal_channels() -> None:
    assert [90, 90, 90] == corner(file_of(even("L", 90)))


def test_what_is_transparent_is_white() -> None:
    assert [255, 255, 255] == corner(file_of(even("RGBA", (200, 0, 0, 0))))


def test_what_is_half_transparent_is_half_white() -> None:
    assert [255, 127, 127] == pytest.approx(corner(file_of(even("RGBA", (255, 0, 0, 128)))), abs=1)


def test_gray_with_transparency_lies_on_white_too() -> None:
    assert [255, 255, 255] == corner(file_of(even("LA", (0, 0))))


def test_a_palette_gives_its_colours() -> None:
    assert [0, 0, 255] == corner(file_of(even("RGB", (0, 0, 255)).convert("P", palette=Image.Palette.ADAPTIVE)))


def test_a_palettes_transparent_colour_is_white() -> None:
    image = even("P", 0)
    image.putpalette([10, 20, 30] + [0] * 765)
    assert [255, 255, 255] == corner(file_of(image, transparency=0))


def test_printers_colours_become_those_of_a_screen() -> None:
    assert [255, 0, 0] == pytest.approx(corner(file_of(even("CMYK", (0, 255, 255, 0)), "JPEG")), abs=3)


@pytest.mark.parametrize(("sixteen", "eight"), [(0, 0), (0x0100, 1), (0x8000, 128), (0xFFFF, 255)])
@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_to_eight(form: str, sixteen: int, eight: int) -> None:
    image = Image.fromarray(np.full((8, 8), sixteen, np.uint16))
    assert [eight] * 3 == corner(file_of(image, form))


@pytest.mark.parametrize("mode", ["I", "F"])
def test_thirty_two_bits_a_pixel_are_refused(mode: str) -> None:
    with pytest.raises(BadImage, match="32 bits a pixel"):
        decode(file_of(even(mode, 7), "TIFF"), SMALL)


@pytest.mark.parametrize(("orientation", "left"), [(1, "red"), (2, "blue"), (3, "blue")])
def test_an_image_is_turned_upright_as_its_exif_says(orientation: int, left: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = corner(file_of(halves(), "PNG", exif=exif))
    assert {"red": [255, 0, 0], "blue": [0, 0, 255]}[left] == found


def test_of_an_animation_the_first_picture_is_taken() -> None:
    data = file_of(even("RGB", (255, 0, 0)), "GIF", save_all=True, append_images=[even("RGB", (0, 0, 255))])
    assert [255, 0, 0] == corner(data)


AVIF = features.check("avif")
RED, BLUE = even("RGB", (255, 0, 0)), even("RGB", (0, 0, 255))
MOVING = {"save_all": True, "append_images": [BLUE]}


@pytest.mark.parametrize(
    ("data", "form", "kinds"),
    [
        (file_of(RED), "PNG", ()),
        (file_of(RED, "JPEG"), "JPEG", ()),
        (file_of(RED, "GIF"), "GIF", ("palette",)),
        (file_of(RED, "GIF", **MOVING), "GIF", ("animated", "palette")),
        (file_of(RED, "PNG", **MOVING), "PNG", ("animated",)),
        (file_of(RED, "TIFF", **MOVING), "TIFF", ()),
        (file_of(even("L", 9)), "PNG", ("gray",)),
        (file_of(even("1", 1)), "PNG", ("gray",)),
        (file_of(even("LA", (9, 9))), "PNG", ("gray", "transparent")),
        (file_of(even("RGBA", (9, 9, 9, 9))), "PNG", ("transparent",)),
        (file_of(even("CMYK", (0, 0, 0, 0)), "JPEG"), "JPEG", ("CMYK",)),
        (file_of(Image.fromarray(np.full((8, 8), 7, np.uint16))), "PNG", ("gray", "16 bit")),
    ],
)
def test_what_was_read_is_told_by_format_and_kind(data: bytes, form: str, kinds: tuple[str, ...]) -> None:
    found = decode(data, SMALL)
    assert (form, kinds) == (found.form, found.kinds)


def test_colours_of_sixteen_bits_are_told_of() -> None:
    head, pixels = struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0), (b"\0" + b"\x80\0" * 24) * 8
    found = decode(png(head, pixels), SMALL)
    assert (("16 bit",), 128) == (found.kinds, found.pixels[0, 0, 0])


@pytest.mark.parametrize("form", ["AVIF", "HEIF", "WEBP", "JPEG2000", "MPO", "QOI"])
def test_newer_formats_are_decoded_where_their_codecs_are(form: str) -> None:
    # MPO is opened as the JPEG that it begins with
    if form not in (*openable(), "MPO") or form not in Image.SAVE or (form == "AVIF" and not AVIF):
        pytest.skip(f"this environment has no codec for {form}")
    assert [255, 0, 0] == pytest.approx(corner(file_of(RED, form)), abs=3)


def test_a_large_photograph_is_resized_from_all_its_pixels() -> None:
    image = picture(size=(12, 9)).resize((960, 720), Image.Resampling.BICUBIC)
    data, square = file_of(image, "JPEG", quality=95), Geometry(64, 64)
    whole = decode(file_of(Image.open(io.BytesIO(data))), square).pixels
    assert whole.tolist() == decode(data, square).pixels.tolist()


def test_a_strip_of_pixels_does_not_grow_to_gigabytes() -> None:
    assert (3, 64, 64) == decode(file_of(Image.new("RGB", (30000, 1))), Geometry(64, 64)).pixels.shape


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "is empty"), (b"no image", "is not an image"), (b"%!PS-Adobe-3.0 EPSF-3.0\n", "is not an image")],
)
def test_what_is_no_image_is_bad(data: bytes, said: str) -> None:
    with pytest.raises(BadImage, match=said):
        decode(data, SMALL)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "TIFF", "BMP"])
def test_an_image_that_is_cut_off_is_bad(form: str) -> None:
    data = file_of(picture(size=(64, 64)), form)
    with pytest.raises(BadImage), guarded():
        decode(data[: len(data) // 2], SMALL)


def png(head: bytes, pixels: bytes) -> bytes:
    """A PNG file with this header and these rows."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def bomb(width: int, height: int) -> bytes:
    """A PNG file of a few bytes that says it is so large."""
    return png(struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), b"")


@pytest.mark.parametrize("side", [10_000, 100_000])
def test_a_decompression_bomb_is_bad(side: int) -> None:
    with pytest.raises(BadImage, match="more than 89 million: refused as a decompression bomb"), guarded():
        decode(bomb(side, side), SMALL)


def test_the_limit_of_pixels_holds_beneath_pillows_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PIXELS", 100)
    with pytest.raises(BadImage, match="has 24 x 16 pixels"):
        decode(file_of(picture()), SMALL)


def test_want_of_memory_is_no_fault_of_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(module, "_square", exhausted)
    with pytest.raises(MemoryError):
        decode(file_of(picture()), SMALL)
