"""Ray is started for this machine alone, or a cluster is joined that answers in time."""

import json
import socket
import subprocess
import sys
from typing import Any

import pytest

from bench.errors import UsageError
from bench.execute.cluster import starting
from bench.execute.cluster.starting import connected

DASHBOARD = 8265
"""Port of Ray's."""
LOOK = """
import json, os, signal
from bench.execute.cluster.starting import connected
signal.signal(signal.SIGTERM, handler := lambda *_: None)
ray = connected("")
import psutil
processes = (psutil.Process(), *psutil.Process().children(recursive=True))
connections = [found for process in processes for found in process.net_connections()]
found = {
    "open": [tuple(found.laddr) for found in connections if found.status == psutil.CONN_LISTEN],
    "usage": os.environ["RAY_USAGE_STATS_ENABLED"],
    "handler": signal.getsignal(signal.SIGTERM) is handler,
}
ray.shutdown()
print(json.dumps(found))
"""


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port: int = made.getsockname()[1]
        return port


def test_without_ray_the_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named '{name}'", name=name)

    monkeypatch.setattr(starting, "load", load)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with pytest.raises(UsageError, match=r"pip install 'evobench\[ray\]'"):
        connected("")


@pytest.mark.parametrize("address", ["ray://head:10001", "head", "head:port", ":6379", "head:65536", "head:0"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="HOST:PORT"):
        connected(address)


def test_an_address_at_which_nobody_listens_is_refused() -> None:
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(UsageError, match=f"no Ray cluster answers at '{address}'"):
        connected(address)


def test_the_address_in_the_environment_is_meant_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("RAY_ADDRESS", address)
    with pytest.raises(UsageError, match=address):
        connected("")


@pytest.fixture(scope="module")
def alone(one_ray: None) -> dict[str, Any]:
    """What is seen of a Ray that was started for this machine alone, and what was printed."""
    pytest.importorskip("ray", reason="Ray is not installed")
    done = subprocess.run([sys.executable, "-c", LOOK], text=True, capture_output=True, check=False)
    assert 0 == done.returncode, done.stderr
    *printed, found = done.stdout.splitlines()
    return {**json.loads(found), "printed": printed, "errors": done.stderr}


@pytest.mark.ray
def test_alone_it_listens_to_this_machine_only(alone: dict[str, Any]) -> None:
    assert {"127.0.0.1"} == {ip.removeprefix("::ffff:") for ip, _ in alone["open"]}


@pytest.mark.ray
def test_alone_it_has_no_dashboard(alone: dict[str, Any]) -> None:
    assert DASHBOARD not in {port for _, port in alone["open"]}


@pytest.mark.ray
def test_alone_it_is_silent_and_sends_nothing_home(alone: dict[str, Any]) -> None:
    assert ([], "", "0") == (alone["printed"], alone["errors"], alone["usage"])


@pytest.mark.ray
def test_what_this_process_does_on_a_signal_is_left_alone(alone: dict[str, Any]) -> None:
    assert alone["handler"]


@pytest.mark.ray
@pytest.mark.slow
def test_somebody_who_listens_but_is_no_cluster_is_refused() -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        script = f"from bench.execute.cluster.starting import connected; connected('{address}')"
        done = subprocess.run([sys.executable, "-c", script], text=True, capture_output=True, check=False)
    assert "cannot be joined" in done.stderr.splitlines()[-1]
