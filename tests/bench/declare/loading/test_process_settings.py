"""What foreign code sets for the whole process: noticed, told, and put back."""

from __future__ import annotations

import gc
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from bench.declare.loading.process_settings import BY_BUILDER, Undone, contained, undoing, with_undone

_open: list[Any] = []


def enter(context: Any) -> None:
    """Enter a context, and leave it only when the test is over."""
    context.__enter__()
    _open.append(context)


@pytest.fixture(autouse=True)
def _left_at_last() -> Iterator[None]:
    """An autocast that is never left keeps copies of weights for all tests that follow."""
    yield
    while _open:
        _open.pop().__exit__(None, None, None)


def patch_init() -> None:
    vars(torch.nn.init)["zeros_"] = print


def backend(path: str, value: object) -> Callable[[], None]:
    *owners, name = path.split(".")
    owner: Any = torch.backends
    for part in owners:
        owner = getattr(owner, part)
    return partial(setattr, owner, name, value)


CHANGES: dict[str, tuple[Callable[[], object], Callable[[], object], str]] = {
    "default dtype": (partial(torch.set_default_dtype, torch.float64), torch.get_default_dtype, "torch.float64"),
    "default device": (partial(torch.set_default_device, "meta"), lambda: torch.empty(1).device, "meta"),
    "threads": (partial(torch.set_num_threads, 7), torch.get_num_threads, "7"),
    "interop threads": (lambda: torch.set_num_interop_threads(7), torch.get_num_interop_threads, "7"),
    "inference mode": (lambda: enter(torch.inference_mode()), torch.is_inference_mode_enabled, "True"),
    "gradients": (partial(torch.set_grad_enabled, False), torch.is_grad_enabled, "False"),
    "seed of torch": (partial(torch.manual_seed, 7), torch.initial_seed, "7"),
    "state of random": (partial(random.seed, 7), random.getstate, "seeded or drawn from"),
    "state of numpy.random": (
        partial(np.random.seed, 7),
        lambda: str(np.random.get_state()),
        "seeded or drawn from",
    ),
    "numpy.seterr": (
        partial(np.seterr, all="ignore"),
        np.geterr,
        str(dict.fromkeys(("divide", "over", "under", "invalid"), "ignore")),
    ),
    "garbage collection": (gc.disable, gc.isenabled, "False"),
    "flush to zero of denormals": (
        partial(torch.set_flush_denormal, True),
        lambda: sys.float_info.min / 2,
        "True",
    ),
    "functions of torch.nn.init": (patch_init, lambda: torch.nn.init.zeros_, "zeros_"),
    "detection of anomalies": (
        partial(torch.autograd.set_detect_anomaly, True),
        torch.is_anomaly_enabled,
        "True",
    ),
    "deterministic algorithms": (
        partial(torch.use_deterministic_algorithms, True, warn_only=True),
        torch.are_deterministic_algorithms_enabled,
        "True, warnings only",
    ),
    "autocast on cpu": (
        lambda: enter(torch.autocast("cpu")),
        partial(torch.is_autocast_enabled, "cpu"),
        "True",
    ),
    "fast path of attention": (
        partial(torch.backends.mha.set_fastpath_enabled, False),
        torch.backends.mha.get_fastpath_enabled,
        "False",
    ),
    "attention by math": (
        partial(torch.backends.cuda.enable_math_sdp, False),
        torch.backends.cuda.math_sdp_enabled,
        "False",
    ),
    "float32 matmul precision": (
        partial(torch.set_float32_matmul_precision, "medium"),
        lambda: (torch.get_float32_matmul_precision(), torch.backends.cuda.matmul.allow_tf32),
        "medium",
    ),
    "torch.backends.cudnn.conv.fp32_precision": (
        backend("cudnn.conv.fp32_precision", "ieee"),
        lambda: torch.backends.cudnn.conv.fp32_precision,  # type: ignore[attr-defined]
        "ieee",
    ),
    "torch.backends.cudnn.benchmark": (
        backend("cudnn.benchmark", True),
        lambda: torch.backends.cudnn.benchmark,
        "True",
    ),
    "torch.backends.mkldnn.enabled": (
        backend("mkldnn.enabled", False),
        lambda: torch.backends.mkldnn.enabled,
        "False",
    ),
}
"""By the name of a setting: what changes it, what reads it, and how its new value is told."""


@pytest.mark.parametrize("name", CHANGES)
def test_a_setting_is_as_it_was_and_what_it_was_changed_to_is_told(name: str) -> None:
    change, read, told = CHANGES[name]
    before, noted = read(), Undone()
    with undoing("somebody", noted):
        change()
    assert (before, told) == (read(), noted["somebody"][name])


def test_filters_of_warnings_are_as_they_were_and_told_in_the_record_alone() -> None:
    before, noted = list(warnings.filters), Undone()
    with undoing("somebody", noted):
        warnings.simplefilter("ignore", ResourceWarning)
    assert before == list(warnings.filters)
    assert {"settings_undone": noted} == with_undone({}, noted)
    assert {"warning filters"} == noted["somebody"].keys()


def test_what_raises_leaves_nothing_behind_either() -> None:
    with pytest.raises(ValueError, match="stop"), undoing("somebody", {}):
        torch.set_default_dtype(torch.float64)
        raise ValueError("stop")
    assert torch.float32 is torch.get_default_dtype()


def test_who_changes_nothing_is_not_named() -> None:
    noted = Undone()
    with undoing("somebody", noted):
        torch.rand(3)
    assert {} == noted


def test_numbers_that_are_drawn_without_a_seed_stay_drawn() -> None:
    build = contained(lambda: torch.rand(1), "somebody")
    assert build() != build()


def seeding() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.rand(2)


def test_after_a_builder_that_seeds_others_draw_what_they_would_have_drawn() -> None:
    torch.manual_seed(1)
    expected = torch.rand(2)
    torch.manual_seed(1)
    weights = contained(seeding, "somebody")()
    assert expected.equal(torch.rand(2))
    assert weights.equal(torch.rand(2, generator=torch.Generator().manual_seed(0)))
    BY_BUILDER.pop("somebody")


def test_a_process_without_torch_does_not_load_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "bench.declare.loading.process_settings.sys", SimpleNamespace(modules={}, float_info=sys.float_info)
    )
    noted = Undone()
    with undoing("somebody", noted):
        random.seed(7)
    assert {"somebody": {"state of random": "seeded or drawn from"}} == noted


def test_a_record_has_one_warning_for_each_who_changed_something_beside_its_own() -> None:
    undone = {"catalogue 'a.py'": {"threads": "7", "warning filters": "3 of them"}, "b": {"gradients": "False"}}
    details = with_undone({"n": 1, "warnings": ["own"]}, undone)
    line = "changes settings that all cells share, which is undone"
    assert ["own", f"catalogue 'a.py' {line}: threads: 7", f"b {line}: gradients: False"] == details["warnings"]
    assert (1, undone) == (details["n"], details["settings_undone"])


def test_a_record_of_a_process_in_which_nothing_was_undone_is_as_it_was() -> None:
    assert {"n": 1} == with_undone({"n": 1}, {})
