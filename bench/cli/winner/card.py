"""The model card of a network that is taken away: what it was made from, and what it is worth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from statistics import fmean, median

from bench.cell import Cell, Cost, Learning, unusual
from bench.cli.winner.subject import WinnerSubject, bounds_of, onnx_told, percent, share_of
from bench.declare.catalog import ARCHITECTURES, DATASETS, MEASURES
from bench.declare.loading.code import versions
from bench.declare.nature import Nature
from bench.learning.recipes import RECIPES
from bench.learning.tuning.trials import WORDS
from bench.learning.weights.shipped import declared, shipped
from bench.learning.winner.artifact import ALL
from bench.statistics.intervals import wilson
from bench.statistics.stratified import ClassRecall, of_trainings
from bench.store.database import RecordRow
from bench.text.markdown import coded, escaped, markdown
from bench.transfer import transfer_of
from bench.words import in_bytes, moment


def card(subject: WinnerSubject) -> str:
    """The whole card, in Markdown."""
    arm, where = subject.chosen.arm, subject.chosen.scenario
    parts = [
        ("", [f"# {escaped(f'{arm.architecture} for {where.target}')}", *_use(subject)]),
        ("Data", list(_data(subject))),
        ("Weights that it began with", list(_weights(subject))),
        ("Training", list(_training(subject))),
        ("Accuracy", list(_accuracy(subject))),
        ("Recall of each class", list(_recalls(subject))),
        ("Cost", list(_cost(subject))),
        ("Limits", list(_limits(subject))),
        ("Where it comes from", list(_provenance(subject))),
    ]
    texts = ["\n\n".join([f"## {title}", *lines] if title else lines) for title, lines in parts if lines]
    return "\n\n".join(texts) + "\n"


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _use(subject: WinnerSubject) -> Iterator[str]:
    found = subject.made.details
    yield f"It tells {found['classes']} classes apart (`labels.json`)."
    needs = ", ".join(["torch", *([found["needs"]] if found["needs"] else []), "numpy and Pillow"])
    yield (
        "    python predict.py FOLDER\n\nprints the path, the label and the"
        f" {'confidence' if found['probabilistic'] else 'margin (which is not a probability)'} of each picture"
        f" in and beneath a folder as CSV. It needs {needs}, and not evobench."
    )
    yield _bullets(
        [
            f"The network travels as {found['form']}; `model.safetensors` has its tensors"
            f" ({found['parameters']:,} parameters).",
            f"Pictures: {found['preprocessing']} (`preprocessing.json`, `pictures.py`).",
            onnx_told(found["onnx"]) if "opset" in found["onnx"] else escaped(onnx_told(found["onnx"])),
        ]
    )


def _data(subject: WinnerSubject) -> Iterator[str]:
    where, found = subject.chosen.scenario, subject.made.data
    item = DATASETS.get(where.target)
    state = item.state()
    lines = [
        escaped(f"{item.name}: {item.about}"),
        f"Source: {escaped(item.source)}.",
        f"Licence: {escaped(item.licence)}.",
        f"{found['images']} labelled images: {found['train']} for training, {found['val']} for validation,"
        f" {found['test']} for testing"
        + (f"; {found['straddling']} take no part" if found["straddling"] else "")
        + ".",
    ]
    if found.get("bad_images"):
        lines.append(f"{found['bad_images']} could not be read and were left out.")
    lines.append(
        f"Digest of the files: {state}."
        if state
        else f"Digest of what they are made from: {subject.made.data_key}."
    )
    yield _bullets(lines)


def _weights(subject: WinnerSubject) -> Iterator[str]:
    arm, where, origin = subject.chosen.arm, subject.chosen.scenario, subject.made.details["origin"]
    item = ARCHITECTURES.get(arm.architecture)
    known = declared(item, shipped(item, where.weights))
    source = origin.get("source") or (known.package if known else "")
    licence = origin.get("licence") or (known.licence if known else "")
    if where.weights == "random":
        yield "None: it began with random weights."
        return
    lines = [coded(where.weights) + (f", from {escaped(source)}" if source else "") + "."]
    lines.append(f"Licence: {escaped(licence or 'not known here: ask where they come from')}.")
    lines.append(escaped(f"Architecture: {item.idea} ({item.paper})"))
    yield _bullets(lines)


def _training(subject: WinnerSubject) -> Iterator[str]:
    where, found = subject.chosen.scenario, subject.made.details
    seed = subject.chosen.seed
    recipe = RECIPES.get(where.recipe)
    on = "all labelled images, those for validation and testing among them" if subject.on == ALL else "its split"
    budget = f", {where.shots} of each class" if where.shots and subject.on != ALL else ""
    lines = [f"`{where.mode}`, on {on}: {found['n_train']} images{budget}; seed {seed}."]
    if transfer_of(where.mode).stepwise:
        lines.append(f"Recipe `{recipe.name}`: {recipe.about}")
        rate = f"{where.lr:g} without tuning" if where.tune else f"{where.lr:g}"
        lines.append(
            f"{where.steps} steps of {where.batch} images, learning rate {rate},"
            f" augmentation `{where.augmentation}`, {where.precision}."
        )
    else:
        lines.append(f"Solved, not trained in steps; augmentation `{where.augmentation}`, {where.precision}.")
    rows = [row.details for _, row in subject.chosen.good]
    tried = {name for row in rows for trial in row.get("trials") or () for name in trial["values"]}
    chosen = {**found["chosen"], **{name: value for name, value in found["values"].items() if name in tried}}
    if chosen:
        told = ", ".join(f"{WORDS.get(name, name.replace('_', ' '))} {value:g}" for name, value in chosen.items())
        lines.append(f"Chosen by validation images{f', best of {where.tune}' if where.tune else ''}: {told}.")
    untuned = [row["untuned_top1"] for row in rows if row.get("untuned_top1") is not None]
    if untuned:
        lines.append(f"Without tuning the scenario had {percent(fmean(untuned))} (n = {len(untuned)}).")
    yield _bullets(lines)


def _accuracy(subject: WinnerSubject) -> Iterator[str]:
    where = subject.chosen.scenario
    how = f"over {where.folds} folds" if where.folds else "on the test split"
    lines = [f"The scenario in run {escaped(subject.run.id)}, {how}: {subject.of_scenario}."]
    if subject.own is None:
        lines.append(
            "This very network learned from all labelled images. It has not been tested: no images are left."
        )
    else:
        own = " on the data's own test split" if where.folds else ""
        lines.append(f"This very network{own}: {share_of(*subject.own)}.")
        if subject.otherwise:
            lines.append(subject.otherwise)
    lines.append(
        "Which scenario it is was said by name: if its test accuracy was a reason, that accuracy flatters it."
        if subject.was_named
        else "Which scenario it is was chosen by validation images; the test images chose nothing."
    )
    yield _bullets(lines)


def _recalls(subject: WinnerSubject) -> Iterator[str]:
    """Over the trainings of the scenario; a further seed tests the same images, and adds none."""
    parts: dict[str, list[ClassRecall]] = {}
    where = subject.chosen.scenario
    for cell, row in subject.chosen.good:
        assert isinstance(cell.scenario, Learning)
        for name, right, images in row.details.get("recalls") or ():
            if images:
                parts.setdefault(str(name), []).append(
                    ClassRecall(right, images, cell.scenario.seed, where.folds or 0)
                )
    if parts:
        groups = {name: of_trainings(some) for name, some in parts.items()}
        rows = [
            (name, g.n, percent(g.right / g.n) + bounds_of(wilson(g.right, g.n))) for name, g in groups.items()
        ]
        yield markdown(("class", "test images", "recall"), rows).strip()


def _cost(subject: WinnerSubject) -> Iterator[str]:
    rows = [(cell.measure, _figure(cell, records), _conditions(cell)) for cell, records in subject.costs]
    if rows:
        cpu = subject.run.host.get("cpu", "the host of the run")
        yield f"On {escaped(str(cpu))}, with the architecture's usual number of classes:"
        yield markdown(("measure", "figure", "conditions"), rows).strip()
    else:
        yield "The run measured no costs of this architecture at this size."


def _figure(cell: Cell, records: tuple[RecordRow, ...]) -> str:
    values = [row.median for row in records if row.median is not None]
    value, nature = median(values), MEASURES.get(cell.measure).nature
    processes = f" (median of {len(values)} processes)" if len(values) > 1 else ""
    processes += " (noisy)" if any(row.details.get("noisy") for row in records) else ""
    match nature:
        case Nature.TIME:
            return f"{1000 * value:.3g} ms{processes}"
        case Nature.SIZE:
            return in_bytes(round(value))
        case Nature.COUNT:
            return f"{value:,.0f}"
    return f"{value:.4g} {records[0].unit}{processes}"


def _conditions(cell: Cell) -> str:
    where = cell.scenario
    assert isinstance(where, Cost)
    usual = [
        where.device,
        f"{where.threads} threads",
        f"batch {where.batch}",
        f"{where.resolution} px",
        where.precision,
    ]
    return ", ".join([*usual, *(word for word in unusual(vars(where)) if word not in usual)])


def _limits(subject: WinnerSubject) -> Iterator[str]:
    where, found = subject.chosen.scenario, subject.made.details
    lines = [
        "The accuracy holds for pictures like those of the data. Any other picture gets a label, too.",
        *(f"{escaped(words)}." for words in found["warnings"]),
    ]
    if where.precision != "fp32":
        lines.append(f"It was trained and tested in {where.precision}; `predict.py` computes in fp32.")
    if found["probabilistic"]:
        lines.append("A confidence is a softmax that nobody calibrated.")
    yield _bullets(lines)


def _provenance(subject: WinnerSubject) -> Iterator[str]:
    run, cell = subject.run, subject.chosen.first
    commit = run.host.get("git") or "unknown"
    packages = ", ".join(f"{name} {number}" for name, number in versions())
    yield _bullets(
        [
            f"evobench {version('evobench')}, commit {escaped(str(commit))}; {packages};"
            f" Python {escaped(str(run.host.get('python', '')))}.",
            f"Run {escaped(run.id)} of {escaped(moment(run.started))}, begun as {coded(run.command)}.",
            f"Training made anew: {coded(str(cell))}, cell {cell.key}.",
        ]
    )
