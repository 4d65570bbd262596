"""A run goes on with the files that it was begun with, or not at all."""

from pathlib import Path

import pytest
import torch

from bench.cell import Cell, Learning
from bench.declare.loading.discovery import load_catalogs
from bench.errors import UsageError
from bench.learning.weights.files import forget_digests, require_unchanged, weights_digest
from bench.run.origins import SETTING, asked, files_of, require_same_files


@pytest.fixture
def weights(tmp_path: Path) -> str:
    path = tmp_path / "mine.pt"
    torch.save({"a": torch.ones(2)}, path)
    forget_digests()
    load_catalogs()
    return f"file:{path}"


def cell_of(weights: str) -> Cell:
    scenario = Learning(
        weights=weights,
        target="uci-digits",
        mode="finetune:all",
        augmentation="none",
        resolution=32,
        shots=5,
        steps=1,
        batch=4,
        lr=0.1,
    )
    return Cell("lenet5", "top1", scenario)


def change(weights: str) -> None:
    torch.save({"a": torch.zeros(2)}, weights.removeprefix("file:"))


def test_data_of_packages_are_no_files_of_the_user() -> None:
    load_catalogs()
    assert {} == files_of([cell_of("random")])


def test_a_runs_files_are_no_option_that_the_user_gave(weights: str) -> None:
    assert {"seeds": 3} == asked({"seeds": 3, SETTING: files_of([cell_of(weights)])})


def test_a_run_goes_on_with_the_same_file(weights: str) -> None:
    cells = [cell_of(weights)]
    require_same_files({SETTING: files_of(cells)}, "r", cells)


def test_a_run_whose_file_has_changed_is_not_gone_on_with(weights: str) -> None:
    cells = [cell_of(weights)]
    settings = {SETTING: files_of(cells)}
    change(weights)
    forget_digests()
    with pytest.raises(UsageError, match="has changed since run r began: begin a new run"):
        require_same_files(settings, "r", cells)


def test_what_a_run_is_filed_under_stays_while_it_goes_on(weights: str) -> None:
    before = weights_digest(weights)
    change(weights)
    assert before == weights_digest(weights)


def test_a_file_that_changes_during_a_run_is_not_loaded(weights: str) -> None:
    weights_digest(weights)
    change(weights)
    with pytest.raises(UsageError, match="has changed since the run began"):
        require_unchanged(weights)


def test_a_file_that_is_deleted_during_a_run_loses_no_digest(weights: str) -> None:
    before = weights_digest(weights)
    Path(weights.removeprefix("file:")).unlink()
    assert before == weights_digest(weights)
