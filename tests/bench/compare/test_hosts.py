"""What tells one host from another."""

from bench.compare.hosts import difference_of

BASE = {"cpu": "X", "versions": {"torch": "2.12.0"}, "flags": {"boost": "1"}}


def test_hosts_differ_by_packages_and_variables_under_their_own_names() -> None:
    flags = {"boost": "0", "environment": {"OMP_WAIT_POLICY": "PASSIVE"}}
    head = {"cpu": "X", "versions": {"torch": "2.13.0"}, "flags": flags}
    assert "torch: 2.12.0 and 2.13.0, OMP_WAIT_POLICY: none and PASSIVE" == difference_of(BASE, head)


def test_hosts_whose_fingerprints_do_not_tell_them_apart_differ_in_their_key() -> None:
    assert "host key" == difference_of(BASE, BASE | {"release": "6.8"})
