"""What NVIDIA's management library (NVML) knows of a GPU: its energy counter, the memory of its processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.errors import Unsupported
from bench.lazy import lazy

torch = lazy("torch")
pynvml = lazy("pynvml")


def uuid_of(device: str) -> str:
    """NVML's name of torch's device `cuda` or `cuda:INDEX`; its index may differ (CUDA_VISIBLE_DEVICES).

    Raises:
        Unsupported: torch sees no CUDA device.
    """
    if not torch.cuda.is_available():
        raise Unsupported("torch sees no CUDA device")
    return f"GPU-{torch.cuda.get_device_properties(device).uuid}"


class Gpu:
    """One GPU, as NVML sees it."""

    def __init__(self, uuid: str, nvml: Any = pynvml) -> None:
        """Look the GPU up.

        Args:
            uuid: its name, as `uuid_of` gives it. An index would not do: NVML's order is not CUDA's.
            nvml: the module `pynvml`.

        Raises:
            Unsupported: there is no driver, or NVML does not know the GPU.
        """
        self._nvml = nvml
        with self._answer("find the GPU"):
            nvml.nvmlInit()
            self._handle, self._is_slice = self._found(uuid)

    def require_energy(self) -> None:
        """Make sure that there is a counter of energy, and that it counts this device alone.

        Raises:
            Unsupported: the GPU or its driver has none, or MIG splits the GPU, whose counter is of all slices.
        """
        if self._is_slice or self._is_split():
            raise Unsupported("MIG splits this GPU, whose energy counter is of all slices together")
        self.joules()

    def joules(self) -> float:
        """Energy of the whole GPU since its driver was loaded; it steps every 20 to 100 ms.

        Raises:
            Unsupported: it cannot be read: GPUs before Volta have no such counter, nor have some drivers.
        """
        with self._answer("read the GPU's energy"):
            return float(self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle)) / 1000  # it gives mJ

    def celsius(self) -> int | None:
        """Temperature of the GPU in degrees Celsius; None where NVML does not tell it, as of a slice."""
        try:
            return int(self._nvml.nvmlDeviceGetTemperature(self._handle, self._nvml.NVML_TEMPERATURE_GPU))
        except self._nvml.NVMLError:
            return None

    def bytes_of(self, pid: int) -> int:
        """Memory of the GPU that a process holds now: context, kernels and what its allocator keeps.

        Raises:
            Unsupported: NVML cannot tell, as in containers, which number processes in their own way.
        """
        with self._answer("list the GPU's processes"):
            processes = self._nvml.nvmlDeviceGetComputeRunningProcesses(self._handle)
        found = [process.usedGpuMemory for process in processes if process.pid == pid]
        if not found:
            raise Unsupported("NVML lists no process of this id, as in a container, which has ids of its own")
        if found[0] is None:
            raise Unsupported("NVML lists this process without its memory")
        return int(found[0])

    def _found(self, uuid: str) -> tuple[Any, bool]:
        """NVML's handle, and whether it is of a slice, whose name is of another kind."""
        try:
            return self._nvml.nvmlDeviceGetHandleByUUID(uuid), False
        except self._nvml.NVMLError as error:
            try:
                return self._nvml.nvmlDeviceGetHandleByUUID(uuid.replace("GPU-", "MIG-", 1)), True
            except self._nvml.NVMLError:
                raise error from None

    def _is_split(self) -> bool:
        try:
            now, _ = self._nvml.nvmlDeviceGetMigMode(self._handle)
        except self._nvml.NVMLError:  # a GPU that cannot be split says so
            return False
        return bool(now == self._nvml.NVML_DEVICE_MIG_ENABLE)

    @contextmanager
    def _answer(self, question: str) -> Iterator[None]:
        try:
            yield
        except self._nvml.NVMLError as error:
            raise Unsupported(f"NVML cannot {question}: {error}") from error
