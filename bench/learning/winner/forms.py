"""Forms in which a network is exported: by a library's builder, as its own source file, or as an exported program.

The first of these that gives the same scores on real pictures is taken.
"""

from __future__ import annotations

import ast
import importlib.util
import io
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bench.declare.declarations import Architecture
from bench.errors import Unsupported
from bench.lazy import lazy, load
from bench.learning.winner.whole import Whole, agree
from bench.network.building import build_cheaply

models = lazy("torchvision.models")

SOURCE = "network_source"
"""Name of the module of the user's own network."""
PROGRAM, SCRIPT = "model.pt2", "model.torchscript"
_TIMM = "timm/"
_HOLDING = frozenset({"torch", "torchvision"})
"""Packages that a source file may import beside the standard library."""


@dataclass(frozen=True)
class ExportForm:
    """Form in which a network is exported, beside its tensors."""

    what: str
    """Description for the model card."""
    needs: str
    """Packages that the form requires beside torch and Pillow; empty: none."""
    build: str
    """Expression that builds the network."""
    imports: str = ""
    """Import statement that `build` needs."""
    files: dict[str, bytes] = field(default_factory=dict)
    """Files of the form, by name."""

    @property
    def has_tensors(self) -> bool:
        """Whether the network from `build` has its tensors already."""
        return not self.files.keys().isdisjoint({PROGRAM, SCRIPT})


def form_of(architecture: Architecture, whole: Whole, classes: int) -> ExportForm:
    """The first form in which the network gives the same scores.

    Raises:
        Unsupported: there is none.
    """
    if whole.plain:
        for form, build in _built(architecture, whole.model, classes):
            if _is_same(whole, build):
                return form
    return _program(whole)


def _built(
    architecture: Architecture, model: nn.Module, classes: int
) -> Iterator[tuple[ExportForm, Callable[[], nn.Module]]]:
    """Forms in which code builds the network, with that code."""
    name = architecture.name
    if name in models.list_models(models):
        # what a builder is told beside the number of classes; only Inception's two know these words
        more: dict[str, Any] = {n: vars(model)[n] for n in ("transform_input", "aux_logits") if n in vars(model)}
        more |= {"init_weights": False} if more else {}
        given = "".join(f", {key}={value!r}" for key, value in more.items())
        yield (
            ExportForm(
                f"torchvision's builder of {name}",
                "torchvision",
                f'torchvision.models.get_model("{name}", weights=None, num_classes={classes}{given})',
                "import torchvision",
            ),
            lambda: models.get_model(name, weights=None, num_classes=classes, **more),
        )
    if name.startswith(_TIMM):
        own = name.removeprefix(_TIMM)
        yield (
            ExportForm(
                f"timm's builder of {own}",
                "timm",
                f'timm.create_model("{own}", pretrained=False, num_classes={classes})',
                "import timm",
            ),
            lambda: load("timm").create_model(own, pretrained=False, num_classes=classes),
        )
    for path, builder in _sources(architecture, model):
        text = path.read_bytes()
        yield (
            ExportForm(
                f"its own source file, `{SOURCE}.py` ({path.name})",
                "torchvision" if b"torchvision" in text else "",
                f"{SOURCE}.{builder}({classes})",
                f"import {SOURCE}",
                {f"{SOURCE}.py": text},
            ),
            partial(_of_source, path, builder, classes),
        )


def _is_same(whole: Whole, build: Callable[[], nn.Module]) -> bool:
    """Whether code builds a network that takes the tensors and gives the same scores."""
    try:
        # the tensors are replaced: to draw them may take minutes
        other = build_cheaply(lambda _: build(), 0).eval()
        with torch.no_grad():
            other.load_state_dict(whole.model.state_dict(), strict=True)
            # the same code does the same sums in the same order, so that nothing may differ
            return bool(torch.equal(other(whole.images), whole.model(whole.images)))
    except Exception:  # noqa: BLE001 - a builder that is asked for what it does not know may fail in any way
        return False


def _sources(architecture: Architecture, model: nn.Module) -> Iterator[tuple[Path, str]]:
    """Self-contained source files that can build the network, with the builder's name: those of builder and
    class."""
    names = (architecture.build.__name__ if hasattr(architecture.build, "__name__") else "", type(model).__name__)
    for module in (getattr(architecture.build, "__module__", ""), type(model).__module__):
        file = getattr(sys.modules.get(module), "__file__", None)
        if file and module.partition(".")[0] not in _HOLDING and stands_alone(Path(file)):
            yield from ((Path(file), name) for name in names if hasattr(sys.modules[module], name))


def stands_alone(path: Path) -> bool:
    """Whether a source file imports nothing but the standard library, torch and torchvision."""
    asked: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            asked.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            asked.add("." if node.level else str(node.module).partition(".")[0])
    return asked <= _HOLDING | sys.stdlib_module_names


def _of_source(path: Path, builder: str, classes: int) -> nn.Module:
    spec = importlib.util.spec_from_file_location(f"evobench_travelling_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"'{path}' is not Python")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model: nn.Module = getattr(module, builder)(classes)
    return model


def _program(whole: Whole) -> ExportForm:
    """The network as a graph of operators; by tracing where `torch.export` cannot follow its code.

    Raises:
        Unsupported: neither can.
    """
    why = []
    ways = (
        (_exported, PROGRAM, "an exported program (`torch.export`)", "torch.export.load({}).module()"),
        (_traced, SCRIPT, "a traced program (TorchScript)", "torch.jit.load({})"),
    )
    for write, name, what, expression in ways:
        try:
            with warnings.catch_warnings(), torch.no_grad():
                warnings.simplefilter("ignore")
                content, other = write(whole)
                if agree(other(whole.images[:2]), whole.model(whole.images[:2])):
                    return ExportForm(
                        f"{what}, `{name}`", "", expression.format(f'HERE / "{name}"'), "", {name: content}
                    )
                why.append(f"{name} gives other scores")
        except Exception as error:  # noqa: BLE001 - what exporters cannot follow is open
            why.append(f"{name}: {' '.join(str(error).split())[:200]}")
    raise Unsupported(f"the network cannot be written down as a program: {'; '.join(why)}")


def _exported(whole: Whole) -> tuple[bytes, Callable[[torch.Tensor], torch.Tensor]]:
    sizes = ({0: torch.export.Dim("pictures", min=2, max=1 << 16)},)
    program = torch.export.export(whole.model, (whole.images,), dynamic_shapes=sizes)
    program.example_inputs = None  # which would travel with it
    out = io.BytesIO()
    torch.export.save(program, out)
    out.seek(0)
    return out.getvalue(), torch.export.load(out).module()


def _traced(whole: Whole) -> tuple[bytes, Callable[[torch.Tensor], torch.Tensor]]:
    out = io.BytesIO()
    torch.jit.save(torch.jit.trace(whole.model, whole.images, check_trace=False), out)
    out.seek(0)
    return out.getvalue(), torch.jit.load(out)
