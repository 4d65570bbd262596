"""What a run without lessons says of what the lecture teaches."""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd

from bench.audit.errata import ErrataRow
from bench.store.database import Store
from reports.story.taught import MOST, answered, contradicted, counted
from reports.tidy.frame import Frames, read


def claim(slide: str, verdict: str, printed: object = 4_000_000, found: object = 6_998_552) -> ErrataRow:
    """A figure of the lecture with its verdict."""
    fields = {"printed": printed, "found": found, "unit": "parameters", "verdict": verdict}
    place = f"Evolution of deep learning: {slide}"
    return ErrataRow(claim=slide + verdict, slide=place, words="to 4 million", **fields)  # type: ignore[arg-type]


def judging(frames: Frames, *rows: ErrataRow) -> Frames:
    """The run with these verdicts on claims that count."""
    return frames.changed(verdicts=pd.DataFrame(map(asdict, rows), dtype="object"), counts_from="run")


def test_the_comparisons_of_transfer_learning_are_counted_by_their_answer(frames: Frames) -> None:
    told = "5 of 25 transfer-learning comparisons have a clear result: 4 a gain, 1 a loss."
    assert told == answered(frames)


def test_a_run_without_comparisons_says_nothing_of_them(
    tmp_path: Path, build_run: Callable[[Path, Any], Any], plan: Any
) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, learners=()))
    with Store.open(tmp_path / "s.sqlite") as store:
        assert "" == answered(read(store, "latest"))


def test_the_figures_of_the_lecture_are_counted_by_verdict_the_most_frequent_first(frames: Frames) -> None:
    rows = [claim("A", "contradicted"), claim("B", "reproduced"), claim("C", "reproduced")]
    told = "3 figures and statements of the lecture were checked by counting: 2 match, 1 do not match."
    assert told == counted(judging(frames, *rows))


def test_without_verdicts_nothing_is_said_of_counts(frames: Frames) -> None:
    assert ("", []) == (counted(frames), list(contradicted(frames)))


def test_what_is_contradicted_is_told_with_what_is_printed_and_what_was_counted(frames: Frames) -> None:
    (told,) = contradicted(judging(frames, claim("GoogLeNet (2014)", "contradicted")))
    assert "GoogLeNet (2014): “to 4 million”, 4,000,000 parameters; counted here: 6,998,552." == told


def test_words_and_what_agrees_are_no_contradicted_numbers(frames: Frames) -> None:
    rows = [claim("A", "reproduced"), claim("B", "contradicted", printed=True, found=False)]
    assert [] == list(contradicted(judging(frames, *rows)))


def test_a_slide_is_told_once_and_few_are_told(frames: Frames) -> None:
    rows = [claim(f"{name} [part {part}]", "contradicted") for name in "ABCDEFG" for part in range(2)]
    told = [text.partition(":")[0] for text in contradicted(judging(frames, *rows))]
    assert list("ABCDEFG")[:MOST] == told
