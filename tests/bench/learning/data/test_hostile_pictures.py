"""Pictures that unpack to far more than they have, or have no end: bad images, in little time and memory."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from bench.declare.preprocessing import Geometry
from bench.learning.data.decode import BadImage, decode, guarded
from bench.learning.data.decoding import decoded
from tests.bench.hostile import pipe, sparse

SMALL = Geometry(8, 8)
FRAMES = 10_000
PACKED = zlib.compress(bytes(10_000_000), 9)


def png(side: int, *chunks: tuple[bytes, bytes], data: bytes = PACKED) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunk(*one) for one in chunks) + chunk(b"IDAT", data)


BOMBS = {
    "PNG": png(2**31 - 1),
    "GIF": b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;",
    "BMP": b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, 2**30, 2**30, 1, 24, 0, 0, 0, 0, 0, 0),
    "PPM": b"P6 999999999 999999999 255\n",
    "QOI": b"qoif" + struct.pack(">IIBB", 60_000, 60_000, 3, 0) + bytes(16),
    "WebP": b"RIFF"
    + struct.pack("<I", 2**32 - 1)
    + b"WEBPVP8X"
    + struct.pack("<I", 10)
    + b"\0\0\0\0"
    + b"\xff" * 6,
}
DAMAGED = {
    "a profile that unpacks to a thousand times its size": png(4, (b"iCCP", b"a\0\0" + PACKED)),
    "a text that does": png(4, (b"zTXt", b"a\0\0" + PACKED)),
    "many texts": png(4, *[(b"zTXt", b"a\0\0" + zlib.compress(bytes(10**6)))] * 100),
    "a number of 5000 digits": b"P6 " + b"9" * 5000 + b" 1 255\n",
}


@pytest.mark.parametrize("form", BOMBS)
def test_a_decompression_bomb_of_any_format_is_a_bad_image(form: str) -> None:
    with pytest.raises(BadImage, match="refused as a decompression bomb"), guarded():
        decode(BOMBS[form], SMALL)


@pytest.mark.parametrize("what", DAMAGED)
def test_what_lies_beside_the_pixels_is_not_unpacked_without_limit(what: str) -> None:
    with pytest.raises(BadImage, match="cannot be decoded"), guarded():
        decode(DAMAGED[what], SMALL)


@pytest.mark.parametrize("form", ["GIF", "TIFF"])
def test_of_ten_thousand_pictures_in_a_file_one_is_decoded(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    more = [Image.new("L", (8, 8), i % 256) for i in range(FRAMES if form == "GIF" else 100)]
    Image.new("L", (8, 8)).save(out, form, save_all=True, append_images=more)
    monkeypatch.setattr(Image.Image, "seek", lambda *_: pytest.fail("another picture was looked for"))
    assert (3, 8, 8) == decode(out.getvalue(), SMALL).pixels.shape


def test_what_is_not_a_file_or_too_large_is_a_bad_image(tmp_path: Path) -> None:
    paths = [pipe(tmp_path / "pipe.png"), sparse(tmp_path / "large.png", 1 << 40)]
    found = [item.wrong for item in decoded(paths, lambda data: decode(data, SMALL))]
    assert ["cannot be read: it is not a regular file"] == found[:1]
    assert found[1].endswith("bytes, which none may have")
