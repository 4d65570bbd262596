"""Seconds of a process that measures a cell or makes an artifact: its start, building, and passes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from bench.cell import BEST, Cell, Cost, Learning
from bench.clock import LEAST, MINIMUM
from bench.declare.artifact import Artifact
from bench.declare.catalog import MEASURES
from bench.declare.declarations import Measure, Planned
from bench.declare.nature import Nature
from bench.declare.places import foreign
from bench.errors import EvobenchError
from bench.learning.artifacts import VIEWS
from bench.learning.recipes import CANDIDATES
from bench.machine.rates import ESTIMATE, Rates
from bench.run.model.networks import Networks, PictureWork
from bench.run.model.passes import UPPER, Passes, rate_for
from bench.run.model.pictures import PictureCounts, classes_of
from bench.transfer import AS_IS, transfer_of

STARTED = 2.0
"""Times as long as a process that does nothing: what it measures by is imported, the conditions are read."""
BUILT = 8.0
"""Calls of an operator that building a module takes as long as."""
DRAWN = 3.0
"""Elements of normalisation that giving a parameter its first value costs."""
COUNTED = 150.0
"""Calls of an operator that counting one takes as long as: two counters trace it in Python."""
COMPILED = 10_000.0
"""Calls of an operator that compiling one takes as long as."""
EXPORTED = 1_500.0
"""Calls of an operator that exporting one to ONNX takes as long as, beside importing what exports."""
PASSES = 2 + MINIMUM
"""Passes that even the shortest timing makes: two to warm up, the least of samples."""
PEAKS = 2
"""Passes after which a peak of memory is read."""
HEAD_STEP = 40.0
"""Calls of an operator in a step of a head on fixed features."""
FITTED = {"svm": 300, "logistic": 600, "knn": 0}
"""Equivalent steps of a softmax head for each head that a cell trains by itself."""
CANDIDATES_ALONE = 4
"""Values among which such a head chooses without tuning, about."""
DECODED = 10.0
"""Elements of normalisation that reading an element of a picture costs."""
LOOKS = 10
"""Looks at validation images in a training, at most."""
SEEN = 1000
"""Training images that are answered when a training is over, at most (`bench.learning.partition`, with torch)."""
PIXELS = 64
"""Side at which pictures are stored of which nothing is told."""


@dataclass
class Model:
    """Model of the seconds that processes take, from the declared work and the rates of their host."""

    rates: Rates = ESTIMATE
    networks: Networks = field(default_factory=Networks)
    pictures: PictureCounts = field(default_factory=PictureCounts)

    def __post_init__(self) -> None:
        """Start without any measured pass."""
        self.passes = Passes(self.rates, self.networks)

    def seconds(self, planned: Planned) -> float:
        """Wall seconds of one process of a planned cell, without the artifacts that it needs."""
        cell = planned.cell
        item, where = MEASURES.get(cell.measure), cell.scenario
        start = self._start(where.device)
        if isinstance(where, Learning):
            return start + (planned.sampling if is_clocked(item) else self._learning(cell, where))
        return start + self._cost(cell, where, item, planned.sampling)

    def making(self, artifact: Artifact, cell: Cell) -> float:
        """Wall seconds of the process that makes an artifact whose needs are there.

        Args:
            artifact: the artifact to be made.
            cell: the first that needs it.
        """
        where = cell.scenario
        start = self._start(where.device)
        if artifact.kind == "count":
            operators = self.networks.work(cell.architecture, where.resolution).operators
            return start + COUNTED * operators * self.rates.core.operator
        return start + (self._shared(artifact, cell, where) if isinstance(where, Learning) else 0.0)

    def _start(self, device: str) -> float:
        return STARTED * self.rates.process + (self.rates.gpu_process if device.startswith("cuda") else 0.0)

    def _built(self, work: PictureWork) -> float:
        """Seconds in which a network is put together; counts give its parameters no values."""
        return BUILT * work.operators * self.rates.core.operator

    def _building(self, work: PictureWork) -> float:
        return self._built(work) + DRAWN * work.parameters / self.rates.core.elements

    def _cost(self, cell: Cell, where: Cost, item: Measure, sampling: float) -> float:
        """Seconds beside the start of a cell of cost."""
        work, name = self.networks.work(cell.architecture, where.resolution), cell.architecture
        if not is_clocked(item) and _reads(item, cell):
            return 0.0
        if item.provenance == "derived":
            return COUNTED * work.operators * self.rates.core.operator
        if item.repeats != "never":
            return self._built(work)
        found = self._building(work)
        if where.execution == "compiled":
            found += COMPILED * work.operators * self.rates.core.operator
        if where.execution == "onnx":
            found += STARTED * self.rates.process + EXPORTED * work.operators * self.rates.core.operator
        one = self.passes.of(name, where)
        if not is_clocked(item):
            return found + PEAKS * one
        least = sampling if where.device == "cpu" else max(sampling, LEAST)
        # the parts of a step are timed, too; how many images the best batch has is not known
        passes = PASSES + (MINIMUM if where.mode == "train" else 0)
        return found + (least if where.batch == BEST else max(least, passes * one))

    def _learning(self, cell: Cell, where: Learning) -> float:
        """Seconds beside the start of a cell of learning."""
        name, side = cell.architecture, where.resolution
        tested = self.pictures.of(where.target, "n_test")
        building = self._building(self.networks.work(name, side))
        if where.mode == AS_IS:
            everything = self.pictures.all(where.target)
            return building + self._answers(name, side, everything, where.batch, where)
        transfer = transfer_of(where.mode)
        if not where.steps:  # nothing learns: it is looked at
            return building + self.passes.forward(name, side, where.batch, where)
        if transfer.frozen:
            values = 1 + ((where.tune or 1) - 1) / CANDIDATES_ALONE
            return values * FITTED.get(transfer.head, 0) * HEAD_STEP * self.rates.core.operator
        share = 1.0 if transfer.kind == "scratch" or transfer.stage == "all" else UPPER
        images = self.pictures.learned(where.target, where.shots)
        if where.duration:
            learning = where.duration + self._looking(cell, where, LOOKS, where.batch)
        else:
            one = self._training(cell, where, where.steps, where.batch, images, share)
            learning = (where.tune or 1) * one
        if where.execution == "compiled":
            building += COMPILED * self.networks.work(name, side).operators * self.rates.core.operator
        answered = tested + min(images, SEEN)
        return building + learning + self._answers(name, side, answered, where.batch, where)

    def _training(
        self, cell: Cell, where: Learning, steps: float, batch: int, images: float, share: float = 1.0
    ) -> float:
        """Seconds of training steps on so many images, with the looks at validation images."""
        name, side = cell.architecture, where.resolution
        looks = max(1, min(LOOKS, math.floor(steps * batch / max(1.0, images)) + 1))
        one = self.passes.step(name, side, min(batch, images), where, share)
        return steps * one + self._looking(cell, where, looks, batch)

    def _looking(self, cell: Cell, where: Learning, looks: int, batch: int) -> float:
        """Seconds of so many looks at the validation images."""
        validated = self.pictures.of(where.target, "n_val")
        return looks * self._answers(cell.architecture, where.resolution, validated, batch, where)

    def _answers(self, name: str, side: int, images: float, batch: int, where: Learning) -> float:
        """Seconds of the answers to so many images, batch by batch."""
        return math.ceil(images / batch) * self.passes.forward(name, side, min(batch, images), where)

    def _shared(self, artifact: Artifact, cell: Cell, where: Learning) -> float:
        """Seconds of making what cells of learning share, beside the start."""
        spec, name, side = dict(artifact.spec), cell.architecture, where.resolution
        core, target = self.rates.core, where.target
        building = self._building(self.networks.work(name, side))
        match artifact.kind:
            case "dataset":
                pixels = int(spec.get("resolution", PIXELS)) ** 2
                return self.pictures.all(str(spec["name"])) * pixels * DECODED / core.elements
            case "checkpoint":
                images = int(spec["shots"]) * classes_of(str(spec["source"]))
                steps = int(spec["epochs"]) * images / int(spec["batch"])
                return building + self._training(cell, where, steps, int(spec["batch"]), images)
            case "features":
                everything = self.pictures.all(target)
                return building + self._answers(name, side, everything, where.batch, where)
            case "views":
                seen = VIEWS * self.pictures.learned(target, where.shots)
                return building + self._answers(name, side, seen, where.batch, where)
            case "heads":
                heads = len(CANDIDATES) + (where.tune or 1) - 1
                return where.steps * heads * HEAD_STEP * rate_for(self.rates, "cpu", 1).operator
        return 0.0


def is_clocked(item: Measure) -> bool:
    """Whether a measure samples for the seconds that its cells are given."""
    measured = item.repeats == "never" and item.provenance == "measured"
    return measured and item.nature not in (Nature.SIZE, Nature.SHARE)


def _reads(item: Measure, cell: Cell) -> bool:
    """Whether a cell reads what was made before it.

    The cell may be an old one of the store, whose architecture nothing declares now: it was measured with a
    catalogue that this command does not name. Then its measure cannot say what it needs, but that it needs
    something.
    """
    try:
        with foreign(f"measure '{item.name}'", item.place):
            return bool(item.artifacts(cell))
    except EvobenchError:
        return True
