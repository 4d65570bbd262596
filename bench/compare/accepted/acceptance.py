"""Entries of accepted changes that hold where base and head are compared, and the changes that they spare."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from bench.compare.accepted.entries import Entry, entries_of
from bench.compare.judgement import Judgement
from bench.errors import UsageError
from bench.foreign import read_text
from bench.gate.base.checkout import ACCEPTED, Repository


@dataclass(frozen=True)
class Acceptance:
    """The entries that head brings, and the repository that says which of them base has already."""

    entries: tuple[Entry, ...] = ()
    repository: Repository | None = None
    today: date = date.min

    @classmethod
    def here(cls, folder: Path) -> Acceptance:
        """The changes that the working tree around a folder accepts; none outside a repository.

        Raises:
            UsageError: the file cannot be read, or says what it may not.
        """
        try:
            repository = Repository.around(folder)
        except UsageError:  # a base needs one, and says so itself
            return cls()
        file = repository.root / ACCEPTED
        try:
            text = read_text(file)
        except FileNotFoundError:
            return cls()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not UTF-8"
            raise UsageError(f"'{file}' cannot be read: {why}") from error
        return cls(entries_of(text), repository, datetime.now(UTC).date())

    def applied(self, judgement: Judgement, base: str | None) -> Judgement:
        """The judgement, which what is accepted does not make fail, with notes on every entry that spared nothing.

        Args:
            judgement: a judgement in which nothing is accepted yet.
            base: commit of base; None where its files are those of head or are not known.
        """
        if not self.entries:
            return judgement
        had = self._had(base)
        accepted: dict[str, str] = {}
        notes: list[str] = []
        for entry in self.entries:
            if ended := self._ended(entry, base, had):
                notes.append(f"accepted change {entry}: {ended}")
                continue
            spared, left = _of(entry, judgement)
            accepted |= spared
            notes += [f"accepted change {entry}: {line}" for line in left]
        return replace(judgement, accepted=accepted, notes=(*judgement.notes, *notes))

    def _had(self, base: str | None) -> frozenset[Entry] | None:
        """The entries of base; None where they cannot be known."""
        if self.repository is None or base is None:
            return None
        try:
            text = self.repository.text_of(self.repository.revision(base), ACCEPTED)
            return frozenset(entries_of(text))
        except UsageError:  # another repository's commit, a clone that lacks it, or a file that says nothing
            return None

    def _ended(self, entry: Entry, base: str | None, had: frozenset[Entry] | None) -> str:
        """Reason why an entry no longer holds; empty where it does."""
        if entry.until and entry.until < self.today:
            return f"expired on {entry.until}: it is not accepted any more"
        if had is None or self.repository is None or base is None:
            return f"not accepted: whether base has it already cannot be told from its {ACCEPTED}"
        if entry in had:
            return "base has it already, with the change: it is not accepted once more and can be deleted"
        if not entry.commit:
            return ""
        try:
            contained = self.repository.contains(base, entry.commit)
        except UsageError as error:
            return f"not accepted: {error}"
        return f"base contains {entry.commit[:10]} already: it can be deleted" if contained else ""


NONE = Acceptance()
"""Acceptance without an entry."""


def _of(entry: Entry, judgement: Judgement) -> tuple[dict[str, str], list[str]]:
    """Reasons by the keys of the cells that an entry spares, and what is to be said of all others."""
    matched = [item for item in judgement.found if entry.matches(item)]
    if not matched:
        return {}, ["none of the cells that were compared is named so"] if judgement.found else []
    red = [item for item in matched if item.verdict in judgement.fail_on]
    if not red:
        return {}, ["nothing that it names makes this comparison fail: it can be deleted"]
    spared: dict[str, str] = {}
    left: list[str] = []
    for item in red:
        if why := entry.beyond(item):
            left.append(f"{item.cell}: {why}")
        else:
            spared[item.key] = entry.told
    return spared, left
