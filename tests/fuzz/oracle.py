"""What a command must not do, whatever its input: the sorts of findings, and where each was seen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.fuzz.running import Ended
from tests.fuzz.sandbox import CANARY, FAULTS, Attempt, Sandbox

SORTS = ("traceback", "hang", "executed", "outside", "lie")
"""Sorts of findings: the columns of the table."""
VERDICTS = frozenset({"audit", "compare", "evaluate", "history", "regress"})
"""Verbs that may end with 1."""
CODES = frozenset({0, 1, 2, 3, 4, 130})
"""Exit codes of the command but for that of a fault."""
FAULT = 70
REFUSED = 2
LONGEST = 300
"""Characters of a line on a terminal."""
_NOTE = re.compile(r"evobench: (ignored: |speeds are not compared: |.* holds no run yet: )")
"""Lines that only tell something and refuse nothing."""
_FRAME = re.compile(r'File "[^"]*/((?:evobench|bench|reports|suites)/[^"]+\.py)", line (\d+),? in (\S+)')
_ERROR = re.compile(
    r"^([A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Warning|Iteration|BaseException)\b.*)", re.MULTILINE
)


@dataclass(frozen=True)
class Finding:
    """Something that no input may bring about."""

    sort: str
    """One of `SORTS`."""
    words: str
    """What was seen, in one line."""
    place: str = ""
    """The innermost line of evobench's own code, where a traceback tells it."""


def findings(
    attempt: Attempt, ended: Ended, before: Mapping[str, tuple[int, ...]], sandbox: Sandbox
) -> list[Finding]:
    """All that a command did and must not do.

    Args:
        attempt: the command.
        ended: how it ended.
        before: what lay around the input's folder before it.
        sandbox: where it worked.
    """
    found = [*_tracebacks(ended, sandbox), *_hangs(ended)]
    if canaries := sandbox.canaries():
        found.append(Finding("executed", f"made {', '.join(canaries)[:120]}"))
    after = sandbox.outside()
    changed = sorted(
        {path for path, _ in before.items() ^ after.items() if not path.rpartition("/")[2].startswith(CANARY)}
    )
    if ended.code is None or ended.code < 0:  # whoever is killed cannot tidy up
        changed = [path for path in changed if not path.startswith("tmp/")]
    if changed:
        found.append(Finding("outside", f"wrote, changed or removed {', '.join(map(repr, changed))[:160]}"))
    if not found:  # a command that crashed has said nothing that could be true
        found = [Finding("lie", words) for words in _lies(attempt, ended)]
    return found


def _tracebacks(ended: Ended, sandbox: Sandbox) -> Iterator[Finding]:
    if ended.code is not None and ended.code < 0:
        yield Finding("traceback", f"ended by signal {-ended.code}")
    told = ended.out + ended.err + "".join(path.read_text() for path in sandbox.temporary.glob(FAULTS))
    if ended.code == FAULT or "Traceback (most recent call last)" in told:
        frames, errors = _FRAME.findall(told), _ERROR.findall(told)
        words = errors[-1] if errors else (ended.err.strip().splitlines() or ["?"])[-1]
        yield Finding("traceback", _plain(words), _place(*frames[-1]) if frames else "")


def _place(path: str, line: str, function: str) -> str:
    return f"{path}:{line} {function}"


def _hangs(ended: Ended) -> Iterator[Finding]:
    if ended.code is None:
        frames = _FRAME.findall(ended.err)  # the innermost comes first here
        yield Finding("hang", f"had not ended after {ended.seconds:.0f} s", _place(*frames[0]) if frames else "")
    for line in ended.left:
        yield Finding("hang", f"left a process behind: {_plain(line)}")


def _lies(attempt: Attempt, ended: Ended) -> Iterator[str]:
    """What exit code and lines say that is not so, or that no terminal should get."""
    verb, code = (attempt.words or ("",))[0], ended.code
    lines = ended.err.split("\n")
    refusals = [line for line in lines if line.startswith("evobench: ") and not _NOTE.match(line)]
    if code not in CODES:
        yield f"exit code {code} is not one of the table"
    if code == 1 and verb not in VERDICTS:
        yield f"exit code 1 of {verb!r}, which has no verdict"
    if code == 1 and refusals:
        yield f"exit code 1 with a refusal: {_plain(refusals[0])}"
    if code == 0 and refusals:
        yield f"exit code 0 with a refusal: {_plain(refusals[0])}"
    if code == REFUSED and not any(line.startswith("evobench: ") for line in lines):
        yield f"exit code 2 without a line that says why: {_plain(ended.err)}"
    if code == REFUSED and len(refusals) > 1:
        yield f"exit code 2 with {len(refusals)} lines: {_plain(refusals[1])}"
    long = [line for line in lines if len(line) > LONGEST]
    if long:
        yield f"a line of {len(long[0])} characters on stderr: {_plain(long[0])}"
    shown = ended.err if _is_data(attempt) else ended.err + ended.out
    controls = sorted(
        {letter for letter in shown if unicodedata.category(letter) == "Cc" and letter not in "\n\t"}
    )
    if controls:
        line = next(line for line in shown.split("\n") if controls[0] in line)
        yield f"control characters {controls[:4]!r} on the terminal: {_plain(line)}"


def _is_data(attempt: Attempt) -> bool:
    """Whether stdout is asked for in a form of programs."""
    words = " ".join(attempt.words)
    return bool(re.search(r"--form\w*[= ](json|csv|markdown)", words)) or "=-" in words


def _plain(words: str) -> str:
    """The beginning of a text from elsewhere, harmless where it is shown."""
    short = " ".join(words.split())
    short = short if len(short) <= 160 else f"{short[:157]}..."
    return "".join(letter if letter.isprintable() else "?" for letter in short)
