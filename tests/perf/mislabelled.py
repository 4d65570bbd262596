"""How many of the labels that were swapped on purpose a run finds, and how many others it doubts.

nox -s mislabelled
nox -s mislabelled -- --trials 10 --swapped 12 --arch efficientnet_lite0,efficientnet_lite2 --seeds 3

Each trial draws crops of the textures anew, as PNG files in a folder for each class, gives some of them the name
of another class, and runs a cross-validation of heads on features. The labels in doubt are those of the table
`mistakes`.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from bench.store.database import Store
from reports.learning.answers.mistakes import mistakes
from reports.tidy.frame import read
from suites.textures import PICTURES, textures


@dataclass(frozen=True)
class Trial:
    """The images whose labels were swapped, and those that were doubted; each by its path with the true class."""

    swapped: frozenset[tuple[str, str]]
    doubted: frozenset[tuple[str, str]]

    @property
    def found(self) -> int:
        """Swapped images that were doubted in favour of their true class."""
        return len(self.swapped & self.doubted)


def main() -> int:
    """Print found, missed and wrongly doubted labels of each trial, then precision and recall of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=5, help="draws of images and labels (%(default)s)")
    parser.add_argument("--images", type=int, default=20, help="of each of the six classes (%(default)s)")
    parser.add_argument("--swapped", type=int, default=5, help="labels, of all images (%(default)s)")
    parser.add_argument("--arch", default="efficientnet_lite0", help="whose features (%(default)s)")
    parser.add_argument("--seeds", type=int, default=1, help="cross-validations of each (%(default)s)")
    arguments = parser.parse_args()
    trials = []
    for number in range(arguments.trials):
        with tempfile.TemporaryDirectory() as folder:
            trials.append(tried(Path(folder), number, arguments))
        say(f"trial {number}", trials[-1])
    swapped, doubted, found = (
        sum(values) for values in zip(*((len(t.swapped), len(t.doubted), t.found) for t in trials), strict=True)
    )
    sys.stdout.write(f"precision {found} of {doubted}, recall {found} of {swapped}, n = {len(trials)} trials\n")
    return 0


def say(what: str, trial: Trial) -> None:
    """One line on stdout, at once."""
    swapped, doubted = len(trial.swapped), len(trial.doubted)
    sys.stdout.write(
        f"{what}: {trial.found} of {swapped} swapped labels found, {doubted - trial.found} others doubted\n"
    )
    sys.stdout.flush()


def tried(folder: Path, number: int, how: argparse.Namespace) -> Trial:
    """One trial in an empty folder."""
    swapped = write(folder / "images", number, how.images, how.swapped)
    store = folder / "runs.sqlite"
    command = [sys.executable, "-m", "evobench", "run", "--store", str(store), "--no-report", "--measure", "top1"]
    command += ["--arch", how.arch, "--weights", "pretrained", "--target", f"folder:{folder / 'images'}"]
    command += ["--mode", "features+softmax", "--folds", "5", "--seeds", str(how.seeds)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    with Store.open(store) as opened:
        (target,) = mistakes(read(opened, "latest"))
    return Trial(swapped, frozenset((case.image, case.named) for case in target.doubts.cases))


def write(folder: Path, number: int, images: int, swapped: int) -> frozenset[tuple[str, str]]:
    """Write so many crops of each class; returns those in a wrong folder, with their true classes."""
    drawn, random_ = textures(), random.Random(number)
    crops = [
        (i, label)
        for label in range(len(PICTURES))
        for i in random_.sample([i for i, own in enumerate(drawn.labels) if own == label], images)
    ]
    wrong = set(random_.sample(range(len(crops)), swapped))
    found = set()
    for place, (i, label) in enumerate(crops):
        named = random_.choice([c for c in range(len(PICTURES)) if c != label]) if place in wrong else label
        path = folder / PICTURES[named] / f"{i:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(drawn.pixels[i][..., 0]).save(path)
        if place in wrong:
            found.add((path.relative_to(folder).as_posix(), PICTURES[label]))
    return frozenset(found)


if __name__ == "__main__":
    sys.exit(main())
