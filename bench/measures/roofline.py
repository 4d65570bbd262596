"""Distance of a forward pass from the limit of this host that binds it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from bench.cell import Samples
from bench.clock import MINIMUM
from bench.declare.catalog import measure
from bench.declare.nature import Detail
from bench.errors import Unsupported
from bench.lazy import lazy
from bench.measures._halving import fitting
from bench.measures.counts import INCOMPLETE, counted
from bench.measures.timing import beside_device, forward
from bench.network.subject import number_format

if TYPE_CHECKING:
    import torch

    from bench.clock import Clock
    from bench.network.subject import Subject
else:
    torch = lazy("torch")

LONG_ENOUGH = 0.010
"""Seconds from which a probe of the host counts: starting and synchronising take little time against it."""
TRIES = 3
"""Calls of a probe of which the fastest counts: on a busy machine a single one seems long at any size."""
SMALLEST, LARGEST, MULTIPLE = 256, 16384, 64
"""Smallest and largest side of the square matrices, and the number of which sides are multiples."""
CACHES = 4
"""Size of the copied buffer as a multiple of the last-level cache."""
LEAST_BUFFER, MOST_BUFFER = 1 << 26, 1 << 31
"""Least and most bytes of the copied buffer."""
PROBED = 1 / 4
"""Share of a GPU's free memory that a probe may take at one size: memory of earlier sizes is still held."""
MATRICES = 6
"""Square matrices that a product in both ways takes at once: two factors and a result each."""
ASSUMED_CACHE = 1 << 25
"""Bytes of the last-level cache where the system does not report it."""
MOST = 200
"""Largest number of rounds."""
KEPT = 50
"""Raw samples of each probe that are kept in the details."""
WAITED = 10
"""Passes that the host waits for, with which the device's own time is compared."""
_DETAILS = (
    *(
        Detail("macs", "1"),
        Detail("bytes", "B"),
        Detail("limit"),
        Detail("attainable", "s"),
        Detail("forward", "s"),
    ),
    *(Detail("intensity", "FLOP/B"), Detail("ridge", "FLOP/B")),
    *(Detail("matmul_rate", "FLOP/s"), Detail("copy_bandwidth", "B/s")),
    *(Detail("device_time", "s"), Detail("launching", "1")),
    INCOMPLETE,
)
_CACHES = Path("/sys/devices/system/cpu/cpu0/cache")


@dataclass(frozen=True)
class PassWork:
    """Least work of one pass."""

    macs: int
    """Multiply-adds of the batch."""
    bytes: int
    """Least traffic with memory: parameters and input read once, each counted layer's output written and read."""
    incomplete: tuple[str, ...] = ()
    """Operators whose multiply-adds are missing from the count."""

    @property
    def intensity(self) -> float:
        """Arithmetic intensity in FLOP/byte; a multiply-add is two operations."""
        return 2 * self.macs / self.bytes


@dataclass(frozen=True)
class HostLimits:
    """Limits of the host."""

    matmul_rate: float
    """FLOP/s of a product of large square matrices, by the faster of two ways."""
    copy_bandwidth: float
    """Bytes read and written per second by a copy that does not fit into a cache."""

    @property
    def ridge(self) -> float:
        """Intensity in FLOP/byte from which on arithmetic is the limit."""
        return self.matmul_rate / self.copy_bandwidth

    def attainable(self, work: PassWork) -> float:
        """Least seconds for the work under the limit that binds it."""
        return max(2 * work.macs / self.matmul_rate, work.bytes / self.copy_bandwidth)

    def limit(self, work: PassWork) -> Literal["compute", "memory"]:
        """Name of the limit that binds the work, if all of it is launched in time."""
        return "compute" if work.intensity >= self.ridge else "memory"


@dataclass(frozen=True)
class LimitProbe:
    """A call that probes a limit of the host."""

    call: Callable[[], object]
    amount: float
    """FLOP or bytes of one call."""
    way: str
    """Description of the call."""


