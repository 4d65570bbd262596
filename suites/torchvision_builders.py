"""Classification builders of torchvision, read from its source, since importing it loads torch (4 seconds).

Every builder of its registry carries the decorator `register_model`; its weights are an enumeration beside it. A
test holds that this reading gives what `torchvision.models.list_models` gives.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_ARXIV = re.compile(r"arxiv\.org/(?:abs|pdf)/(\d{4}\.\d{4,5})", re.IGNORECASE)
_MEMBERS = ("IMAGENET1K_V1", "IMAGENET1K_SWAG_LINEAR_V1")
"""The first weights of a builder; those of the largest models were trained on other pictures first."""


@dataclass(frozen=True)
class Weights:
    """One set of weights that torchvision publishes."""

    name: str
    """`ResNet50_Weights.IMAGENET1K_V1`."""
    crop: int
    """Side of the pictures that they are evaluated on, in pixels."""
    top1: float
    """Accuracy on ImageNet's validation set, in percent."""
    top5: float
    parameters: int
    """Number of parameters as torchvision counts: without the auxiliary heads of GoogLeNet, with that of Inception
    v3."""
    giga_macs: float
    """Multiply-adds of one picture of `crop`, in 10^9, to three digits behind the point."""


@dataclass(frozen=True)
class Builder:
    """One builder of torchvision's registry."""

    name: str
    module: str
    """Module within `torchvision.models`, such as `resnet`."""
    paper: str
    """`arXiv:1512.03385`, where its docstring links one; else empty."""
    weights: Weights | None
    newest_crop: int | None
    """Side of the pictures that its newest weights are evaluated on, in pixels; None where it has no weights."""
    min_size: int
    """Smallest input side that its weights' metadata states, in pixels; 1 where they state none."""


@cache
def builders() -> dict[str, Builder]:
    """The builders by name, in alphabetical order of their modules."""
    found = [builder for path in _modules() for builder in _of_module(path)]
    return {builder.name: builder for builder in found}


def _modules() -> list[Path]:
    spec = find_spec("torchvision")
    if spec is None or not spec.submodule_search_locations:
        return []
    folder = Path(next(iter(spec.submodule_search_locations))) / "models"
    return sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))


def _of_module(path: Path) -> Iterator[Builder]:
    text = path.read_text(encoding="utf-8")
    if "@register_model" not in text:
        return
    tree = ast.parse(text)
    constants = dict(_assigned(tree.body))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and (name := _registered(node)):
            yield _builder(name, path.stem, node, classes, constants)


def _registered(node: ast.FunctionDef) -> str:
    """The name that the function is registered under; empty where it is not."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "register_model":
            return str(ast.literal_eval(decorator.args[0])) if decorator.args else node.name
    return ""


def _builder(
    name: str,
    module: str,
    node: ast.FunctionDef,
    classes: dict[str, ast.ClassDef],
    constants: dict[str, ast.expr],
) -> Builder:
    link = _ARXIV.search(ast.get_docstring(node) or "")
    mentioned = [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in classes]
    enumeration = next((classes[n] for n in mentioned if n.endswith("_Weights")), None)
    weights, meta = _first_weights(enumeration, constants) if enumeration else (None, {})
    return Builder(
        name=name,
        module=module,
        paper=f"arXiv:{link[1]}" if link else "",
        weights=weights,
        newest_crop=_newest_crop(enumeration) if enumeration else None,
        min_size=int(max(meta.get("min_size", (1, 1)))),
    )


def _first_weights(
    enumeration: ast.ClassDef, constants: dict[str, ast.expr]
) -> tuple[Weights | None, dict[str, Any]]:
    members = dict(_assigned(enumeration.body))
    for member in _MEMBERS:
        call = members.get(member)
        if isinstance(call, ast.Call):
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            meta = _literal(given["meta"], constants)
            metrics = meta["_metrics"]["ImageNet-1K"]
            name = f"{enumeration.name}.{member}"
            accuracy = (metrics["acc@1"], metrics["acc@5"])
            return Weights(name, _crop(given["transforms"]), *accuracy, meta["num_params"], meta["_ops"]), meta
    return None, {}


def _newest_crop(enumeration: ast.ClassDef) -> int | None:
    members = dict(_assigned(enumeration.body))
    newest = members.get("DEFAULT")
    call = members.get(newest.id) if isinstance(newest, ast.Name) else None
    return _crop(call) if call is not None else None


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        if (
            targets
            and isinstance(targets[0], ast.Name)
            and isinstance(node, ast.Assign | ast.AnnAssign)
            and node.value
        ):
            yield targets[0].id, node.value


def _crop(transforms: ast.expr) -> int:
    calls = [node for node in ast.walk(transforms) if isinstance(node, ast.keyword) and node.arg == "crop_size"]
    return int(ast.literal_eval(calls[0].value))


def _literal(node: ast.expr, constants: dict[str, ast.expr]) -> dict[str, Any]:
    """The parts of a dictionary that are literals, `**CONSTANT` included."""
    found: dict[str, Any] = {}
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None and isinstance(value, ast.Name):
                found |= _literal(constants[value.id], constants)
            elif isinstance(key, ast.Constant):
                try:
                    found[str(key.value)] = ast.literal_eval(value)
                except ValueError:  # a name: the list of categories, which nobody asks for here
                    continue
    return found
