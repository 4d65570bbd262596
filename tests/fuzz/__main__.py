"""Try hostile inputs, and print what none of them may bring about: `nox -s fuzz`.

nox -s fuzz                                          # 1,000 inputs of all kinds
nox -s fuzz -- --seed 7 --only stores --count 200    # others, of one kind
nox -s fuzz -- --seed 7 --only stores --input 17     # one again, with all that it said
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz.base import Base
from tests.fuzz.running import LIMIT, load_all
from tests.fuzz.sandbox import Sandbox

COUNT = 1000


def main(words: Sequence[str] | None = None) -> int:
    """Try the inputs; returns 1 where anything was found."""
    from tests.fuzz.session import Session, Trial, table, trials

    options = _options().parse_args(words)
    begin = time.monotonic()
    load_all()
    root = Path(tempfile.mkdtemp(prefix="evobench-fuzz-")).resolve()
    try:
        base = Base(options.base.resolve() if options.base else root / "base")
        if not base.is_made:
            base.make()
        say(f"seed {options.seed}; the sound inputs are there after {time.monotonic() - begin:.0f} s")
        session = Session(root, base, options.limit, options.keep)
        chosen = trials(options.seed, options.count, options.only)
        if options.input is not None:
            chosen = [Trial(kind, options.input, options.seed) for kind in options.only]
        found = []
        for tried in session.all_tried(chosen, options.processes):
            found.append(tried)
            for finding in tried.findings:
                where = f" at {finding.place}" if finding.place else ""
                say(f"{finding.sort}: {finding.words}{where} | {tried.repeat()} | {tried.command[:300]}")
            if options.input is not None:
                say(f"{tried.command}\nexit code {tried.code} after {tried.seconds:.1f} s\n{tried.told}")
    finally:
        Sandbox(root).remove()
    for line in table(found):
        say(line)
    count = sum(bool(tried.findings) for tried in found)
    say(f"{len(found)} inputs in {time.monotonic() - begin:.0f} s, {count} of them with findings")
    return 1 if count else 0


def _options() -> argparse.ArgumentParser:
    from tests.fuzz.kinds import KINDS

    parser = argparse.ArgumentParser(prog="nox -s fuzz --", description="Try hostile inputs.", allow_abbrev=False)
    kinds = {name.replace(" ", "-"): name for name in KINDS}
    parser.add_argument("--seed", type=int, default=0, help="of all inputs (0)")
    parser.add_argument("--count", type=int, default=COUNT, help=f"how many inputs ({COUNT})")
    parser.add_argument(
        "--only", type=lambda word: kinds.get(word, word), choices=[*KINDS], action="append", default=[]
    )
    parser.add_argument(
        "--input", type=int, help="this number alone, of the kinds of --only, with all that it said"
    )
    parser.add_argument("--limit", type=float, default=LIMIT, help=f"seconds that an input may take ({LIMIT:.0f})")
    parser.add_argument("--processes", type=int, default=_cores(), help="inputs at once (one a core)")
    parser.add_argument(
        "--base", type=Path, help="a folder for the sound inputs, which a session after may use again"
    )
    parser.add_argument("--keep", type=Path, help="a folder for the files of inputs with findings")
    return parser


def _cores() -> int:
    from tests.fuzz.session import cores

    return cores()


def say(line: str) -> None:
    """One line on stdout, at once."""
    sys.stdout.write(f"{line.encode(errors='backslashreplace').decode()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
