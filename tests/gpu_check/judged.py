"""What the harness takes for the usual way on a GPU, beside the other way: told by bare loops, not judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.clock import Stopwatch
from bench.declare.catalog import ARCHITECTURES
from bench.machine.host import available_cpus
from tests.gpu_check.bare import Asked
from tests.gpu_check.costs import bare_loop
from tests.gpu_check.grid import LAST
from tests.gpu_check.lines import NOT_REACHED, Band, Line, compared
from tests.gpu_check.session import Session, precisions_of

SHORTEST = 1.0
"""Seconds in which no loop can end."""
CAST, TUNED, LAYOUT = "weights cast once / at each call", "autotuned / not", "channels_last / contiguous"
ATTENTION, SEPARABLE = "vit_b_16", "efficientnet_b0"
"""Beside the network that fills the device best: one without convolutions, and one of small ones."""


@dataclass(frozen=True)
class Question:
    """Two loops that differ in one condition."""

    what: str
    one: Asked
    other: Asked

    def __str__(self) -> str:
        where = self.other
        size = f"{where.resolution} px, batch {where.batch}"
        return f"{where.architecture} ({size}, {where.precision}, {where.memory_format}): {self.what}"


def judged(session: Session, seconds: float) -> Iterator[Line]:
    """Each question in order of weight; a loop that two of them need runs once."""
    watch = Stopwatch()
    known: dict[Asked, float | str] = {}
    for question in questions(session):
        for asked in (question.other, question.one):
            left = seconds - watch.seconds
            if asked not in known and left >= SHORTEST:
                known[asked] = bare_loop(session, asked, left)
        yield _line(question, known.get(question.one, NOT_REACHED), known.get(question.other, NOT_REACHED))


def questions(session: Session) -> Iterator[Question]:
    """Those that the device can answer: on a CPU nothing is autotuned, and there is no tf32."""
    extent, kinds = session.extent, precisions_of(session.seen, session.device)
    half = next(name for name in ("bf16", "fp16", "fp32") if name in kinds)
    first, others = extent.trained[-1], [n for n in (ATTENTION, SEPARABLE) if n in extent.architectures]
    for name in (first, *others[:1]):
        yield from _cast(_asked(session, name, 1, half))
    for name in (first, *others[1:]):
        yield from _tuned(session, _asked(session, name, extent.batch, half))
    for kind in (kind for kind in ("tf32", "fp32") if kind in kinds):
        usual = _asked(session, first, extent.train_batch, kind)
        yield Question(LAYOUT, usual, replace(usual, memory_format="contiguous"))
    yield from _cast(_asked(session, first, extent.batch, half))
    yield from _tuned(session, _asked(session, first, extent.train_batch, "fp32"))


def _cast(usual: Asked) -> Iterator[Question]:
    if usual.precision != "fp32":
        yield Question(CAST, replace(usual, precision=f"{usual.precision}_weights"), usual)


def _tuned(session: Session, usual: Asked) -> Iterator[Question]:
    if not session.on_cpu:
        yield Question(TUNED, replace(usual, autotune=True), usual)


def _asked(session: Session, name: str, batch: int, precision: str) -> Asked:
    extent = session.extent
    side = extent.resolution[0] if extent.resolution else ARCHITECTURES.get(name).resolution
    return Asked(name, batch, side, precision, LAST, session.device, extent.threads or available_cpus())


def _line(question: Question, one: float | str, other: float | str) -> Line:
    if isinstance(one, str) or isinstance(other, str):
        why = one if isinstance(one, str) else str(other)
        return Line("judged", str(question), "skip" if why == NOT_REACHED else "fail", why=why)
    return compared("judged", str(question), one, other, "s", Band(0.0, "seconds of a pass", judged=False))
