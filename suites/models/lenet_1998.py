"""LeNet-5 as published (LeCun et al. 1998, section II.B, figure 2 and table I): exactly 60,000 parameters.

Layers are named as in the figure. The digit codes of the output layer are drawn here: the paper shows its own in
figure 3, but not as numbers.
"""

from __future__ import annotations

from collections import OrderedDict
from itertools import groupby

import torch
from torch import nn

CONNECTIONS = (
    (0, 1, 2),
    (1, 2, 3),
    (2, 3, 4),
    (3, 4, 5),
    (0, 4, 5),
    (0, 1, 5),
    (0, 1, 2, 3),
    (1, 2, 3, 4),
    (2, 3, 4, 5),
    (0, 3, 4, 5),
    (0, 1, 4, 5),
    (0, 1, 2, 5),
    (0, 1, 3, 4),
    (1, 2, 4, 5),
    (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)
"""Maps of S2 that each of the 16 maps of C3 sees (table I)."""
CODE = (12, 7)
"""Height and width of the bitmap that codes a class."""
_DIGITS = (
    "0111110 1100011 1000001 1000001",
    "0001100 0011100 0101100 0001100",
    "0111110 1100011 0000011 0000110",
    "0111110 1100011 0000011 0011110",
    "0000110 0001110 0010110 0100110",
    "1111111 1100000 1100000 1111110",
    "0011110 0110000 1100000 1111110",
    "1111111 0000011 0000110 0000110",
    "0111110 1100011 1100011 0111110",
    "0111110 1100011 1100011 0111111",
)
"""The upper four rows of each digit."""
_LOWER = (
    "1000001 1000001 1100011 0111110",
    "0001100 0001100 0001100 0111111",
    "0011100 0110000 1100000 1111111",
    "0000011 0000011 1100011 0111110",
    "1111111 0000110 0000110 0000110",
    "0000011 0000011 1100011 0111110",
    "1100011 1100011 1100011 0111110",
    "0001100 0001100 0011000 0011000",
    "1100011 1100011 1100011 0111110",
    "0000011 0000011 0000110 0111100",
)
_BLANK = "0000000"


def lenet5_1998(num_classes: int) -> nn.Sequential:
    """From N x 1 x 32 x 32 images to N x `num_classes` logits: minus the squared distance to each class's code.

    Weights begin uniform within 2.4 / fan-in, as in the paper's appendix A.
    """
    model = nn.Sequential(
        OrderedDict(
            c1=nn.Sequential(nn.Conv2d(1, 6, 5), ScaledTanh()),
            s2=Subsampling(6),
            c3=nn.Sequential(PartialConvolution(CONNECTIONS, 5), ScaledTanh()),
            s4=Subsampling(16),
            c5=nn.Sequential(nn.Conv2d(16, 120, 5), ScaledTanh(), nn.Flatten()),
            f6=nn.Sequential(nn.Linear(120, 84), ScaledTanh()),
            output=RadialBasis(num_classes),
        )
    )
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            bound = 2.4 / module.weight[0].numel()
            nn.init.uniform_(module.weight, -bound, bound)
    return model


class ScaledTanh(nn.Module):
    """The squashing function 1.7159 tanh(2a / 3) (appendix A, equation 36)."""

    def forward(self, activations: torch.Tensor) -> torch.Tensor:
        """Any shape to the same shape."""
        return 1.7159 * torch.tanh(activations * (2 / 3))


class Subsampling(nn.Module):
    """The sum of each 2 x 2 field, times a coefficient, plus a bias, squashed: two parameters a map."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.coefficient = nn.Parameter(torch.full((maps, 1, 1), 0.25))
        self.bias = nn.Parameter(torch.zeros(maps, 1, 1))
        self.sum = nn.AvgPool2d(2, divisor_override=1)
        self.squash = ScaledTanh()

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """N x C x H x W to N x C x H/2 x W/2."""
        squashed: torch.Tensor = self.squash(self.sum(maps) * self.coefficient + self.bias)
        return squashed


class PartialConvolution(nn.Module):
    """A convolution whose output maps each see some of the input maps; a missing connection has no weight."""

    def __init__(self, connections: tuple[tuple[int, ...], ...], kernel_size: int) -> None:
        """Build one grouped convolution for each run of output maps that see equally many inputs."""
        super().__init__()
        runs = [list(run) for _, run in groupby(connections, key=len)]
        self.parts = nn.ModuleList(
            nn.Conv2d(len(run) * len(run[0]), len(run), kernel_size, groups=len(run)) for run in runs
        )
        self._inputs = [[source for sources in run for source in sources] for run in runs]

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """N x 6 x H x W to N x 16 x H-4 x W-4."""
        seen = zip(self.parts, self._inputs, strict=True)
        return torch.cat([part(maps[:, inputs]) for part, inputs in seen], dim=1)


class RadialBasis(nn.Module):
    """Output units at fixed +1/-1 codes: digits drawn as bitmaps of 7 x 12, noise for further classes."""

    codes: torch.Tensor

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.register_buffer("codes", codes(num_classes))

    def forward(self, activations: torch.Tensor) -> torch.Tensor:
        """N x 84 to N x classes: minus the squared Euclidean distance, so that the largest is the answer."""
        return -(activations.unsqueeze(1) - self.codes).square().sum(dim=2)


def codes(num_classes: int) -> torch.Tensor:
    """The codes, classes x 84, of +1 (ink) and -1; as float32."""
    height, width = CODE
    digits = [[float(c) for c in "".join(_bitmap(i))] for i in range(len(_DIGITS))]
    drawn = torch.tensor(digits)[:num_classes] * 2 - 1
    further = max(0, num_classes - len(digits))
    noise = torch.rand(further, height * width, generator=torch.Generator().manual_seed(0))
    return torch.cat([drawn, noise.round() * 2 - 1])


def _bitmap(digit: int) -> list[str]:
    """Twelve rows of seven points: eight of ink between blank ones."""
    return [_BLANK, _BLANK, *_DIGITS[digit].split(), *_LOWER[digit].split(), _BLANK, _BLANK]
