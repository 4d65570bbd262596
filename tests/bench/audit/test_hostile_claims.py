"""Files of claims that were made to break their reader: one line that names the file or the claim."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.audit.claims import load_ledger, refuse_unknown
from bench.declare.catalog import ARCHITECTURES, CHECKS, load_catalogs
from bench.declare.lessons.lesson import LESSONS
from bench.errors import UsageError
from tests.bench.hostile import each_without_end, sparse

CLAIM = """
[[slide]]
title = "one"
[[claim]]
id = "c"
slide = "one"
words = "w"
printed = {printed}
check = "parameters"
with = {given}
"""


@each_without_end
def test_claims_must_be_in_a_regular_file(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with pytest.raises(UsageError, match=r"^the claims in '.*it' cannot be read: it is not a regular file$"):
        load_ledger(make(tmp_path / "it"))


def test_claims_that_are_too_large_are_not_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it has more than 4,194,304 bytes"):
        load_ledger(sparse(tmp_path / "it", 1 << 40))


@pytest.mark.parametrize(
    "text",
    [
        f"printed = {'9' * 5000}",
        "a = " + "[" * 5000,
        ".".join("a" * 50_000) + " = 1",
        "\0",
        "claim = 3",
        "claim = [3]",
        "slide = [[]]",
        "[[claim]]\nid = []",
        "[[claim]]\nid = 1979-05-27",
        CLAIM.format(printed="{}", given="{}"),
        CLAIM.format(printed="1979-05-27", given="{}"),
        CLAIM.format(printed=f"[{'9' * 5000}]", given="{}"),
    ],
    ids=range(12),
)
def test_hostile_claims_are_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "claims.toml").write_text(text)
    with pytest.raises(UsageError) as raised:
        load_ledger(tmp_path / "claims.toml")
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(
    "given",
    ["{architecture = 3}", "{architectures = [[]]}", "{architecture = {a = 1}}", "{architecture = 1979-05-27}"],
)
def test_what_a_claim_calls_an_architecture_must_be_a_name(tmp_path: Path, given: str) -> None:
    (tmp_path / "claims.toml").write_text(CLAIM.format(printed="3", given=given))
    load_catalogs()
    with pytest.raises(UsageError) as raised:
        refuse_unknown(load_ledger(tmp_path / "claims.toml"), CHECKS, ARCHITECTURES, LESSONS)
    assert len(str(raised.value).splitlines()) == 1
