"""What of a node decides figures must be as the driver has it."""

import pytest

from bench.execute.cluster.facts import difference, facts

HERE = {"Python": "3.11", "torch": "2.13.0", "timm": "absent"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, ""),
        ({"torch": "2.9.1"}, "has torch 2.9.1, the driver has 2.13.0"),
        ({"Python": "3.12"}, "has Python 3.12, the driver has 3.11"),
        ({"torch": "absent"}, "lacks torch 2.13.0"),
        ({"timm": "1.0"}, ""),
    ],
)
def test_the_first_difference_is_told(changed: dict[str, str], told: str) -> None:
    assert told == difference({**HERE, **changed}, HERE)


def test_a_machine_does_not_differ_from_itself() -> None:
    assert "" == difference(facts(), facts())


def test_other_code_is_told_without_its_digest() -> None:
    here = facts()
    code = next(name for name in here if name.startswith("code"))
    assert f"has other {code}" == difference({**here, code: "0123"}, here)


def test_every_fact_is_known() -> None:
    assert {"timm": "absent", "transformers": "absent"} | facts() == facts()
