"""Annotations of GitHub, as its runner parses them."""

import re
from dataclasses import replace

from bench.compare.judgement import Judgement
from bench.errors import Exit
from reports.ci.annotations import annotations
from reports.ci.text import plain
from tests.bench.compare.judgements import ERRATIC, HOSTILE, LESS_WATCHED, SMALL, hostile, large

GOLDEN = """\
::error title=evobench regression%3A swin_t latency infer 224px b1::20.0 ms → –, oom: the kernel killed it
::error title=evobench regression%3A resnet18 latency infer 224px b1::10.0 ms → 11.2 ms, ratio \
1.120 [1.080, 1.150], band 1.2 %25, 14 pairs
::error title=evobench regression%3A lenet5 random>digits8 scratch aug%3Anone seed0::80.0 %25 → 75.0 %25, \
-5.0 points [-8.0, -2.0], 4 images
::warning title=evobench undecided%3A vgg16 throughput infer 224px b8::200/s → 190/s, ratio 0.950 [0.900, 1.010], \
band 2.0 %25, 28 pairs: the budget ended
"""


def commands(judgement: Judgement) -> list[tuple[str, str, str]]:
    """Level, title and message of each line, as the runner reads it."""
    found = []
    for line in annotations(judgement).splitlines():
        parts = re.fullmatch(r"::(error|warning|notice) title=([^:,]*)::(.*)", line)
        assert parts
        level, *texts = parts.groups()
        found.append((level, *map(unescaped, texts)))
    return [(level, title, message) for level, title, message in found]


def unescaped(text: str) -> str:
    for code, letter in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, letter)
    return text


def test_what_fails_is_an_error_and_what_is_undecided_a_warning() -> None:
    assert GOLDEN == annotations(SMALL)


def test_a_job_that_is_missing_is_an_error() -> None:
    told = commands(Judgement("", "", (), notes=("b: nothing was kept",), ended=Exit.INCOMPLETE))
    assert [("error", "evobench incomplete", "b: nothing was kept")] == told


def test_an_erratic_head_is_a_warning() -> None:
    ((level, title, message),) = commands(replace(SMALL, found=(ERRATIC,)))
    assert ("warning", "evobench erratic: resnet50 latency infer 224px b1") == (level, title)
    assert "newly erratic: spread 75 %, base 3 %" in message


def test_undecided_is_an_error_where_it_makes_the_comparison_fail() -> None:
    judgement = replace(SMALL, fail_on=frozenset({"regression", "undecided"}))
    assert ["error"] * 4 == [level for level, *_ in commands(judgement)]


def test_an_improvement_is_a_notice_and_what_is_fine_nothing() -> None:
    better = replace(SMALL.found[0], verdict="improvement")
    assert ["notice"] == [level for level, *_ in commands(replace(SMALL, found=(better, SMALL.found[-1])))]


def test_there_are_ten_of_a_level_at_most_the_worst_first_and_the_last_counts_the_rest() -> None:
    found = commands(large(2000))
    assert 10 == len(found)
    assert "evobench regression: architecture_1999 latency infer 224px b1" == found[0][1]
    assert "1991 more cells than a step may annotate" == found[-1][2]


def test_ten_are_all_shown() -> None:
    assert "evobench regression: architecture_0000 latency infer 224px b1" == commands(large(10))[-1][1]


def test_a_hostile_name_is_a_title_and_no_command() -> None:
    found = commands(hostile())
    assert 4 == len(found)
    assert all(plain(HOSTILE) in title for _, title, _ in found)


def test_what_was_dropped_is_an_error_unless_it_does_not_make_the_comparison_fail() -> None:
    title, said = "evobench dropped: lenet5 macs infer 32px b1", "base watches it, head does not"
    assert [("error", title, said)] == commands(LESS_WATCHED)
    assert [("warning", title, said)] == commands(replace(LESS_WATCHED, fail_on=frozenset({"regression"})))


def test_what_is_accepted_is_a_notice_with_the_reason() -> None:
    level, title, message = commands(replace(SMALL, accepted={"a1": "a wider stem"}))[-1]
    assert ("notice", "evobench regression (accepted): resnet18 latency infer 224px b1") == (level, title)
    assert "accepted: a wider stem" in message


def test_of_several_jobs_the_title_names_the_one() -> None:
    found = (replace(SMALL.found[0], job="py3.11"),)
    ((_, title, _),) = commands(replace(SMALL, found=found, jobs={"py3.11": SMALL.fail_on}))
    assert "evobench py3.11: regression: resnet18 latency infer 224px b1" == title
