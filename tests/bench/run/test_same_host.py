"""Where a run may be gone on with."""

from typing import Any

import pytest

from bench.errors import NotComparable
from bench.machine.host import host_key
from bench.run.runs import check_same_host
from bench.store.database import RunRow

OWN: dict[str, Any] = {"cpu": "X", "versions": {"torch": "2.13.0"}}
OTHER: dict[str, Any] = {"cpu": "Y", "versions": {"torch": "2.13.0"}}
RUN = RunRow("r", "", "default", "", OWN, host_key(OWN), {}, further_hosts={host_key(OTHER): OTHER})


def test_a_run_goes_on_where_its_own_host_is_among_those_at_hand() -> None:
    check_same_host(RUN, OWN)
    check_same_host(RUN, OTHER, OWN)


@pytest.mark.parametrize(
    "hosts", [(), (OTHER,), ({**OWN, "versions": {"torch": "2.12.0"}},)], ids=["none", "further", "other packages"]
)
def test_a_run_does_not_go_on_without_its_own_host(hosts: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(NotComparable, match="begin a new run"):
        check_same_host(RUN, *hosts)
