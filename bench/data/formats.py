"""Image formats that are read: by the suffixes that Pillow knows for a few formats."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec

from bench.errors import UnknownName, UsageError
from bench.lazy import lazy

image = lazy("PIL.Image")
features = lazy("PIL.features")
heif = lazy("pillow_heif")

FORMATS = (
    "JPEG",
    "MPO",
    "JPEG2000",
    "PNG",
    "WEBP",
    "AVIF",
    "HEIF",
    "GIF",
    "BMP",
    "TIFF",
    "PPM",
    "QOI",
)
"""Formats that hold plain pixels and are known by their first bytes. Others start programs (EPS), are drawings or
documents, or have no mark by which a damaged file is told from them (TGA)."""
_CODECS = {"WEBP": "webp", "AVIF": "avif", "JPEG2000": "jpg_2000"}
"""Feature that a build of Pillow must have for a format; the other formats are always there."""
_HEIF = (".heic", ".heics", ".heif", ".heifs", ".hif")
_NEEDS_HEIF = "needs pillow-heif"
_NEEDS_PILLOW = "needs a Pillow with its codec"
_NO_IMAGE = "not an image"
_UNTOLD = "images are told by their suffix"
_NOT_READ = "a format that is not read"
_SUFFIX = re.compile(r"(?<=[^/\\])\.\w{1,12}$")
NO_SUFFIX = "without suffix"


def suffix_of(name: str) -> str:
    """The suffix in small letters, such as `.jpg`; empty where the end of the name does not look like one."""
    found = _SUFFIX.search(name)
    return found.group().lower() if found else NO_SUFFIX


@cache
def suffixes() -> dict[str, str]:
    """Format of each suffix that is read here; no file is opened, and no torch loaded."""
    known: dict[str, str] = image.registered_extensions()
    found = {suffix: form for suffix, form in known.items() if form in FORMATS and _codec(form)}
    # the suffixes are known without loading the library, which is for those who decode
    return {**found, **dict.fromkeys(_HEIF if _codec("HEIF") else (), "HEIF")}


@cache
def why_not(suffix: str) -> str:
    """Why files of this suffix are not read; empty where they are."""
    if suffix in suffixes():
        return ""
    if suffix == NO_SUFFIX:
        return _UNTOLD
    if suffix in _HEIF:
        return _NEEDS_HEIF
    form = {".avif": "AVIF", **image.registered_extensions()}.get(suffix)
    if form is None:
        return _NO_IMAGE
    return _NEEDS_PILLOW if form in FORMATS else _NOT_READ


def openable() -> tuple[str, ...]:
    """Formats that `PIL.Image.open` may try in this process, HEIF among them where its plugin is installed."""
    image.init()  # all formats by now: Pillow would look for them one by one, and from several threads
    if _codec("HEIF"):
        heif.register_heif_opener()
    return tuple(form for form in FORMATS if form in image.OPEN)


@cache
def decoders() -> str:
    """Versions of the decoders: other versions may give other pixels."""
    return " ".join([version("pillow"), *([f"heif {version('pillow_heif')}"] if _codec("HEIF") else [])])


def chosen_suffixes(words: Sequence[str]) -> tuple[str, ...]:
    """Suffixes chosen by `.jpg` (this one) and by `jpeg` or `jpg` (all of the format), sorted.

    Raises:
        UsageError: a word is none that is read, or needs a package that is not installed.
    """
    known = suffixes()
    chosen: set[str] = set()
    for word in (word.strip().lower() for word in words):
        dotted = word if word.startswith(".") else f".{word}"
        form = known.get(dotted, word.upper())
        several = [] if word.startswith(".") else [suffix for suffix, its in known.items() if its == form]
        if not several and dotted not in known:
            if why_not(dotted) in (_NEEDS_HEIF, _NEEDS_PILLOW):
                raise UsageError(f"image type '{word}' {why_not(dotted)}")
            raise UnknownName("image type", word, sorted(known))
        chosen.update(several or [dotted])
    return tuple(sorted(chosen))


def _codec(form: str) -> bool:
    """Whether this environment can decode a format."""
    if form == "HEIF":
        return find_spec("pillow_heif") is not None
    return form not in _CODECS or bool(features.check(_CODECS[form]))
