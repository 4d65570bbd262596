"""One card per architecture: its idea, its structure, its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from bench.audit.errata import ErrataRow
from reports import formats
from reports.highlights.cards import Card, cards
from reports.page.diagram import caption, drawing, sheet_of
from reports.page.grid import datum
from reports.page.section import Page, section
from reports.tidy.networks import NetworkStructure, stages

_MOST = 200
"""Rows of a table of layers that the page carries, at most."""
_UNKNOWN = (
    "This run kept none of its layers: `evobench show-model {name}` prints them, and a new run of the suite "
    "`evolution` or `counts` brings them here."
)
_NO_BLOCK = "No diagram: nothing in it repeats, and all of it would not fit."
_HOW = (
    "Drawn from a forward pass in eval mode, without what does nothing then (dropout), constants, and mere"
    " changes of shape."
)
_OLDER = "No diagram: this count was made by an older version, which did not follow what feeds what."


@section(title="Architectures", order=21, part="appendix")
def architectures(page: Page) -> Markup:
    """An index and the cards, which the script fills when they are opened."""
    all_ = list(cards(page.frames))
    if not all_:
        return Markup("")
    page.pack("cards", {card.name: _body(page, card) for card in all_})
    page.pack("layers", {card.name: _layers(card.network) for card in all_ if card.network})
    families: dict[str, list[Card]] = {}
    for card in all_:
        families.setdefault(card.family, []).append(card)
    return page.render("architectures.html", cards=all_, families=list(families.items()))


def _body(page: Page, card: Card) -> Markup:
    network = card.network
    values = {name: getattr(card, name) for name in ("name", "paper", "link", "reduced_of", "facts", "transfer")}
    return page.render(
        "architecture.html",
        card=values
        | {
            "resolution": network.resolution if network else 0,
            "stages": _stages(network) if network else [],
            "block": _block(page, card.name, network.block) if network and network.block else None,
            "missing": _missing(card),
            "layers": min(_MOST, len(network.layers)) if network else 0,
            "pictures": card.pictures,
            "claims": _claims(card),
        },
    )


def _missing(card: Card) -> str:
    if card.network is None:
        return _UNKNOWN.format(name=card.name)
    if card.network.block is None:
        return _NO_BLOCK if card.network.widths else _OLDER
    return ""


def _stages(network: NetworkStructure) -> list[dict[str, Any]]:
    """Boxes as wide as their share of the parameters, and as high as the side of their maps."""
    found = stages(network)
    whole = sum(stage.parameters for stage in found) or 1
    largest = max((stage.side for stage in found), default=0) or 1
    return [
        {
            "label": stage.label,
            "parameters": formats.quantity(stage.parameters, "1"),
            "macs": formats.quantity(stage.macs, "1", formats.AT_LEAST if stage.incomplete else ""),
            "width": f"{max(0.001, stage.parameters / whole):.4f}",
            "height": round(8 + 62 * stage.side / largest),
        }
        for stage in found
    ]


def _block(page: Page, name: str, block: Mapping[str, Any]) -> dict[str, Any]:
    drawn = drawing(page, name, block, sheet_of(block))
    return {"title": caption(block), "about": f"{_about(block)} {_HOW}", "drawing": drawn}


def _about(block: Mapping[str, Any]) -> str:
    if block["kind"] == "network":
        return "It has no block that repeats."
    if block["kind"] == "stage":
        alike = f"{block['alike']} of its {block['repeats']} stages, each up to a pooling, are built like this"
        return f"{alike}. This is the first of them, from {block['name']} on."
    alike = "all" if block["alike"] == block["repeats"] else f"{block['alike']} of them"
    repeats = f"The network has {block['repeats']} such blocks, {alike} with these layers; only channels differ"
    return f"{repeats}. This is {block['name']}."


def _layers(network: NetworkStructure) -> list[list[Any]]:
    """Rows for the script; beyond so many, the last one counts the rest."""
    rows = [_layer(layer) for layer in network.layers]
    if len(rows) <= _MOST:
        return rows
    rest = network.layers[_MOST - 1 :]
    total = {name: sum(layer.get(name, 0) for layer in rest) for name in ("parameters", "macs", "uncounted")}
    more = {"name": f"and {len(rest)} more", "type": "", "output": (), "call": 1, **total}
    return [*rows[: _MOST - 1], _layer(more)]


def _layer(layer: Mapping[str, Any]) -> list[Any]:
    name = layer["name"] or "(the model itself)"
    call = f" (call {layer['call']})" if layer["call"] > 1 else ""
    run = " (not run)" if not layer["call"] else ""
    shape = " × ".join(f"{size:,}" for size in layer["output"][1:])
    parameters, macs = _count(layer["parameters"]), _count(layer["macs"], bool(layer.get("uncounted")))
    return [f"{name}{call}{run}", layer["type"], shape, parameters, macs]


def _count(number: int, incomplete: bool = False) -> list[str] | str:
    return [f"{'≥ ' if incomplete else ''}{number:,}", str(number), ""] if number or incomplete else ""


def _claims(card: Card) -> list[dict[str, str]]:
    return [_claim(row) for row in card.claims]


def _claim(row: ErrataRow) -> dict[str, str]:
    printed, found = row.texts
    return {
        "verdict": row.verdict,
        "kind": datum(row.verdict, row.verdict).kind,
        "words": row.quoted,
        "printed": printed,
        "found": found,
        "slide": row.slide,
    }
