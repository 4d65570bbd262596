"""What charts say in a sentence, and when they say nothing."""

from __future__ import annotations

import pytest

from reports.candidates.choice import ACCURACY
from reports.candidates.figures import CandidateFigure
from reports.candidates.found import Candidate
from reports.charts import load_charts
from reports.charts._pairs import as_fast, beaten
from reports.tidy.frame import Frames


def candidate(name: str, accuracy: float, parameters: float, macs: float, **more: object) -> Candidate:
    stated = CandidateFigure(accuracy, "", "", provenance="published")
    costs = {
        "parameters": CandidateFigure(parameters, "", ""),
        "macs": CandidateFigure(macs, "", "", status=str(more.get("status", ""))),
    }
    size = int(str(more.get("size", 224)))
    return Candidate(name, "", 2014, size, {ACCURACY: stated, **costs}, {})


WIDE, THIN = candidate("vgg19", 0.724, 144e6, 19.6e9), candidate("efficientnet_b0", 0.777, 5.3e6, 0.39e9)


def row(name: str, rate: float, macs: float, **more: object) -> dict[str, object]:
    usual = {
        "resolution": 224,
        "batch": 1,
        "noisy": None,
        "counted_bound": "",
        "low": 0.95 * rate,
        "high": 1.05 * rate,
    }
    return {"architecture": name, "value": rate, "counted": macs} | usual | more


SLOW, QUICK = row("dpt", 36.0, 2e9), row("resnext", 35.0, 4e9)


def test_a_network_that_takes_more_and_gives_less_is_told_with_its_figures() -> None:
    pair = beaten([THIN, WIDE])
    assert pair is not None
    costs = "27 times the parameters and 50 times the multiply-adds"
    assert f"vgg19 takes {costs} of efficientnet_b0, and is 5.3 points less accurate" == pair.words()


@pytest.mark.parametrize(
    "other",
    [
        candidate("other size", 0.777, 5.3e6, 0.39e9, size=64),
        candidate("noisy", 0.777, 5.3e6, 0.39e9, status="noisy"),
        candidate("less accurate, too", 0.6, 5.3e6, 0.39e9),
    ],
)
def test_networks_that_do_not_compare_are_no_pair(other: Candidate) -> None:
    assert beaten([WIDE, other]) is None


def test_of_measured_accuracies_intervals_must_be_apart() -> None:
    wide, thin = (
        candidate(name, 0.5, parameters, macs)
        for name, parameters, macs in (("wide", 9e6, 9e9), ("thin", 1e6, 1e9))
    )
    near = (
        {ACCURACY: CandidateFigure(0.50, "", "", low=0.48, high=0.52)},
        {ACCURACY: CandidateFigure(0.51, "", "", low=0.49, high=0.53)},
    )
    pair = [
        Candidate(c.name, "", 2014, 224, {**c.figures, **f}, {}) for c, f in zip((wide, thin), near, strict=True)
    ]
    assert beaten(pair) is None


def test_fewer_multiply_adds_at_the_same_rate_are_a_pair() -> None:
    assert (SLOW, QUICK) == as_fast([QUICK, SLOW])


@pytest.mark.parametrize(
    "changed",
    [
        {"noisy": "its threads waited"},
        {"resolution": 28},
        {"batch": 8},
        {"low": 3.0, "high": 300.0},
        {"counted_bound": "at least"},
    ],
)
def test_rates_that_do_not_compare_are_no_pair(changed: dict[str, object]) -> None:
    assert as_fast([SLOW, QUICK | changed]) is None


def test_what_is_measurably_faster_is_no_pair() -> None:
    assert as_fast([row("small", 90.0, 2e9), QUICK]) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("error_against_year", "The best published top-"),
        ("parameters_and_macs_against_year", "times the parameters of"),
        ("published_accuracy_against_cost", "points less accurate"),
    ],
)
def test_a_chart_of_the_plausible_run_states_what_it_shows(frames: Frames, name: str, words: str) -> None:
    assert words in load_charts().get(name).heading(frames)


def test_a_chart_whose_figures_support_nothing_has_its_title(frames: Frames) -> None:
    none = frames.changed(published=frames.published.iloc[:0])
    assert "Published error against year" == load_charts().get("error_against_year").heading(none)


def test_the_same_rows_under_names_with_marks_are_told_as_they_are(frames: Frames) -> None:
    marked = frames.changed(published=frames.published.assign(architecture="a<b"))
    assert "&" not in load_charts().get("error_against_year").heading(marked)


def of(frames: Frames, *names: str) -> Frames:
    """The run with nothing but some architectures."""
    records = frames.records[frames.records["architecture"].isin(names)]
    return frames.changed(
        records=records, architectures=frames.architectures[frames.architectures["name"].isin(names)]
    )


def test_the_families_after_a_gap_are_told_where_there_are_several(frames: Frames) -> None:
    told = load_charts().get("timeline").heading(of(frames, "lenet5", "alexnet", "vgg16"))
    assert "14 years lie between lenet5 (1998) and alexnet (2012); then 2 families come within 3 years" == told


def test_one_family_after_a_gap_is_told_by_the_gap_alone(frames: Frames) -> None:
    told = load_charts().get("timeline").heading(of(frames, "lenet5", "alexnet"))
    assert "14 years lie between lenet5 (1998) and alexnet (2012)" == told


def test_an_error_that_is_smaller_by_nothing_that_is_shown_is_no_gain(frames: Frames) -> None:
    same = frames.published.assign(value=[10.0 + i / 1e4 for i in range(len(frames.published))])
    chart = load_charts().get("parameters_and_macs_against_year")
    assert (True, False) == tuple(
        " for " in chart.heading(of_run) for of_run in (frames, frames.changed(published=same))
    )


@pytest.mark.parametrize("name", ["peak_memory_by_architecture", "throughput_against_macs"])
def test_what_charts_tell_of_speed_and_memory_names_the_host_where_there_are_several(
    frames: Frames, name: str
) -> None:
    chart, there = load_charts().get(name), frames.changed(records=frames.records.assign(device="cpu of far"))
    assert (False, "" != chart.finding(frames)) == (
        " on far" in chart.finding(frames),
        " on far" in chart.finding(there),
    )
