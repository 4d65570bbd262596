"""Two runs side by side."""

from __future__ import annotations

from collections import Counter

from markupsafe import Markup

from bench.compare.causes.difference import Difference
from bench.compare.gate.decided import base_named, in_turn
from bench.compare.runs import OTHER_HOST
from bench.compare.verdict import VERDICTS, Comparison
from bench.words import moment
from reports.comparing.causes import icicle
from reports.comparing.pairing import DIFFERS, Compared, causes, environments, verdicts
from reports.page import distributions
from reports.page.distributions import pictures
from reports.page.ratios import MOST, differences, ratios
from reports.page.section import Page, section

_APART = (
    "Times and memory are judged by the interval of the ratio of the medians of processes, corrected for "
    "the number of cells (Bonferroni), accuracies image by image (McNemar's test, corrected after Holm)."
)
_IN_TURN = (
    "The runs were measured in turn: verdicts and ratios come from pairs of processes. The figures of a run are "
    "medians over its processes: a machine that slows down meanwhile changes them, but not the ratio of a pair."
)


_PROFILED = (
    "Both sides were profiled after the verdicts, which do not depend on it. Times are own times: what a layer "
    "takes without the layers within it. Shares are of the whole difference, and can exceed 100 % where "
    "something else became better."
)
_WIDTHS = "A box is as wide as the larger of both sides. Orange boxes took more in the second run, blue ones less."


@section(title="Compare", order=5, part="story")
def compare(page: Page) -> Markup:
    """The verdicts on what both runs have, and what differs between their environments; nothing for one run."""
    compared = page.compared
    if compared is None:
        return Markup("")
    around = environments(compared)
    tables = {
        "verdicts": page.grid(
            "Verdicts on what both runs have",
            "The first run is the base, the second is judged; ratios are second over first. Counts are exact. "
            + (_IN_TURN if any(item.pairs is not None for item in compared.found) else _APART),
            verdicts(compared),
        ),
        "environments": page.grid(
            "Environment of both runs",
            'Hosts, versions and settings; the names of settings that were asked for begin with "asked".',
            around,
        ),
    }
    count = Counter(item.verdict for item in compared.found)
    base, head = compared.base.run, compared.head.run
    return page.render(
        "compare.html",
        base=(base.id, moment(base.started)),
        commit=base_named(head) if in_turn(base, head) else "",
        head=(head.id, moment(head.started)),
        same=base.id == head.id,
        counts={verdict: count[verdict] for verdict in VERDICTS},
        accepted=len(compared.accepted),
        differ=any(item.verdict != "fine" for item in compared.found),
        alike=DIFFERS not in set(around["Differs"]),
        hosts=compared.hosts,
        partly=any(item.nature.is_speed and item.note != OTHER_HOST for item in compared.found),
        forced=compared.forced,
        alone=compared.alone(),
        charts=_charts(page, compared) if compared.found else "",
        distributions=_distributions(page, compared),
        causes=_causes(page, compared),
        **tables,
    )


def _distributions(page: Page, compared: Compared) -> Markup:
    shown = pictures(compared.found)
    values = {"pictures": shown, "height": distributions.HEIGHT, "most": distributions.MOST}
    return page.render("distributions.html", **values) if shown else Markup("")


def _causes(page: Page, compared: Compared) -> Markup:
    """Causes of the regressions that were profiled; empty where none was."""
    table = causes(compared)
    shown = [item for item in compared.found if item.key in compared.differences]
    parts = [page.grid("What explains the regressions", _PROFILED, table)] if len(table) else []
    return Markup("").join([*parts, *(_profile(page, item, compared.differences[item.key]) for item in shown)])


def _profile(page: Page, item: Comparison, difference: Difference) -> Markup:
    taken = f"{difference.steps} steps of {difference.pairs} pairs of processes. " if difference.steps > 1 else ""
    doubt = "" if difference.shown else "This profile does not show the difference that the verdict is about. "
    return page.figure(
        f"profile_{item.key}",
        f"Where the difference lies: {item.cell}",
        f"{doubt}{taken}{_WIDTHS}",
        lambda _: icicle(difference),
    )


def _charts(page: Page, compared: Compared) -> Markup:
    return page.figure(
        "compared_ratios",
        "Ratios with their intervals",
        "Times, memory and counts, second run over first; the band is what counts as equal, "
        f"{100 * compared.tolerance:g} % either way. At most {MOST} cells, the gravest verdicts and the largest "
        "ratios first. An interval is corrected for the number of cells.",
        lambda _: ratios(compared),
    ) + page.figure(
        "compared_differences",
        "Differences in accuracy",
        f"Second run minus first, in points. At most {MOST} trainings, the gravest verdicts and the largest "
        "differences first.",
        lambda _: differences(compared),
    )
