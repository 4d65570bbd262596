"""What a run found: in plain words, the most telling first, few of them."""

from typing import Any

from reports.highlights.findings import MOST, findings
from reports.tidy.frame import Frames

SLOW = "vit_b_16"
"""By multiply-adds it should be a little faster than vgg19."""


def latencies(frames: Frames, name: str, factor: float, **others: Any) -> Frames:
    """The run with other latencies of one architecture."""
    records = frames.records.copy()
    rows = (records["architecture"] == name) & (records["measure"] == "latency")
    for column in ("value", "low", "high"):
        records.loc[rows, column] *= factor
    for column, value in others.items():
        records.loc[rows, column] = value
    return frames.changed(records=records)


def speeds(frames: Frames) -> list[str]:
    """The findings on multiply-adds and time."""
    return [item.text for item in findings(frames) if "MACs" in item.text]


def test_two_networks_of_one_size_show_that_fewer_macs_are_not_always_faster(frames: Frames) -> None:
    (text,) = speeds(latencies(frames, SLOW, 2.0))
    assert text.startswith(
        "Fewer multiply-adds (MACs) are not always faster: vit_b_16 has fewer than vgg19 (17.6 G "
    )
    assert text.endswith("224 px, batch 1, Example 9000).")


def test_times_whose_intervals_meet_are_no_finding(frames: Frames) -> None:
    assert [] == speeds(latencies(frames, SLOW, 2.0, low=0.1))


def test_no_finding_rests_on_a_noisy_timing(frames: Frames) -> None:
    assert [] == speeds(latencies(frames, SLOW, 2.0, noisy="waited"))


def test_a_finding_on_speed_names_the_host_where_there_are_several(frames: Frames) -> None:
    slow = latencies(frames, SLOW, 2.0)
    there = slow.changed(records=slow.records.assign(device="cpu of far"))
    assert ["batch 1, far)."] == [text[-len("batch 1, far).") :] for text in speeds(there)]


def test_the_most_accurate_of_the_fast_networks_comes_first(frames: Frames) -> None:
    first = findings(frames)[0]
    assert ("recommend", "Under 50 ms per image, efficientnet_b3 is the most accurate network") == (
        first.anchor,
        first.answer,
    )
    assert first.text.endswith("(measured on Example 9000). 8 of 19 networks with both figures are that fast.")


def test_published_and_measured_figures_are_told_apart(frames: Frames) -> None:
    assert ": 82.0 % top-1 on ImageNet (published), " in findings(frames)[0].rest


def test_one_fast_network_alone_is_told_as_one(frames: Frames) -> None:
    records = frames.records
    timings, alone = records["measure"] == "latency", records["architecture"] == "efficientnet_b0"
    timed = records["value"].mask(timings, 0.2).mask(timings & alone, 0.02)
    told = findings(frames.changed(records=records.assign(value=timed)))[0].text
    assert told.endswith(" 1 of 20 networks with both figures is that fast.")


def test_a_limit_that_all_keep_says_nothing(frames: Frames) -> None:
    records = frames.records
    quick = records["value"].mask(records["measure"] == "latency", 0.001)
    told = [item.text for item in findings(frames.changed(records=records.assign(value=quick)))]
    assert [] == [text for text in told if "50 ms" in text]


def test_a_run_tells_a_handful_of_findings_at_most(frames: Frames) -> None:
    assert MOST == len(findings(latencies(frames, SLOW, 2.0)))


def test_the_clearest_comparison_comes_before_the_others(frames: Frames) -> None:
    effects = [item.anchor for item in findings(frames) if item.anchor.endswith("_effect")]
    assert "chart-pretraining_effect" == effects[0]


def test_a_run_without_a_figure_found_nothing(frames: Frames) -> None:
    assert () == findings(frames.changed(records=frames.records.assign(value=None)))
