"""The raylet of this machine, through which a process is in the cluster: Ray does not say when it was killed."""

from __future__ import annotations

import atexit
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_LEAVING = 20.0
"""Seconds that leaving the cluster may take."""


class Raylet:
    """The end of the raylet is noticed, and the cluster is left without it where it is gone."""

    def __init__(self, ray: Any, ended: Callable[[], None]) -> None:
        """Begin to listen.

        Args:
            ray: the module, in a process that has joined a cluster.
            ended: called in a thread of its own once the raylet has ended.
        """
        self._ray = ray
        self._ended = ended
        self._door = ray._private.worker._global_node.raylet_socket_name
        threading.Thread(target=self._listen, daemon=True).start()

    def leave(self) -> None:
        """Leave the cluster, and end the processes that were started for it here."""
        leaving = threading.Thread(target=self._ray.shutdown, daemon=True)
        leaving.start()
        leaving.join(_LEAVING)
        if not leaving.is_alive():
            return
        # Ray's own way, which it would also go at the end of this process, asks the raylet first
        atexit.unregister(self._ray.shutdown)
        self._ray._private.worker._global_node.kill_all_processes(check_alive=False, allow_graceful=False)

    def _listen(self) -> None:
        """Nothing is ever said on the line: its end is the raylet's, for which a thread of its own may wait."""
        with socket.socket(socket.AF_UNIX) as line, suppress(OSError):
            line.connect(self._door)
            line.recv(1)
        self._ended()
