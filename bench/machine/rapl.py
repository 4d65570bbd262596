"""The energy counters of CPU packages (RAPL), as Linux shows them."""

from __future__ import annotations

from pathlib import Path

from bench.errors import Unsupported

ROOT = Path("/sys/class/powercap")


class Packages:
    """All CPU packages of the machine."""

    def __init__(self, root: Path = ROOT) -> None:
        """Find the counters of the packages below `root`.

        Their parts (cores, memory) and the whole board (psys) have counters of the same kind, which would count
        twice.

        Raises:
            Unsupported: there is none, or root alone may read it.
        """
        zones = sorted(root.glob("intel-rapl:*"))  # AMD's, too
        self._zones = [zone for zone in zones if _text(zone / "name").startswith("package")]
        if not self._zones:
            raise Unsupported(f"the system shows no energy counter of a CPU (RAPL) under {root}")
        self._ranges = [int(_text(zone / "max_energy_range_uj")) for zone in self._zones]
        self._last = self._microjoules()
        self._total = 0

    def joules(self) -> float:
        """Energy of all packages since this object was made, in joules.

        A counter that began again from zero since the last reading is allowed for; it does so after minutes to
        hours, by its load.
        """
        now = self._microjoules()
        for value, last, largest in zip(now, self._last, self._ranges, strict=True):
            self._total += value - last if value >= last else value - last + largest
        self._last = now
        return self._total / 1e6

    def _microjoules(self) -> list[int]:
        return [int(_text(zone / "energy_uj")) for zone in self._zones]


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except PermissionError as error:
        raise Unsupported(f"root alone may read the CPU's energy counter {file}") from error
    except OSError as error:
        raise Unsupported(f"the CPU's energy counter {file} cannot be read: {error.strerror}") from error
