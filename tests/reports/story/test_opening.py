"""What a run is, in a heading and a sentence that are true of it."""

import pytest

from reports.story.opening import LECTURE, lead, title
from reports.tidy.frame import Frames
from tests.reports.lecture import of_the_lecture, without_milestones


def of(frames: Frames, *names: str) -> Frames:
    """The run with nothing but some architectures."""
    some = {
        name: getattr(frames, name)[getattr(frames, name)["architecture"].isin(names)]
        for name in ("records", "published")
    }
    return frames.changed(**some, milestones=frames.milestones.iloc[:0])


def test_a_run_that_kept_decades_is_the_evolution(frames: Frames) -> None:
    assert LECTURE == title(of_the_lecture(frames))


def test_a_run_of_the_lineage_is_the_evolution_without_decades_too(
    frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LECTURE == title(without_milestones(frames, monkeypatch))


@pytest.mark.parametrize(
    ("names", "expected"),
    [(("alexnet",), "1 network, measured"), (("alexnet", "swin_t"), "2 networks, measured")],
)
def test_a_run_of_few_networks_is_no_evolution(frames: Frames, names: tuple[str, ...], expected: str) -> None:
    assert expected == title(of(frames, *names))


def test_a_run_without_a_figure_says_that(frames: Frames) -> None:
    nothing = frames.changed(records=frames.records.assign(value=None))
    assert ("A run without a figure", "") == (title(nothing), lead(nothing))


def test_few_networks_are_named(frames: Frames) -> None:
    assert lead(of(frames, "alexnet", "vit_b_16")).startswith("alexnet, vit_b_16 from 2012 to 2020. Size, speed")


def test_the_lead_tells_what_was_measured_learned_and_quoted(frames: Frames) -> None:
    assert (
        "24 image networks from 1998 to 2021. Size, speed and memory are measured on one machine (Example 9000, 2 "
        "cores); accuracy comes from 78 trainings on digits8; errors on ImageNet are published values."
    ) == lead(frames)


def test_a_lead_does_not_tell_of_what_a_run_has_not(frames: Frames) -> None:
    counts = frames.records[frames.records["measure"] == "macs"]
    told = lead(frames.changed(records=counts, published=frames.published.iloc[:0]))
    assert told.endswith(" from 1998 to 2021. Their size is counted.")


def test_a_run_of_other_measures_alone_names_them(frames: Frames) -> None:
    records = frames.records[frames.records["architecture"] == "alexnet"].assign(measure="filters", kind="cost")
    only = frames.changed(records=records, published=frames.published.iloc[:0])
    assert "alexnet. Filters." == lead(only)


def test_images_of_a_folder_are_named_by_its_end(frames: Frames) -> None:
    told = frames.changed(records=frames.records.assign(target="folder:/data/mine/photos"))
    assert "trainings on folder:photos;" in lead(told)
