"""The lecture's code for transfer learning, run as it is printed, without its download of weights."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from bench.lazy import lazy
from evobench import Evidence, check

if TYPE_CHECKING:
    import torch
    from torch import nn, optim
    from torch.optim import lr_scheduler
    from torchvision.models import ResNet
else:
    torch = lazy("torch")
    nn = lazy("torch.nn")
    optim = lazy("torch.optim")
    lr_scheduler = lazy("torch.optim.lr_scheduler")

vision = lazy("torchvision.models")
model_selection = lazy("sklearn.model_selection")

CLASSES = 2


@check()
def scores_of_the_new_layer(*, frozen: bool, classes: int) -> Evidence:
    """Size of each output sample after the last layer has been replaced.

    Args:
        frozen: whether it is the code of the fixed feature extractor; else that of fine-tuning.
        classes: number of outputs that the code gives the new layer.
    """
    network = copy.deepcopy(_network(frozen=frozen)).eval()
    network.fc = nn.Linear(network.fc.in_features, classes)
    with torch.no_grad():
        scores = network(_pictures())
    return Evidence(int(scores.shape[1]), f"resnet18 whose new fc has {network.fc.in_features} inputs")


@check()
def optimised(*, frozen: bool) -> Evidence:
    """Which parameters the printed optimizer changes: `all`, `fc` or others by name.

    Args:
        frozen: whether it is the code of the fixed feature extractor; else that of fine-tuning.
    """
    network = _network(frozen=frozen)
    given = {id(p) for group in _optimizer(network, frozen).param_groups for p in group["params"]}
    held = [(name, p) for name, p in network.named_parameters() if id(p) in given and p.requires_grad]
    count = sum(p.numel() for _, p in held)
    word = "all" if len(held) == len(list(network.parameters())) else _tops(name for name, _ in held)
    return Evidence(word, f"{count:,} parameters in {len(held)} tensors")


@check()
def gradients(*, frozen: bool) -> Evidence:
    """The modules whose parameters have a gradient after `backward()`: `all`, or their names."""
    network = copy.deepcopy(_network(frozen=frozen)).train()
    _loss(network).backward()
    named = list(network.named_parameters())
    with_gradient = [name for name, p in named if p.grad is not None]
    word = "all" if len(with_gradient) == len(named) else _tops(with_gradient)
    return Evidence(word, f"{len(with_gradient)} of {len(named)} parameter tensors after one backward pass")


@check()
def layers_can_stay_fixed(*, layers: list[str]) -> Evidence:
    """Whether a training step leaves the parameters of the named modules as they are, and changes all others.

    Args:
        layers: modules at the top of ResNet-18, as `conv1`.
    """
    network = copy.deepcopy(_network(frozen=False)).train()
    for name in layers:
        network.get_submodule(name).requires_grad_(False)
    before = {name: p.detach().clone() for name, p in network.named_parameters()}
    optimizer = optim.SGD((p for p in network.parameters() if p.requires_grad), lr=0.001, momentum=0.9)
    _loss(network).backward()
    optimizer.step()
    kept = [name for name, p in network.named_parameters() if torch.equal(p, before[name])]
    meant = [name for name in before if name.partition(".")[0] in layers]
    return Evidence(kept == meant, f"{len(kept)} of {len(before)} parameter tensors stay: those of {_tops(kept)}")


@check()
def changed_by_training(*, frozen: bool, statistics: bool = True) -> Evidence:
    """What one step of the printed code changes: `all`, names of modules, `statistics of batch normalisation`.

    Args:
        frozen: whether it is the code of the fixed feature extractor; else that of fine-tuning.
        statistics: whether running means and variances count beside the parameters.
    """
    network = copy.deepcopy(_network(frozen=frozen)).train()
    before = copy.deepcopy(network.state_dict())
    optimizer = _optimizer(network, frozen)
    _loss(network).backward()
    optimizer.step()
    changed = [name for name, tensor in network.state_dict().items() if not torch.equal(tensor, before[name])]
    parameters = dict(network.named_parameters())
    learned = [name for name in changed if name in parameters]
    moved = [name for name in changed if name not in parameters]
    words = ["all" if len(learned) == len(parameters) else _tops(learned)]
    if statistics and moved:
        words.append("statistics of batch normalisation")
    return Evidence(
        ", ".join(words), f"{len(learned)} parameter tensors and {len(moved)} statistics change in train mode"
    )


@check()
def new_modules_train() -> Evidence:
    """Whether the parameters of a newly constructed module need a gradient without being told so."""
    module = nn.Linear(4, CLASSES)
    flags = [p.requires_grad for p in module.parameters()]
    return Evidence(all(flags), f"requires_grad of weight and bias of nn.Linear: {', '.join(map(str, flags))}")


@check()
def decay_factor(*, step_size: int, gamma: float) -> Evidence:
    """What `StepLR` multiplies the learning rate by when it changes it for the first time."""
    rates = _rates(step_size, gamma)
    changed = next(rate for rate in rates if rate != rates[0])
    return Evidence(round(changed / rates[0], 12), f"from {rates[0]:g} to {changed:g}")


@check()
def decay_period(*, step_size: int, gamma: float) -> Evidence:
    """How many epochs pass until `StepLR` changes the learning rate, the same number each time.

    Raises:
        ValueError: the periods differ.
    """
    rates = _rates(step_size, gamma)
    epochs = [epoch for epoch in range(1, len(rates)) if rates[epoch] != rates[epoch - 1]]
    periods = {after - before for before, after in zip([0, *epochs], epochs, strict=False)}
    if len(periods) != 1:
        raise ValueError(f"the learning rate changes after {epochs} epochs")
    return Evidence(periods.pop(), f"the rate changes after {', '.join(map(str, epochs))} epochs")


@check()
def rounds_of_cross_validation(*, folds: int, samples: int = 103) -> Evidence:
    """How many models scikit-learn's KFold has trained until each sample has been tested on exactly once.

    Raises:
        ValueError: a sample is tested on twice, or never.
    """
    parts = [held for _, held in model_selection.KFold(folds).split(range(samples))]
    tested = sorted(int(place) for held in parts for place in held)
    if tested != list(range(samples)):
        raise ValueError(f"{folds} folds test {len(tested)} times on {samples} samples")
    return Evidence(len(parts), f"{samples} samples in parts of {', '.join(str(len(held)) for held in parts)}")


@cache
def _network(frozen: bool) -> ResNet:
    """The printed network, with random weights. Shared: not to be changed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network: ResNet = vision.resnet18(weights=None)
        if frozen:
            for parameter in network.parameters():
                parameter.requires_grad = False
        network.fc = nn.Linear(network.fc.in_features, CLASSES)
    return network


def _optimizer(network: ResNet, frozen: bool) -> optim.SGD:
    parameters = network.fc.parameters() if frozen else network.parameters()
    return optim.SGD(parameters, lr=0.001, momentum=0.9)


def _pictures() -> torch.Tensor:
    return torch.randn(4, 3, 64, 64, generator=torch.Generator().manual_seed(0))


def _loss(network: ResNet) -> torch.Tensor:
    loss: torch.Tensor = nn.CrossEntropyLoss()(network(_pictures()), torch.arange(4) % CLASSES)
    return loss


def _rates(step_size: int, gamma: float) -> list[float]:
    """The learning rate of each epoch over three periods."""
    optimizer = optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.001, momentum=0.9)
    scheduler = lr_scheduler.StepLR(optimizer, step_size=step_size, gamma=gamma)
    rates = []
    for _ in range(3 * step_size + 1):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return rates


def _tops(names: Iterable[str]) -> str:
    """The modules at the top that the parameters are of, each once."""
    return ", ".join(dict.fromkeys(name.partition(".")[0] for name in names))
