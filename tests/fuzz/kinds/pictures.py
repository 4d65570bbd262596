"""Lists and folders of the user's own images that are odd, damaged or endless."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

from tests.fuzz.base import Base
from tests.fuzz.drawing import changed_bytes, changed_text, name, text
from tests.fuzz.kinds.nodes import odd_node
from tests.fuzz.sandbox import Attempt, Sandbox

LEARN = ("run", "--dry-run", "--arch", "lenet5", "--mode", "scratch", "--store", "s.sqlite")
READING = (
    ("--on-bad-image", "fail"), ("--follow-links",), ("--allow-missing-classes",), ("--splits", "train=a,test=b"),
    ("--splits", "none"), ("--image-types", ".png"),
)  # fmt: skip


def make_list(box: Sandbox, random: Random, base: Base) -> Attempt:
    """A table of paths and classes, or a list with a class index a line."""
    shutil.copytree(base.photos, box.own / "photos")
    paths = sorted(path.relative_to(box.own) for path in (box.own / "photos").rglob("*.png"))
    form = random.choice(("csv", "list"))
    rows = [
        f"{path},{path.parent.name}" if form == "csv" else f"{path} {len(path.parts[1]) % 2}" for path in paths
    ]
    told = "\n".join([*(["path,label"] if form == "csv" else []), *rows]) + "\n"
    file = box.own / f"images.{'csv' if form == 'csv' else 'txt'}"
    if random.random() < 0.15:
        odd_node(file, box, random)
    else:
        file.write_bytes(random.choice(_LISTS)(told, random))
    return Attempt(_words(f"{form}:{file.name}", random))


def make_folder(box: Sandbox, random: Random, base: Base) -> Attempt:
    """A folder of images with one to three oddities."""
    root = box.own / "photos"
    shutil.copytree(base.photos, root)
    for _ in range(random.randint(1, 3)):
        # a name that this file system refuses, or a folder that is too deep for this change, is no input
        with suppress(OSError, ValueError, RecursionError):
            random.choice(_FOLDERS)(root, box, random)
    return Attempt(_words("folder:photos", random))


def _words(target: str, random: Random) -> tuple[str, ...]:
    reading = tuple(word for words in READING if random.random() < 0.15 for word in words)
    if random.random() < 0.1:
        return ("recommend", "--target", target, "--store", "s.sqlite")
    if random.random() < 0.1:
        return (*LEARN, "--folds", "3", "--target", target, *reading)
    return (*LEARN, "--target", target, *reading)


def _lines(told: str, random: Random) -> bytes:
    return changed_text(told, random).encode(errors="surrogatepass")


def _raw(told: str, random: Random) -> bytes:
    return changed_bytes(told.encode(), random)


def _coded(told: str, random: Random) -> bytes:
    return told.encode(random.choice(("utf-16", "utf-16-be", "utf-32", "utf-8-sig", "cp037")))


def _spelled(told: str, random: Random) -> bytes:
    """Cells that are something else to a reader."""
    lines = told.splitlines()
    for _ in range(random.randint(1, 5)):
        at = random.randrange(len(lines))
        head, mark, tail = lines[at].rpartition("," if "," in lines[at] else " ")
        lines[at] = f"{text(random)}{mark}{tail}" if random.random() < 0.5 else f"{head}{mark}{text(random)}"
    return "\n".join(lines).encode(errors="surrogatepass")


def _separated(told: str, random: Random) -> bytes:
    sign = random.choice((";", "\t", "|", "\0", '"', "sep=\n"))
    return told.replace(",", sign).encode()


def _quoted(told: str, random: Random) -> bytes:
    return told.replace(",", random.choice(('",', ',"', '","', '""","'))).encode()


def _long(told: str, random: Random) -> bytes:
    return told.replace(
        "cats", random.choice(("c" * 200_000, "9" * 5000, "a/" * 3000)), random.choice((1, 24))
    ).encode()