@measure(unit="1", nature="ratio", better="higher", artifacts=counted, details=_DETAILS)
def roofline(subject: Subject, clock: Clock) -> Samples:
    """Share of the limit that binds it (arithmetic or memory) which a forward pass attains on this host.

    Williams, Waterman and Patterson 2009, "Roofline: an insightful visual performance model" (Communications of
    the ACM 52(4)). Attainable is the longer of two times: 2 MACs over the host's matmul rate, the least bytes
    over its copy bandwidth. Each round times one pass, one matmul and one copy, so that a drifting machine
    harms none of them and each pass finds the caches as the copy left them. Its sample is attainable over
    measured time, with the process's median rates.

    A share above 1 means that the pass needs less than was charged: fewer multiplications than were counted
    (Winograd's convolutions), or less traffic, since what a layer writes the next one finds in the cache; or that
    its kernels use the machine better than that of the product does.

    On CUDA there is a third limit: where the device waits for more than a third of a pass until the host has
    launched the next kernel, `limit` is `launching`, by `device_time` beside the time that the host waits. The
    share stays that of the device's own roof. A batch that a GPU does not hold is halved.

    Raises:
        Unsupported: the scenario trains, or is executed by onnxruntime, or the device lacks its precision.
    """
    if subject.cost.mode != "infer":
        raise Unsupported("the roofline is that of a forward pass: it needs the mode infer")
    if subject.cost.execution == "onnx":
        raise Unsupported("the roofline is that of torch's layers, some of which onnxruntime fuses")
    return fitting(subject, clock, lambda: _measured(subject, clock))


def _measured(subject: Subject, clock: Clock) -> Samples:
    call, work = forward(subject), work_of(subject)
    warmup = [clock.once(call), clock.once(call)]
    matmul, copy = matmul_probe(subject, clock), copy_probe(subject, clock)
    passes, products, copies = _rounds(clock, call, matmul.call, copy.call)
    host = HostLimits(matmul.amount / median(products), copy.amount / median(copies))
    attainable = host.attainable(work)
    details: dict[str, Any] = {
        **asdict(work),
        **asdict(host),
        "limit": host.limit(work),
        "intensity": work.intensity,
        "ridge": host.ridge,
        "attainable": attainable,
        "forward": median(passes),
        "matmul_rates": [matmul.amount / seconds for seconds in products[:KEPT]],
        "copy_bandwidths": [copy.amount / seconds for seconds in copies[:KEPT]],
        "matmul_by": matmul.way,
        "matrix_side": round((matmul.amount / 2) ** (1 / 3)),
        "copied": copy.amount / 2,
        **_launching(subject, clock, call),
    }
    shares, first = (tuple(attainable / seconds for seconds in series) for series in (passes, warmup))
    return Samples(shares, first, details)


def _launching(subject: Subject, clock: Clock, call: Callable[[], object]) -> dict[str, Any]:
    """Time that a CUDA device works for a pass, and whether launching limits the pass."""
    if not subject.cost.device.startswith("cuda"):
        return {}
    # passes on end, as those that the device times: between copies they find other caches
    passes = Samples(tuple(clock.once(call) for _ in range(WAITED)))
    told = beside_device(passes, clock, call).details
    limit = {"limit": "launching"} if told.pop("bound_by") == "launching" else {}
    return {**told, **limit}


def work_of(subject: Subject) -> PassWork:
    """Least work of one pass of the subject's batch, without the heads that are used in training alone."""
    count = json.loads(subject.shelf.path(counted(subject.cell)[0]).read_text())
    unused = tuple(f"{name}." for name in subject.architecture.auxiliary)
    named = ((name.removeprefix("_orig_mod."), p) for name, p in subject.model.named_parameters())
    weights = sum(p.numel() for name, p in named if not name.startswith(unused))
    images = subject.images
    batch = images.shape[0]
    numbers = weights + images.numel() + 2 * batch * count["activations"]
    traffic = number_format(subject.cost.precision).itemsize * numbers
    return PassWork(batch * count["total"], traffic, tuple(count["incomplete"]))


