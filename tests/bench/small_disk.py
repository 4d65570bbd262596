"""A disk that can be filled up."""

import errno
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SmallDisk:
    """A folder that is a disk of its own."""

    folder: Path

    def fill(self, *, spare: int = 0) -> None:
        """Leave room for so many bytes."""
        with self._ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError as error:
                assert errno.ENOSPC == error.errno
            file.truncate(file.tell() - spare)

    def free(self) -> None:
        """Take away what filled it."""
        self._ballast.unlink()

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"
