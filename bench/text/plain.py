"""Text that is shown and not obeyed: control characters and hidden ones are written as escapes."""

from __future__ import annotations

import re
import unicodedata
from typing import IO, TextIO, cast

MOST = 300
"""Characters of a text from elsewhere that a line has."""
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Unicode's categories of what a terminal obeys, of what nobody sees, of halves and of further line ends."""
_CUT = " ... "
_DOUBTFUL = re.compile(r"[^\n\t -~]")


def harmless(text: str) -> str:
    r"""The text with `\x1b` for an escape character, `\u202e` for one that turns the writing round, and so on.

    Line ends and tabs stay.
    """
    return text if text.isprintable() else _DOUBTFUL.sub(_escaped, text)


def in_brief(text: str, most: int = MOST) -> str:
    """The text harmless and on one line: a longer one than `most` characters loses its middle."""
    if len(text) > 8 * most:  # before megabytes are looked at
        text = f"{text[: 4 * most]} {text[-4 * most :]}"
    told = harmless(" ".join(text.split()))
    if len(told) <= most:
        return told
    end = (most - len(_CUT)) // 3
    return f"{told[: most - len(_CUT) - end]}{_CUT}{told[-end:]}"


def _escaped(found: re.Match[str]) -> str:
    letter = found.group()
    if unicodedata.category(letter) not in _HIDDEN:
        return letter
    return letter.encode("unicode_escape").decode("ascii")


class HarmlessStream:
    """A stream of text to which nothing but harmless text is written; in all else it is that stream."""

    def __init__(self, stream: TextIO) -> None:
        self.whole = stream
        """The stream itself, for colours and movements of the cursor that are our own."""

    def write(self, text: str) -> int:
        """Write the text as one that a terminal does not obey."""
        self.whole.write(harmless(text))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Write several texts in the same way."""
        self.write("".join(lines))

    def close(self) -> None:
        """Flush it: whoever closes it, such as a catalogue, is not the last to write to it."""
        self.whole.flush()

    def __getattr__(self, name: str) -> object:
        return getattr(self.whole, name)


def made_harmless(stream: TextIO) -> TextIO:
    """The stream, to which nothing but harmless text is written."""
    return stream if isinstance(stream, HarmlessStream) else cast("TextIO", HarmlessStream(stream))


def whole(stream: IO[str]) -> IO[str]:
    """The stream below a harmless one."""
    return stream.whole if isinstance(stream, HarmlessStream) else stream
