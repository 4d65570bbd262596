"""A small part of `nox -s fuzz`, always the same; shares of the kinds; what makes an input again."""

from __future__ import annotations

import re
import subprocess
import sys
from random import Random

from hypothesis import strategies as st

from tests.fuzz.drawing import changed_bytes, changed_text, changed_tree, drawn, trees
from tests.fuzz.kinds import KINDS
from tests.fuzz.session import trials
from tests.rooms import ROOT

SMALL = ("--count", "30", "--seed", "0", "--processes", "2")


def test_no_input_of_the_small_part_brings_about_what_none_may() -> None:
    command = [sys.executable, "-m", "tests.fuzz", *SMALL]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True)
    assert (0, "") == (done.returncode, done.stderr), done.stdout
    assert re.search(r"^all +\d+ +[1-9]\d* +[1-9]\d* +0 +0 +0 +0 +0$", done.stdout, re.MULTILINE), done.stdout


def test_every_kind_has_its_share_of_the_inputs() -> None:
    made = trials(seed=0, count=1000)
    assert set(KINDS) == {trial.kind for trial in made}
    assert abs(len(made) - 1000) < 10


def test_the_seed_and_the_number_of_an_input_decide_every_value() -> None:
    def values(seed: int) -> list[object]:
        random = Random(seed)
        tree = changed_tree({"a": [1, {"b": 2}]}, random)
        return [
            repr(drawn(trees(), random)),
            repr(tree),
            changed_bytes(b"x" * 99, random),
            changed_text("a=1\nb", random),
        ]

    assert values(7) == values(7)
    assert values(7) != values(8)


def test_what_hypothesis_draws_is_no_favourite_of_its_own() -> None:
    random = Random(0)
    assert 15 < len({drawn(st.integers(0, 10**9), random) for _ in range(20)})