def _places(told: str, random: Random) -> bytes:
    place = random.choice(
        (
            "/dev/zero",
            "/etc/passwd",
            "../../victim",
            "~/x.png",
            "\\\\host\\share",
            "photos",
            "file:///etc/passwd",
            ".",
        )
    )
    return "\n".join(
        line if random.random() < 0.7 else place + line[line.find(",") :] for line in told.splitlines()
    ).encode()


_LISTS: tuple[Callable[[str, Random], bytes], ...] = (
    _lines, _lines, _lines, _raw, _raw, _coded, _spelled, _spelled, _separated, _quoted, _long, _places,
)  # fmt: skip


def _one(root: Path, random: Random) -> Path:
    # an earlier change may have put a device there, or a file without end
    found = (path for path in sorted(root.rglob("*.png")) if path.is_file() and path.stat().st_size < 1 << 20)
    return random.choice([*found] or [root / "cats" / "0.png"])


def _named(root: Path, box: Sandbox, random: Random) -> None:
    (root / "cats").rename(root / name(random))


def _bytes_named(root: Path, box: Sandbox, random: Random) -> None:
    given = random.choice((b"\xff\xfe.png", b"a\nb.png", b"\x1b]0;t\x07.png", b"-x.png"))
    _one(root, random).rename(root / "dogs" / os.fsdecode(given))


def _damaged(root: Path, box: Sandbox, random: Random) -> None:
    for _ in range(random.choice((1, 1, 8))):
        path = _one(root, random)
        path.write_bytes(changed_bytes(path.read_bytes(), random))


def _bad_and_named(root: Path, box: Sandbox, random: Random) -> None:
    (root / "cats" / f"{name(random)[:80]}.png").write_bytes(b"x")


def _node_within(root: Path, box: Sandbox, random: Random) -> None:
    odd_node(root / random.choice(("cats/odd.png", "odd", "cats/odd")), box, random)


def _deep(root: Path, box: Sandbox, random: Random) -> None:
    here = os.open(root, os.O_RDONLY)
    try:
        for _ in range(random.choice((40, 1500))):
            os.mkdir("d", dir_fd=here)
            here, before = os.open("d", os.O_RDONLY, dir_fd=here), here
            os.close(before)
    finally:
        os.close(here)


def _wide(root: Path, box: Sandbox, random: Random) -> None:
    for number in range(random.choice((60, 700))):
        (root / f"class {number}").mkdir()


def _empty(root: Path, box: Sandbox, random: Random) -> None:
    for path in (root / "cats").glob("*.png"):
        path.unlink()


def _circle(root: Path, box: Sandbox, random: Random) -> None:
    (root / "cats" / "again").symlink_to(random.choice((root, root / "cats", Path(".."))))


def _split(root: Path, box: Sandbox, random: Random) -> None:
    for split in random.choice((("train", "test"), ("train", "TRAIN"), ("val",), ("train", "valid", "test"))):
        shutil.copytree(root / "dogs", root / split / "dogs")


def _huge(root: Path, box: Sandbox, random: Random) -> None:
    """Headers that promise 2^31 pixels a side, in some forms."""
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x02\0\0\0"
    forms = {
        ".png": head + b"\0" * 20,
        ".bmp": b"BM" + b"\xff" * 60,
        ".gif": b"GIF89a\xff\xff\xff\xff\0\0\0;",
        ".tif": b"II*\0\x08\0\0\0" + b"\xff" * 40,
        ".webp": b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\xff" * 30,
        ".jpg": b"\xff\xd8\xff\xe0" + b"\xff" * 40,
    }
    suffix = random.choice(sorted(forms))
    (root / "cats" / f"huge{suffix}").write_bytes(forms[suffix])


def _alone(root: Path, box: Sandbox, random: Random) -> None:
    shutil.rmtree(root)
    odd_node(root, box, random)


_FOLDERS: tuple[Callable[[Path, Sandbox, Random], None], ...] = (
    _named, _named, _bytes_named, _bytes_named, _damaged, _damaged, _bad_and_named, _node_within, _node_within,
    _deep, _wide, _empty, _circle, _split, _huge, _alone,
)  # fmt: skip
