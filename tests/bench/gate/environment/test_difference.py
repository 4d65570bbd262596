"""Whether base's requests come out as what is installed."""

from __future__ import annotations

import pytest

from bench.gate.environment.dependencies import Asked
from bench.gate.environment.difference import RequestDifference, comes_out_alike, difference, misfits


@pytest.mark.parametrize(
    ("base", "head", "installed", "alike"),
    [
        ("six", "six>=1.16", "1.17", True),
        ("six>=1.15,<2", "six>=1.16,<2", "1.17", True),
        ("six==1.17", "six", "1.17", True),
        ("six==1.16", "six==1.17", "1.17", False),
        ("six<1.17", "six", "1.17", False),
        # what base would get fresh is shut out in head: the version that fits both is not base's
        ("six", "six<1.17", "1.16", False),
        ("six", "six==1.16", "1.16", False),
        ("six", "six!=1.17", "1.16", False),
        ("six", "six~=1.15", "1.16", False),
        ("six", "six[fast]>=1.16", "1.17", False),
        ("six", "six @ https://example.org/six.whl", "1.17", False),
        ("six; python_version < '3'", "six==1.17; python_version < '3'", "1.16", True),
        ("torch==2.13.0", "torch>=2.13.0", "2.13.0+cpu", True),
        ("six", "six>=1.16", None, True),
        ("six==1.16", "six==1.17", None, False),
        ("six>=1", "six>=1.16", "of-no-form", False),
    ],
)
def test_a_version_that_fits_is_bases_where_head_shuts_out_no_newer_one(
    base: str, head: str, installed: str | None, alike: bool
) -> None:
    assert alike == comes_out_alike([base], [head], installed)


def found(base: Asked, head: Asked, needed: tuple[str, ...] = ("six",)) -> RequestDifference:
    return difference(base, head, {"six": "1.17"}, needed)


def test_the_same_requests_are_no_difference() -> None:
    assert not found(Asked(("six",)), Asked(("six",)))


def test_the_order_of_requests_is_no_difference() -> None:
    assert not found(Asked(("six", "attrs")), Asked(("attrs", "six")))


def test_a_package_that_head_alone_asks_for_and_has_is_not_for_base() -> None:
    assert frozenset({"six"}) == found(Asked(), Asked(("six",)), needed=()).names


def test_a_package_that_head_alone_asks_for_and_that_is_not_there_makes_no_difference() -> None:
    assert not found(Asked(), Asked(("attrs",)), needed=())


def test_a_package_that_base_alone_asks_for_and_that_is_not_there_is_got_for_it() -> None:
    assert frozenset({"attrs"}) == found(Asked(("attrs",)), Asked(), needed=("attrs",)).names


def test_a_package_that_base_asks_for_elsewhere_alone_makes_no_difference() -> None:
    assert not found(Asked(("attrs; python_version < '3'",)), Asked(), needed=("attrs",))


def test_a_package_that_evobench_needs_is_there_for_base_too() -> None:
    assert not found(Asked(), Asked(("six>=1.16",)))


def test_another_locked_version_is_a_difference() -> None:
    assert frozenset({"six"}) == found(Asked(locked=("six==1.16",)), Asked(locked=("six==1.17",))).names


def test_a_locked_version_of_what_base_does_not_need_makes_no_difference() -> None:
    assert not found(Asked(locked=("ruff==1",)), Asked(locked=("ruff==2",)))


@pytest.mark.parametrize(
    "base", [Asked(options=("--pre",)), Asked(unread=("setup",)), Asked(requirements=("./a.whl",))]
)
def test_where_it_is_not_known_what_differs_anything_may(base: Asked) -> None:
    assert found(base, Asked()).whole


def test_what_head_asks_for_and_does_not_have_is_told() -> None:
    head = Asked(("attrs",), locked=("six==1.16",))
    assert ["no attrs", "six 1.17, not ==1.16"] == misfits(head, {"six": "1.17"}, ("six", "attrs"))
