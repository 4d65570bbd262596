"""How fast a folder of photographs is decoded, in how much memory, and how soon a second run on it measures.

nox -s image-folder-speed
nox -s image-folder-speed -- --images 2000 --photographs 8

Pictures are generated. Both sides go through the same parts of them, each in a fresh process, in turn. The harness
decodes onto its shelf, with digests, and its file is on the disk when it ends; torchvision's ImageFolder feeds a
DataLoader that keeps nothing, with as many workers as the harness has threads. Memory is that of all processes of
a side, with torch itself.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil
from PIL import Image

from bench.machine.host import available_cpus

CLASSES = 10
USUAL, LARGE = (320, 240), (4000, 3000)
"""Width and height in pixels."""
_EVERY = 0.1
"""Seconds between two looks at a side's memory."""


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=20_000, help="pictures of 320 x 240 (%(default)s)")
    parser.add_argument("--photographs", type=int, default=60, help="pictures of 4000 x 3000 (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="parts that both sides decode in turn (%(default)s)")
    parser.add_argument("--workers", type=int, default=available_cpus(), help="(%(default)s)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        parts = [folder / "parts" / str(i) for i in range(arguments.rounds)]
        for i, part in enumerate(parts):
            generate(part, arguments.images // arguments.rounds, USUAL, i)
        side_by_side(f"{arguments.images} pictures of 320 x 240", parts, arguments.workers, folder)
        runs(together(parts, folder / "whole"), arguments.workers, folder)
        generate(folder / "large", arguments.photographs, LARGE, 0)
        side_by_side(f"{arguments.photographs} of 4000 x 3000", [folder / "large"], arguments.workers, folder)
    return 0


def say(what: str, line: str) -> None:
    """One line on stdout, at once."""
    sys.stdout.write(f"{what:<54} {line}\n")
    sys.stdout.flush()


def generate(folder: Path, count: int, size: tuple[int, int], first: int) -> None:
    """So many JPEG files in class folders, none like another."""
    for label in range(min(CLASSES, count)):
        (folder / f"class{label}").mkdir(parents=True)
    numbers = [list(range(start, count, available_cpus())) for start in range(available_cpus())]
    with ProcessPoolExecutor() as pool:
        list(pool.map(_generate, [folder] * len(numbers), numbers, [size] * len(numbers), [first] * len(numbers)))


def _generate(folder: Path, numbers: list[int], size: tuple[int, int], first: int) -> None:
    generator = np.random.default_rng([first, *numbers[:1]])
    for number in numbers:
        coarse = Image.fromarray(generator.integers(0, 256, (12, 16, 3), np.uint8))
        coarse.resize(size).save(folder / f"class{number % CLASSES}" / f"{number}.jpg", quality=90)


def together(parts: list[Path], whole: Path) -> Path:
    """One folder with the pictures of all parts."""
    for part in parts:
        for path in part.rglob("*.jpg"):
            target = whole / path.parent.name / f"{part.name}-{path.name}"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.hardlink_to(path)
    return whole


def side_by_side(what: str, parts: list[Path], workers: int, folder: Path) -> None:
    """Each part by the one side and by the other; which is first changes."""
    rates: dict[str, list[float]] = {"ours": [], "theirs": []}
    memory: dict[str, list[float]] = {"ours": [], "theirs": []}
    for i, part in enumerate(parts):
        for side in sorted(rates, reverse=bool(i % 2)):
            with tempfile.TemporaryDirectory(dir=folder) as place:
                found, most = measured(side, part, workers, Path(place))
            rates[side].append(found["images"] / found["seconds"])
            memory[side].append(most)
    for side, name in (("ours", "harness"), ("theirs", "ImageFolder, DataLoader")):
        speed = f"{median(rates[side]):.3g} images/s (median, n = {len(parts)}), {workers} workers"
        say(f"{what}, {name}", f"{speed}, at most {max(memory[side]) / 1e6:.0f} MB")


def runs(whole: Path, workers: int, folder: Path) -> None:
    """A first run until it measures, and a second."""
    for which in ("first", "second"):
        found, most = measured("run", whole, workers, folder)
        took = f"{found['seconds']:.2f} s ({found['cpu']:.2f} s of the processor)"
        say(f"{which} run, until it measures", f"{took}, at most {most / 1e6:.0f} MB, n = 1")


def measured(side: str, folder: Path, workers: int, place: Path) -> tuple[dict[str, Any], float]:
    """What a side tells of its work in a process of its own, and the most bytes that its processes held."""
    command = [sys.executable, "-m", "tests.perf.image_folder_sides", side, str(folder), str(workers), str(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        most, seen = 0.0, psutil.Process(process.pid)
        while process.poll() is None:
            most = max(most, _held(seen))
            time.sleep(_EVERY)
        said = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise RuntimeError(f"{side} ended with {process.returncode}")
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found, most


def _held(process: psutil.Process) -> float:
    """Bytes of a process and of those that it began; pages that they share count once, where the system tells."""
    total = 0.0
    try:
        for one in (process, *process.children(recursive=True)):
            held = one.memory_full_info()
            total += getattr(held, "pss", held.uss)
    except psutil.Error:  # one has just ended
        return 0.0
    return total


if __name__ == "__main__":
    sys.exit(main())
