"""Ranks of the right answers among a network's, picture by picture, in bounded memory; a kill costs a batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np
import torch

from bench.declare.artifact import Report
from bench.learning.data.decode import BadImage, DecodedImage
from bench.learning.data.decoding import DecodedFile, decoded

Answer = Callable[[torch.Tensor], torch.Tensor]
"""Function from pictures, uint8 with N first, to scores, N x classes."""


@dataclass(frozen=True)
class Ranked:
    """Result for one picture."""

    content: str
    """Content of the file, as text of `bench.data.digests`."""
    rank: int = -1
    """Number of answers before the right one."""
    among: int = -1
    """Rank among the classes that the pictures have, where the network tells more classes apart."""
    wrong: str = ""
    """Why the file could not be used; it has no rank then."""


@dataclass(frozen=True)
class RankingTask:
    """Pictures with their right answers."""

    paths: Sequence[Path]
    right: Sequence[int]
    """Index of the right answer for each picture."""
    read: Callable[[bytes], DecodedImage]
    """Function from a file's bytes to pixels."""
    batch: int
    whole: bool = False
    """Whether an unusable picture stops the evaluation; else it is left out."""


def ranked(task: RankingTask, answer: Answer, report: Report, kept: Path | None = None) -> list[Ranked]:
    """Ranks of the right answers of all pictures, in their order.

    No more than a few batches of pictures are in memory at a time, and none is written.

    Args:
        task: the task to be ranked.
        answer: the network.
        report: is told how far it is.
        kept: file to which each batch's ranks are added, and from which it goes on; whoever reads the result
            removes it.

    Raises:
        BadImage: a picture cannot be used, and none is to be left out.
        ValueError: scores are not finite, or there is no score for a right answer.
    """
    present = torch.tensor(sorted(set(task.right)))
    done = _read(kept) if kept else []
    if kept:
        _write(kept, done)  # without the line that a kill cut off
    start = len(done)
    paths, right = task.paths[start:], task.right[start:]
    with closing(decoded(paths, task.read)) as found:
        pairs = zip(found, right, strict=True)
        while some := list(islice(pairs, task.batch)):
            fresh = _ranks(some, answer, present)
            if task.whole and (bad := next((i for i, item in enumerate(fresh) if item.wrong), None)) is not None:
                raise BadImage(f"'{task.paths[len(done) + bad]}' {fresh[bad].wrong}")
            done += fresh
            if kept:
                with kept.open("a", encoding="utf-8") as file:
                    _add(file, fresh)
            report({"step": len(done), "steps": len(task.paths)})
    return done


@torch.inference_mode()
def _ranks(some: Sequence[tuple[DecodedFile, int]], answer: Answer, present: torch.Tensor) -> list[Ranked]:
    good = [(found.image.pixels, right) for found, right in some if found.image is not None]
    ranks: Iterator[tuple[int, int]] = iter(())
    if good:
        scores = answer(torch.from_numpy(np.stack([pixels for pixels, _ in good]))).float().cpu()
        places = _standing(scores, torch.tensor([right for _, right in good]), present)
        ranks = ((int(rank), int(among)) for rank, among in places)
    return [
        Ranked(found.content, wrong=found.wrong) if found.image is None else Ranked(found.content, *next(ranks))
        for found, _ in some
    ]


def _standing(scores: torch.Tensor, right: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """Answers before the right one, among all and among those that are present; int64, N x 2."""
    if not bool(scores.isfinite().all()):
        raise ValueError("the network's scores are not finite")
    if scores.ndim != 2 or scores.shape[1] <= int(present.max()):
        raise ValueError(
            f"the network gives scores of {tuple(scores.shape)}, and an answer is {int(present.max())}"
        )
    own = scores.gather(1, right[:, None])
    places = torch.arange(scores.shape[1])
    # of equal scores the first stands before the others, as `argmax` has it
    before = (scores > own) | ((scores == own) & (places < right[:, None]))
    return torch.stack([before.sum(1), before[:, present].sum(1)], dim=1)


def _read(kept: Path) -> list[Ranked]:
    """Results of an earlier run, up to the line that a kill may have cut off."""
    try:
        lines = kept.read_text(encoding="utf-8").split("\n")[:-1]
    except FileNotFoundError:
        return []
    return [Ranked(**json.loads(line)) for line in lines]


def _write(kept: Path, done: Sequence[Ranked]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.open("w", encoding="utf-8") as file:
        _add(file, done)


def _add(file: TextIO, some: Sequence[Ranked]) -> None:
    file.writelines(f"{json.dumps(asdict(item))}\n" for item in some)
