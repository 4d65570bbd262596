"""Counts beside those that others published."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.store.database import Store
from reports.tables import load_tables
from reports.tidy.frame import read

Build = Callable[[Path, Any], Any]


@pytest.mark.parametrize(
    ("published", "agrees"),
    [
        (6_624_904, "yes"),
        (13_004_888, "with auxiliary heads (6.38 M)"),
        (6_624_900, "no: +4"),
    ],
)
def test_a_published_number_of_parameters_is_compared_without_and_with_auxiliary_heads(
    tmp_path: Path, build_run: Build, plan: Any, published: int, agrees: str
) -> None:
    build_run(tmp_path / "s.sqlite", plan)
    figure = {"quantity": "parameters", "value": published, "source": "weights", "protocol": "counted"}
    with Store.open(tmp_path / "s.sqlite") as store:
        which = "kind='architecture' AND name='googlenet'"
        (content,) = store.connection.db.execute(f"SELECT content FROM declaration WHERE {which}").fetchone()
        changed = json.dumps({**json.loads(content), "published": [{**figure, "step": 0.0}]})
        store.connection.db.execute(f"UPDATE declaration SET content=? WHERE {which}", (changed,))
        shown = load_tables().get("published_counts").formatted(read(store, "small"))
    assert [("googlenet", "6.62 M", agrees)] == list(
        zip(shown["Architecture"], shown["Parameters"], shown["Parameters agree"], strict=True)
    )
