"""Names that a pickle of weights may refer to: tensors, and plain objects beside them, which are dropped."""

from __future__ import annotations

import pickle
import pickletools
import re
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections import deque
from typing import IO, Any

PROTOCOL = 2
"""Protocol of pickles that `torch.save` writes by default."""
MOST_VALUE = 1 << 30
"""Most bytes of a value beside the tensors, which lie elsewhere: a history of numbers has a few megabytes."""
_MOST_LINE = 1 << 16
_FEW_BYTES = 1 << 16
_MOST_STEPS = 10_000_000
"""Most steps of a pickle, which take three seconds to look at; a thousand tensors have twenty thousand."""


class Pickles:
    """A file of pickles, whose values are read if the file has them: a few bytes can declare terabytes."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._size = file, size

    def read(self, size: int) -> bytes:
        """The next bytes.

        Raises:
            ValueError: they are more than the file has, or than a value may have.
        """
        if size > _FEW_BYTES and size > min(MOST_VALUE, self._size - self._file.tell()):
            raise ValueError("a value in its pickle is larger than the file, or than any may be")
        return self._file.read(size)

    def readline(self) -> bytes:
        """The next line, or the beginning of a longer one, which no name is."""
        return self._file.readline(_MOST_LINE)


class Ignored:
    """Stand-in for an object that is not a tensor: it accepts its arguments and keeps nothing."""

    def __init__(self, *values: object) -> None:
        pass

    def __new__(cls, *values: object) -> Ignored:
        """Make the stand-in, whatever the arguments."""
        return super().__new__(cls)

    def __setstate__(self, state: object) -> None:
        """Ignore the state."""


class IgnoredDict:
    """Stand-in for a kind of dictionary, which is filled after it was made."""

    def __new__(cls, *values: object) -> Any:
        """Make an empty dictionary."""
        return {}


class IgnoredList:
    """Stand-in for a kind of list, which is filled after it was made."""

    def __new__(cls, *values: object) -> Any:
        """Make an empty list."""
        return []


_PATHS = ("Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath")
_TYPES = ("bool", "bytes", "dict", "float", "frozenset", "int", "list", "object", "range", "slice", "str", "tuple")
_ARRAYS = ("multiarray.scalar", "multiarray._reconstruct")
PLAIN: dict[str, type] = {
    "argparse.Namespace": Ignored,
    "types.SimpleNamespace": Ignored,
    "collections.defaultdict": IgnoredDict,
    "collections.deque": IgnoredList,
    "copyreg._reconstructor": Ignored,
    "mmengine.logging.history_buffer.HistoryBuffer": Ignored,
    "numpy.dtype": Ignored,
    "numpy.ndarray": Ignored,
    **dict.fromkeys((f"numpy.{core}.{name}" for core in ("core", "_core") for name in _ARRAYS), Ignored),
    **dict.fromkeys((f"pathlib.{inner}{name}" for inner in ("", "_local.") for name in _PATHS), Ignored),
    **dict.fromkeys((f"datetime.{n}" for n in ("date", "datetime", "time", "timedelta", "timezone")), Ignored),
    **dict.fromkeys((f"builtins.{name}" for name in _TYPES), Ignored),
}
"""Stand-ins by the dotted names of objects that training programs keep beside weights.

Nothing of these names is imported or called, so that a file can do nothing with them.
"""
_TENSORS = re.compile(
    r"torch\.(?:Size|Tensor|device|per_(?:tensor|channel)_\w+)"
    r"|torch\.(?:bool|double|float|half|int|long|short|(?:b?float|u?int|qu?int|complex|bits)\d\w*)"
    r"|torch\.(?:cuda\.|sparse\.|cuda\.sparse\.|storage\.)?\w+(?:Storage|Tensor)"
    r"|torch\._utils\._rebuild_\w+|torch\._tensor\._rebuild_from_type_v2"
    r"|torch\.nn\.parameter\.Parameter|torch\.serialization\._get_layout"
    r"|collections\.(?:OrderedDict|Counter)|_codecs\.encode|builtins\.(?:bytearray|complex|set)"
)
"""Names that `torch.load(weights_only=True)` itself accepts."""


def foreign_names(content: bytes | Pickles) -> list[str]:
    """Dotted names in one pickle that are neither tensors nor plain objects, each once, in order.

    Raises:
        ValueError: the data are not a whole pickle, or one that is longer than any.
    """
    names: dict[str, None] = {}
    words: deque[str] = deque(maxlen=2)
    steps = pickletools.genops(content)  # type: ignore[arg-type] # it reads and reads lines, and nothing else
    for step, (opcode, argument, _) in enumerate(steps):
        if step > _MOST_STEPS:
            raise ValueError("its pickle has more steps than any")
        if opcode.name in ("GLOBAL", "INST"):
            names[_todays(*str(argument).split(" ", 1))] = None
        elif opcode.name == "STACK_GLOBAL":
            # protocol 4 names module and attribute by the strings before; taken from its memo they are not seen
            names[".".join(words) or "an unknown object"] = None
        elif isinstance(argument, str):
            words.append(argument)
    return [name for name in names if name not in PLAIN and not _TENSORS.fullmatch(name)]


def protocol_of(content: bytes) -> int:
    """Protocol that a pickle was written in."""
    return content[1] if content[:1] == pickle.PROTO else 0


def _todays(module: str, name: str) -> str:
    """Present dotted name; protocol 2 writes names of the standard library as Python 2 had them."""
    module, name = NAME_MAPPING.get((module, name), (IMPORT_MAPPING.get(module, module), name))
    return f"{module}.{name}"
