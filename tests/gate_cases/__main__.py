"""Print what the gate says of ten pull requests, and whether that is right.

nox -s gate-cases                     # ten minutes on 2 cores
nox -s gate-cases -- sleep dropped    # those whose name has one of these words
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.gate_cases.cases import CASES, faults


def main(words: Sequence[str]) -> int:
    """Compare, print a line a case; returns 1 where an answer is not right."""
    chosen = [item for name, item in CASES.items() if not words or any(word in name for word in words)]
    if not chosen:
        sys.stderr.write(f"no case is called so; there are: {'; '.join(CASES)}\n")
        return 2
    wrong = 0
    say(f"{'pull request':<38} {'verdict':<20} exit  seconds")
    with tempfile.TemporaryDirectory() as name:
        for number, item in enumerate(chosen):
            answer = item.make(Path(name) / f"case{number}")
            found = faults(item, answer)
            wrong += bool(found)
            verdicts = ", ".join(answer.verdicts()) or "nothing to compare"
            said = "; ".join(found) or "right"
            say(f"{item.name:<38} {verdicts:<20} {answer.code:<5} {answer.seconds:<8.0f} {said}")
            if found:
                say(answer.told)
    say(f"{len(chosen) - wrong} of {len(chosen)} are right")
    return 1 if wrong else 0


def say(line: str) -> None:
    """One line on stdout, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
