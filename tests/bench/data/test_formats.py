"""Which files are taken for images."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image, UnidentifiedImageError, features

from bench.data import formats
from bench.data.formats import FORMATS, chosen_suffixes, suffix_of, suffixes, why_not
from bench.errors import UsageError


@pytest.fixture
def no_heif(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As where pillow-heif is not installed."""
    monkeypatch.setattr(formats, "find_spec", lambda _: None)
    for known in (suffixes, why_not):
        known.cache_clear()
    yield
    for known in (suffixes, why_not):
        known.cache_clear()


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".pgm", ".jp2"])
def test_suffixes_of_photographs_are_read(suffix: str) -> None:
    assert "" == why_not(suffix)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no codec for AVIF")
def test_avif_is_read_where_pillow_has_its_codec() -> None:
    assert "" == why_not(".avif")


@pytest.mark.usefixtures("no_heif")
@pytest.mark.parametrize("suffix", [".heic", ".heif", ".hif"])
def test_photographs_of_phones_need_a_package(suffix: str) -> None:
    assert "needs pillow-heif" == why_not(suffix)


@pytest.mark.usefixtures("no_heif")
def test_a_type_whose_package_is_missing_cannot_be_chosen() -> None:
    with pytest.raises(UsageError, match=r"image type '\.heic' needs pillow-heif"):
        chosen_suffixes([".heic"])


@pytest.mark.parametrize("suffix", [".eps", ".ps", ".pdf", ".wmf", ".mpg", ".h5", ".psd", ".tga", ".ico"])
def test_what_pillow_knows_and_is_no_photograph_is_not_read(suffix: str) -> None:
    assert "a format that is not read" == why_not(suffix)


@pytest.mark.parametrize("suffix", [".txt", ".mp4", ".json"])
def test_other_files_are_no_images(suffix: str) -> None:
    assert "not an image" == why_not(suffix)


def test_a_file_without_suffix_is_not_said_to_be_no_image() -> None:
    assert "images are told by their suffix" == why_not(formats.NO_SUFFIX)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("a.JPG", ".jpg"), ("a.tar.gz", ".gz"), ("README", "without suffix"), ("a.b c", "without suffix")],
)
def test_the_suffix_is_in_small_letters(name: str, suffix: str) -> None:
    assert suffix == suffix_of(name)


def test_a_suffix_is_chosen_alone_and_a_format_with_all_of_its_suffixes() -> None:
    assert ((".jpg",), (".jfif", ".jpe", ".jpeg", ".jpg"), (".jpg", ".png")) == (
        chosen_suffixes([".jpg"]),
        chosen_suffixes(["jpeg"]),
        chosen_suffixes([".png", " .JPG"]),
    )


@pytest.mark.parametrize("word", ["jpgg", ".jpgg", "", "pdf"])
def test_what_is_no_type_of_image_cannot_be_chosen(word: str) -> None:
    with pytest.raises(UsageError, match=f"unknown image type '{word}'"):
        chosen_suffixes([word])


def test_no_format_that_is_read_starts_a_program_or_lacks_a_mark() -> None:
    assert set() == {"EPS", "WMF", "PDF", "MPEG", "TGA"} & set(FORMATS)


@pytest.mark.parametrize("junk", [b"\0" * 64, bytes(range(64)), b"II" + b"\0" * 40, b"P7" + b" 1" * 20])
def test_no_damaged_file_passes_for_an_image_of_another_format(junk: bytes) -> None:
    with pytest.raises(UnidentifiedImageError):
        Image.open(io.BytesIO(junk), formats=formats.openable())
