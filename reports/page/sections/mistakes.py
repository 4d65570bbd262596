"""Images that trainings were wrong about or unsure of, and labels that are probably wrong, as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from reports.learning.answers.mistakes import ScenarioAnswers, Target
from reports.learning.answers.mistakes import mistakes as told_of
from reports.learning.answers.voters import Case
from reports.page.section import Page, section
from reports.tidy.frame import Frames, rows_of

OTHERS = 12
"""Further scenarios of a target that the page offers; the table has all."""
MOST_DOUBTED = 24
"""Doubted labels of a target with pictures; the table has all."""


@dataclass(frozen=True)
class Strip:
    """Images side by side."""

    title: str
    about: str
    cases: Sequence[Case]
    otherwise: str = ""
    """Text where there are none."""
    verb: str = "named"
    """Words between the label and the other class."""


@dataclass
class AnsweredPictures:
    """The pictures of a run, and those of them that the script is to put in their places."""

    by_case: dict[Any, dict[str, Any]]
    packed: dict[str, int] = field(default_factory=dict)
    """Numbers of the pictures, by their file in base64."""

    @classmethod
    def of(cls, frames: Frames) -> AnsweredPictures:
        """Pictures of a run, by the name that a case gives them; of several processes those of the first."""
        rows = reversed(rows_of(frames.pictures))
        return cls({(row["key"], row["ordinal"]): row for row in rows if row["key"] in frames.answers})

    def number(self, png: str) -> int:
        """Pack a picture, once; returns its number."""
        return self.packed.setdefault(png, len(self.packed))

    @property
    def addresses(self) -> list[str]:
        """The packed pictures by their numbers, each as an address that holds it."""
        return [f"data:image/png;base64,{png}" for png in self.packed]


@section(title="Mistakes", order=31, command="evobench run --suite transfer")
def mistakes(page: Page) -> Markup:
    """By target labels in doubt, and the mistakes of the best validated scenario; those of others when opened."""
    targets = told_of(page.frames)
    if not targets:
        return Markup("")
    pictures, folded = AnsweredPictures.of(page.frames), list[str]()
    parts = [_target(page, target, pictures, folded) for target in targets]
    page.pack("mistakes", {"folded": folded, "pictures": pictures.addresses})
    return page.charts_and_tables("mistakes", before=page.render("mistakes.html", parts=parts))


def _target(page: Page, target: Target, pictures: AnsweredPictures, folded: list[str]) -> Markup:
    """HTML of a target; what is to be seen when it is opened goes behind the folded part."""
    best, *rest = target.scenarios
    others = []
    for told in rest[:OTHERS]:
        others.append((len(folded), told))
        folded.append(page.render("strips.html", strips=_strips(told), pictures=pictures, packs=True))
    doubted, shown = target.doubts.cases, target.doubts.cases[:MOST_DOUBTED]
    return page.render(
        "mistakes_on.html",
        target=target,
        doubts=page.render("strips.html", strips=[_doubted(target)], pictures=pictures, packs=False),
        best=best,
        strips=page.render("strips.html", strips=_strips(best), pictures=pictures, packs=False),
        others=others,
        more={"scenarios": len(rest) - len(others), "doubted": len(doubted) - len(shown)},
    )


def _doubted(target: Target) -> Strip:
    doubts = target.doubts
    about = (
        "In a cross-validation the network of the best validation accuracy that gives probabilities held another "
        "class for more probable than the label, and for at least as probable as it holds that class on average "
        "for images of it (confident learning). Look before you change a label: unusual pictures are doubted, too."
    )
    return Strip(
        "Probably mislabelled",
        "" if doubts.without else about,
        doubts.cases[:MOST_DOUBTED],
        f"Probably mislabelled: {doubts.without}." if doubts.without else "No label is in doubt.",
        "probably",
    )


def _strips(told: ScenarioAnswers) -> list[Strip]:
    return [
        Strip("Wrong and confident", "", told.wrong, "No answer was wrong."),
        Strip("Unsure", "The two most probable classes are closest; the predicted one may be right.", told.unsure),
    ]
