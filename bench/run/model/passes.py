"""Seconds of passes through a network: its work over the rates of what computes it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import median

from bench.cell import Cost, Learning, Scenario
from bench.machine.rates import DeviceRate, Rates
from bench.run.model.networks import Networks, PictureWork

BACKWARD = 2.0
"""Multiply-adds of a backward pass, by those of the forward pass."""
BACKWARD_ELEMENTS = 4.0
"""Traffic of a backward pass, by that of the forward pass: statistics of batches, kept results, gradients."""
READ = 1 / 6
"""Elements of normalisation that reading a parameter costs: that one reads and writes three times."""
UPDATED = 2.0
"""Elements that updating a parameter costs: gradient, momentum and weight are read and written."""
UPPER = 1 / 3
"""Share of a backward pass that is left where but the upper part of a network learns."""
_NEWEST = 9
"""Paces whose median counts."""
Way = tuple[str, str, str, int]
"""Architecture, mode, device and threads."""


def rate_for(rates: Rates, device: str, threads: int) -> DeviceRate:
    """Rate of a device with some number of threads: interpolated between one thread and all threads."""
    if device != "cpu":
        return rates.gpu or rates.cpu
    share = min(1.0, (threads - 1) / max(1, rates.threads - 1))
    one, all_of_them = rates.core, rates.cpu
    return DeviceRate(
        products=one.products + share * (all_of_them.products - one.products),
        elements=one.elements + share * (all_of_them.elements - one.elements),
        operator=one.operator + share * (all_of_them.operator - one.operator),
    )


def forward(work: PictureWork, images: float, rate: DeviceRate, device: str = "cpu") -> float:
    """Seconds of one forward pass of so many images."""
    arithmetic = images * (work.macs / rate.products + work.elements / rate.elements)
    launched = work.operators * rate.operator
    reading = READ * work.parameters / rate.elements
    # a GPU computes while further operators are launched
    return arithmetic + reading + launched if device == "cpu" else max(arithmetic + reading, launched)


def step(work: PictureWork, images: float, rate: DeviceRate, device: str = "cpu", learning: float = 1.0) -> float:
    """Seconds of one training step of so many images.

    Args:
        work: work of a pass of one picture.
        images: images of a batch.
        rate: rate of the device that computes the pass.
        device: name of that device.
        learning: share of the network that learns; through the rest no gradient goes.
    """
    arithmetic = BACKWARD * work.macs / rate.products + BACKWARD_ELEMENTS * work.elements / rate.elements
    back = learning * images * arithmetic
    launched = learning * BACKWARD * work.operators * rate.operator
    update = learning * UPDATED * work.parameters / rate.elements
    backward = back + launched + update if device == "cpu" else max(back + update, launched)
    return forward(work, images, rate, device) + backward


@dataclass
class Passes:
    """Seconds of passes here: from the model, times how this host has compared with it so far."""

    rates: Rates
    networks: Networks
    _paces: dict[Way, deque[float]] = field(default_factory=dict)

    def forward(self, name: str, side: int, images: float, scenario: Scenario) -> float:
        """Seconds of a forward pass of so many images, on the device and with the threads of a scenario."""
        return self._forward(name, side, images, scenario) * self._pace(name, "infer", scenario)

    def step(self, name: str, side: int, images: float, scenario: Scenario, learning: float = 1.0) -> float:
        """Seconds of a training step of so many images; `learning` is as of the function `step`."""
        rate = rate_for(self.rates, scenario.device, scenario.threads)
        found = step(self.networks.work(name, side), images, rate, scenario.device, learning)
        return found * self._pace(name, "train", scenario)

    def of(self, name: str, where: Cost) -> float:
        """Seconds of a pass, or a step, of a scenario of cost."""
        one = self.step if where.mode == "train" else self.forward
        return one(name, where.resolution, max(1, where.batch), where)

    def note(self, name: str, where: Cost, seconds: float) -> None:
        """Take note of what a pass, or a step, of a scenario of cost took."""
        found = seconds / (self.of(name, where) / self._pace(name, where.mode, where))
        for own in (name, ""):
            self._paces.setdefault((own, *_of(where.mode, where)), deque(maxlen=_NEWEST)).append(found)

    def _forward(self, name: str, side: int, images: float, scenario: Scenario) -> float:
        rate = rate_for(self.rates, scenario.device, scenario.threads)
        return forward(self.networks.work(name, side), images, rate, scenario.device)

    def _pace(self, name: str, mode: str, scenario: Scenario) -> float:
        """Times as long as the model says: of the network itself, in this mode or the other, else of all.

        What is measured with other threads, as most trainings are, tells nothing.
        """
        other = "train" if mode == "infer" else "infer"
        for own, how in ((name, mode), (name, other), ("", mode), ("", other)):
            if known := self._paces.get((own, *_of(how, scenario))):
                return median(known)
        return 1.0


def _of(mode: str, scenario: Cost | Learning) -> tuple[str, str, int]:
    return mode, scenario.device, scenario.threads
