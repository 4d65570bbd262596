"""What may be removed of the artifacts: what no run names, and what was used least recently."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.run.shelf.contents import Lying
from bench.run.shelf.removal import LEFT_BEHIND, NOT_GONE_ON_WITH, UNNAMED, beyond, remove, summed, unneeded
from bench.store.past import Named

NOTHING = Named({}, frozenset(), unfinished=False)
STATE = ".unfinished-0123456789abcdef"


def item(folder: Path, name: str, size: int = 10, changed: float = 0.0) -> Lying:
    """A thing of so many bytes, whose files are there."""
    parts = (name,) if name.startswith(".") else (f"{name}.json", name)
    for part in parts:
        (folder / part).touch()
    what = "draft" if name[-1].isdecimal() and name.startswith(".") else name.partition("-")[0]
    what = "unfinished training" if name.startswith(".unfinished") else what
    return Lying(name, what, tuple(folder / part for part in parts), size, changed)


def named(**last: str) -> Named:
    """Artifacts with the start of the newest run that names each; of runs that have ended."""
    return Named(last, frozenset(), unfinished=False)


class TestWhatNoRunNeeds:
    def test_is_an_artifact_that_no_run_names(self, tmp_path: Path) -> None:
        items = [item(tmp_path, "features_a"), item(tmp_path, "features_b")]
        found = unneeded(items, named(features_a="2026-01-01"))
        assert [("features_b", UNNAMED)] == [(removal.item.name, removal.why) for removal in found]

    def test_is_the_state_of_a_training_where_no_run_can_be_gone_on_with(self, tmp_path: Path) -> None:
        state = item(tmp_path, STATE)
        assert [NOT_GONE_ON_WITH] == [removal.why for removal in unneeded([state], NOTHING)]
        assert [] == unneeded([state], Named({}, frozenset(), unfinished=True))

    def test_is_half_an_artifact_even_if_a_run_names_it(self, tmp_path: Path) -> None:
        half = item(tmp_path, "features")
        half.paths[0].unlink()
        assert [LEFT_BEHIND] == [removal.why for removal in unneeded([half], named(features="2026-01-01"))]

    def test_is_not_what_a_living_process_writes(self, tmp_path: Path) -> None:
        assert [] == unneeded([item(tmp_path, f".features.{os.getpid()}")], NOTHING)


class TestBeyondALimit:
    def test_the_least_recently_used_go_until_the_rest_fits(self, tmp_path: Path) -> None:
        items = [item(tmp_path, name) for name in ("new", "old", "older")]
        uses = named(new="2026-01-03", old="2026-01-02", older="2026-01-01")
        assert ["older"] == [removal.item.name for removal in beyond(items, uses, 20)]
        assert ["older", "old"] == [removal.item.name for removal in beyond(items, uses, 19)]
        assert [] == beyond(items, uses, 30)

    def test_what_no_run_names_was_used_when_it_was_made(self, tmp_path: Path) -> None:
        items = [item(tmp_path, "named"), item(tmp_path, "made", changed=1e9)]  # in 2001
        assert ["made"] == [removal.item.name for removal in beyond(items, named(named="2026-01-01"), 10)]
        assert ["named"] == [removal.item.name for removal in beyond(items, named(named="1999-01-01"), 10)]

    def test_what_a_run_is_to_be_gone_on_with_goes_last(self, tmp_path: Path) -> None:
        items = [item(tmp_path, "awaited"), item(tmp_path, "other")]
        last = {"awaited": "2026-01-01", "other": "2026-01-02"}
        uses = Named(last, frozenset({"awaited"}), unfinished=True)
        assert ["other"] == [removal.item.name for removal in beyond(items, uses, 10)]

    def test_what_is_needed_stays_though_the_limit_is_passed(self, tmp_path: Path) -> None:
        items = [item(tmp_path, "needed"), item(tmp_path, "other")]
        assert ["other"] == [removal.item.name for removal in beyond(items, NOTHING, 5, needed={"needed"})]

    def test_states_and_drafts_count_and_stay(self, tmp_path: Path) -> None:
        items = [item(tmp_path, STATE), item(tmp_path, ".features.1"), item(tmp_path, "features")]
        assert ["features"] == [removal.item.name for removal in beyond(items, NOTHING, 29)]


def test_what_is_removed_is_gone_with_its_seal_and_the_rest_stays(tmp_path: Path) -> None:
    items = [item(tmp_path, "features"), item(tmp_path, "heads")]
    remove(unneeded(items, named(heads="2026-01-01")))
    assert ["heads", "heads.json"] == sorted(path.name for path in tmp_path.iterdir())


def test_half_an_artifact_that_was_made_whole_since_stays(tmp_path: Path) -> None:
    half = item(tmp_path, "features")
    half.paths[0].unlink()
    found = unneeded([half], named(features="2026-01-01"))
    half.paths[0].touch()
    remove(found)
    assert half.is_whole


def test_removals_are_summed_by_what_they_are_and_why(tmp_path: Path) -> None:
    items = [item(tmp_path, "features-a", 10), item(tmp_path, "features-b", 5), item(tmp_path, STATE, 3)]
    expected = [("features", UNNAMED, 2, 15), ("unfinished training", NOT_GONE_ON_WITH, 1, 3)]
    assert expected == summed(unneeded(items, NOTHING))


def test_the_draft_of_a_killed_process_is_removed(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    remove(unneeded([item(tmp_path, f".features.{ended.pid}")], NOTHING))
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("limit", [0, 1])
def test_an_empty_shelf_is_within_every_limit(limit: int) -> None:
    assert [] == beyond([], NOTHING, limit)
