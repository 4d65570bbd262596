"""`--write FORM=FILE` and `--fail-on`: what the verbs that judge have in common."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.cli.options.values import listed, one_of
from bench.cli.verb import require_writable
from bench.compare.judgement import FAIL_ON, Judgement
from bench.compare.verdict import VERDICTS, Verdict
from bench.errors import Exit, UsageError
from bench.text.stdout import data_out, data_to, led_to_data
from reports.ci import FORMS, Form, load_forms

STDOUT = "-"


@dataclass(frozen=True)
class FormWish:
    """A form that is wanted, and where."""

    form: Form
    file: str
    """Path, or `-` for stdout."""


@dataclass(frozen=True)
class JudgementOutputs:
    """Forms in which a judgement is written."""

    wishes: tuple[FormWish, ...]
    fail_on: frozenset[Verdict]
    """The verdicts that are red."""

    def tell(self, judgement: Judgement, form: str, everything: bool, sides: Sequence[str] = ()) -> Exit:
        """Print the verdicts and write the files; returns the judgement's exit code.

        Args:
            judgement: the judgement to tell.
            form: form of the output: `table`, `json`, `csv` or `markdown`.
            everything: whether cells that are fine are printed, too.
            sides: lines that say what is compared with what; none: base and head by their names.

        Raises:
            UsageError: a file cannot be written; all others are.
        """
        from reports.ci.text import plain
        from reports.comparing.verdict_lines import tell

        with self._aside():
            names = sides or [f"{plain(judgement.base)} → {plain(judgement.head)}"]
            tell(judgement.found, form, everything, judgement.accepted, names)
        self.write(judgement)
        return judgement.exit_code

    def write(self, judgement: Judgement) -> tuple[Path, ...]:
        """Write what is wanted, each file whole or not at all; returns the files.

        Raises:
            UsageError: a file cannot be written; all others are.
        """
        from reports.output.files import write_text

        texts = [wish.form.build(judgement) for wish in self.wishes]  # before the first is written
        written: list[Path] = []
        faults: list[UsageError] = []
        for wish, text in zip(self.wishes, texts, strict=True):
            if wish.file == STDOUT:
                data_out().write(text)
                continue
            path = led_to_data(Path(wish.file))
            try:
                written.append(write_text(path, _before(path) + text if wish.form.appends else text))
            except UsageError as fault:  # the others are written all the same: they cost minutes of measuring
                faults.append(fault)
        if faults:
            raise faults[0]
        return tuple(written)

    @contextmanager
    def _aside(self) -> Iterator[None]:
        """Where a form goes to stdout, send everything else that is printed to stderr."""
        if any(wish.file == STDOUT for wish in self.wishes):
            with data_to(sys.stderr):
                yield
        else:
            yield


def add_outputs(parser: argparse._ActionsContainer, fail_on: frozenset[Verdict] = FAIL_ON) -> None:
    """Add `--write FORM=FILE`, and `--fail-on VERDICT,VERDICT` with its default."""
    red = ",".join(verdict for verdict in VERDICTS if verdict in fail_on)
    forms = ", ".join(load_forms().names())
    parser.add_argument(
        "--write",
        type=_wish,
        action="append",
        default=[],
        metavar="FORM=FILE",
        help=f"write what was found for CI (- is stdout; may be repeated); forms: {forms}",
    )
    parser.add_argument(
        "--fail-on",
        type=verdicts,
        default=red,
        metavar="VERDICT,VERDICT",
        help=f"verdicts that make it exit 1 (default: {red})",
    )


def outputs_of(arguments: argparse.Namespace) -> JudgementOutputs:
    """Outputs that the options ask for, checked: call this before anything is measured.

    Raises:
        UsageError: two forms go to one file, or a file cannot be written.
    """
    wishes: tuple[FormWish, ...] = tuple(arguments.write)
    count = Counter(wish.file if wish.file == STDOUT else str(Path(wish.file).absolute()) for wish in wishes)
    for file, times in count.items():
        if times > 1:
            raise UsageError(f"--write names {'stdout' if file == STDOUT else repr(file)} {times} times")
    for wish in wishes:
        if wish.file == STDOUT:
            continue
        try:
            require_writable(Path(wish.file))
        except UsageError as error:
            raise UsageError(f"--write {wish.form.name}: {error}") from error
    return JudgementOutputs(wishes, arguments.fail_on)


def verdicts(text: str) -> frozenset[Verdict]:
    """Verdicts with commas between them.

    Raises:
        UnknownName: one is none; the nearest is offered.
    """
    asked = listed(one_of("verdict", VERDICTS))(text)
    return frozenset(verdict for verdict in VERDICTS if verdict in asked)


def _wish(text: str) -> FormWish:
    name, equals, file = text.partition("=")
    if equals and not name:
        raise UsageError(f"--write takes FORM=FILE, not '{text}'")
    load_forms()
    form = FORMS.get(name)
    if not file:
        raise UsageError(f"--write {name} takes a file: {name}=FILE, or {name}=- for stdout")
    return FormWish(form, file)


def _before(path: Path) -> str:
    """Content of a file that is added to, with a blank line after it, so that Markdown does not run together."""
    if not path.is_file():
        return ""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"cannot add to '{path}': {getattr(error, 'strerror', None) or 'it is not UTF-8'}"
        ) from error
    return f"{text.rstrip()}\n\n" if text.strip() else ""