def matmul_probe(subject: Subject, clock: Clock) -> LimitProbe:
    """A product of square matrices in the scenario's precision; its work doubles until it takes long enough.

    It is made in both ways that models go, and the faster one is kept: a BLAS may know less of a CPU than the
    library of convolutions does. On a GPU matrices stop growing where its free memory ends.
    """
    device, dtype = subject.cost.device, number_format(subject.cost.precision)
    largest = math.sqrt(_room(device) / (MATRICES * dtype.itemsize))
    for side in (side for side in sides() if side <= max(largest, SMALLEST)):
        ways = products(side, dtype, device)
        seconds = {name: _fastest(clock, call) for name, call in ways.items()}
        way = min(seconds, key=lambda name: seconds[name])
        if seconds[way] >= LONG_ENOUGH:
            break
    return LimitProbe(ways[way], 2.0 * side**3, way)


def products(side: int, dtype: torch.dtype, device: str) -> dict[str, Callable[[], torch.Tensor]]:
    """The product of two square matrices, by the library of linear algebra and by that of convolutions."""
    a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    result = torch.empty_like(a)
    last = torch.channels_last
    # rows are pixels, columns their channels
    picture = a.t().reshape(1, side, MULTIPLE // 2, -1).contiguous(memory_format=last)
    kernels = b.t().reshape(side, side, 1, 1).contiguous(memory_format=last)

    def matmul() -> torch.Tensor:
        return torch.mm(a, b, out=result)

    def convolution() -> torch.Tensor:
        with torch.inference_mode():
            return torch.nn.functional.conv2d(picture, kernels)

    return {"matmul": matmul, "1x1 convolution": convolution}


def sides() -> Iterable[int]:
    """Sides of square matrices whose product takes twice the work each time, in multiples that kernels like."""
    steps = range(round(3 * math.log2(LARGEST / SMALLEST)) + 1)
    return [MULTIPLE * round(SMALLEST * 2 ** (step / 3) / MULTIPLE) for step in steps]


def copy_probe(subject: Subject, clock: Clock) -> LimitProbe:
    """A copy of a buffer that the last-level cache does not hold; it doubles until it takes long enough.

    On a GPU it stops growing where free memory ends.
    """
    device = subject.cost.device
    size = min(MOST_BUFFER, max(LEAST_BUFFER, CACHES * last_level_cache(device)))
    largest = min(MOST_BUFFER, _room(device) / 2)
    call = _copying(size, device)
    while _fastest(clock, call) < LONG_ENOUGH and 2 * size <= largest:
        size *= 2
        call = _copying(size, device)
    # as STREAM counts (McCalpin 1995): what a cache reads before it writes is not counted
    return LimitProbe(call, 2.0 * size, "copy")


def _copying(size: int, device: str) -> Callable[[], object]:
    """The copy of a buffer of so many bytes, a multiple of 4."""
    source = torch.ones(size // 4, device=device)
    target = torch.zeros_like(source)
    return lambda: target.copy_(source)


def _room(device: str) -> float:
    """Bytes that the tensors of a probe may take together."""
    if not device.startswith("cuda"):
        return math.inf
    free, _ = torch.cuda.mem_get_info(device)
    return PROBED * float(free)


def last_level_cache(device: str) -> int:
    """Bytes of the device's last-level cache; an assumption where the system does not report it."""
    if device.startswith("cuda"):
        found = getattr(torch.cuda.get_device_properties(device), "L2_cache_size", 0)
        return int(found) or ASSUMED_CACHE
    sizes = [path.read_text().strip() for path in _CACHES.glob("index*/size")]
    return max((int(size[:-1]) << 10 for size in sizes if size.endswith("K")), default=ASSUMED_CACHE)


def _fastest(clock: Clock, call: Callable[[], object]) -> float:
    """Seconds of the fastest of several calls, after one to warm up."""
    clock.once(call)
    return min(clock.once(call) for _ in range(TRIES))


def _rounds(clock: Clock, *calls: Callable[[], object]) -> tuple[list[float], ...]:
    """Seconds of the calls, taken in turn, so that a drifting machine affects all of them alike."""
    found: tuple[list[float], ...] = tuple([] for _ in calls)
    while len(found[0]) < MINIMUM or (clock.left() > 0 and len(found[0]) < MOST):
        for seconds, call in zip(found, calls, strict=True):
            seconds.append(clock.once(call))
    return found
