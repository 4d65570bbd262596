"""Answers of NVIDIA's management library for GPUs that are made up, in place of those of `pynvml`'s functions."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pynvml

from tests.standin.card import Card

Record = Callable[[str, int | None], None]


class StandInNvml:
    """NVML of a machine with these GPUs.

    `pynvml`'s classes, constants and errors are its own; functions that are not made up find no driver.
    """

    def __init__(
        self,
        cards: Sequence[Card],
        record: Record,
        joules: Callable[[int], float],
        held: Callable[[int], int],
        driver: tuple[str, int] = ("580.82.07", 13000),
    ) -> None:
        """Know the GPUs.

        Args:
            cards: in NVML's order, which is that of torch here.
            record: is told the name of each function that is called, and of which GPU.
            joules: what a GPU has taken until now.
            held: bytes of a GPU that this process holds.
            driver: its version, and the CUDA that it runs, as NVML's number.
        """
        self._cards, self._record, self._joules, self._held, self._driver = cards, record, joules, held, driver
        self.refused: dict[str, int] = {}
        """NVML's error number by the name of a function that is to refuse; a test fills it."""

    def functions(self) -> dict[str, Callable[..., Any]]:
        """By the name that `pynvml` has for each."""
        return {name: self._asked(name, function) for name, function in self._answers().items()}

    def _asked(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            about = arguments[0] if arguments and isinstance(arguments[0], int) else None
            self._record(name, about)
            if name in self.refused:
                raise pynvml.NVMLError(self.refused[name])
            return function(*arguments)

        return call

    def _answers(self) -> dict[str, Callable[..., Any]]:
        cards = self._cards
        return {
            "nvmlInit": lambda: None,
            "nvmlShutdown": lambda: None,
            "nvmlSystemGetDriverVersion": lambda: self._driver[0],
            "nvmlSystemGetCudaDriverVersion": lambda: self._driver[1],
            "nvmlDeviceGetCount": lambda: len(cards),
            "nvmlDeviceGetHandleByUUID": self._handle,
            "nvmlDeviceGetHandleByIndex": lambda i: i,
            "nvmlDeviceGetUUID": lambda i: f"GPU-{cards[i].uuid}",
            "nvmlDeviceGetName": lambda i: cards[i].name,
            "nvmlDeviceGetClockInfo": lambda i, kind: cards[i].clock,
            "nvmlDeviceGetMaxClockInfo": lambda i, kind: cards[i].highest_clock,
            "nvmlDeviceGetTemperature": lambda i, sensor: cards[i].temperature,
            "nvmlDeviceGetCurrentClocksThrottleReasons": lambda i: cards[i].reasons,
            "nvmlDeviceGetCurrentClocksEventReasons": lambda i: cards[i].reasons,
            "nvmlDeviceGetViolationStatus": lambda i, policy: SimpleNamespace(
                referenceTime=0, violationTime=cards[i].violations.get(policy, 0)
            ),
            "nvmlDeviceGetTotalEnergyConsumption": lambda i: int(1000 * self._joules(i)),
            "nvmlDeviceGetPowerUsage": lambda i: int(1000 * cards[i].idle_watts),
            "nvmlDeviceGetPowerManagementLimit": lambda i: int(1000 * cards[i].power_limit),
            "nvmlDeviceGetEnforcedPowerLimit": lambda i: int(1000 * cards[i].power_limit),
            "nvmlDeviceGetPowerManagementDefaultLimit": lambda i: int(1000 * cards[i].power_limit),
            "nvmlDeviceGetMemoryInfo": self._memory,
            "nvmlDeviceGetUtilizationRates": lambda i: SimpleNamespace(gpu=self._utilisation(i), memory=0),
            "nvmlDeviceGetComputeRunningProcesses": lambda i: self._processes(i, graphics=False),
            "nvmlDeviceGetGraphicsRunningProcesses": lambda i: self._processes(i, graphics=True),
            "nvmlDeviceGetProcessUtilization": self._utilisations,
            "nvmlDeviceGetEccMode": lambda i: [int(cards[i].has_ecc)] * 2,
            "nvmlDeviceGetCurrentEccMode": lambda i: int(cards[i].has_ecc),
            "nvmlDeviceGetPersistenceMode": lambda i: int(cards[i].is_persistent),
            "nvmlDeviceGetMigMode": lambda i: [int(cards[i].has_mig)] * 2,
            "nvmlDeviceGetComputeMode": lambda i: 0,
        }

    def _handle(self, uuid: str | bytes) -> int:
        name = uuid.decode() if isinstance(uuid, bytes) else uuid
        for i, card in enumerate(self._cards):
            if name == f"GPU-{card.uuid}":
                return i
        raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_FOUND)

    def _memory(self, i: int, version: object = None) -> SimpleNamespace:
        total = self._cards[i].memory
        used = self._held(i) + sum(process.memory for process in self._cards[i].neighbours)
        return SimpleNamespace(total=total, used=used, free=max(0, total - used))

    def _utilisation(self, i: int) -> int:
        return min(100, sum(process.utilisation for process in self._cards[i].neighbours))

    def _processes(self, i: int, graphics: bool) -> list[SimpleNamespace]:
        found = [(p.pid, p.memory) for p in self._cards[i].neighbours if p.is_graphics == graphics]
        if self._held(i) and not graphics:
            # a container has numbers of its own: the driver lists this process by another one
            found.append((os.getpid() if self._cards[i].lists_own else 2**22 + 1, self._held(i)))
        return [SimpleNamespace(pid=pid, usedGpuMemory=memory) for pid, memory in found]

    def _utilisations(self, i: int, since: int) -> list[SimpleNamespace]:
        working = [process for process in self._cards[i].neighbours if process.utilisation]
        if not working:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_FOUND)  # of a time in which nobody worked, NVML says so
        return [SimpleNamespace(pid=p.pid, smUtil=p.utilisation, memUtil=0, timeStamp=since + 1) for p in working]
