"""Self-attention of feature maps: everywhere, within windows, within shifted windows."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import suites.architectures  # noqa: F401 - declares
from bench.declare.catalog import ARCHITECTURES
from bench.measures.counting.multiply_adds import MacCount
from bench.measures.counts import count_macs
from suites.models.attention import GlobalAttention, ShiftedWindowAttention, WindowAttention


def counted(name: str, side: int) -> MacCount:
    item = ARCHITECTURES.get(name)
    return count_macs(item.build(1000), torch.empty(1, item.channels, side, side))


@pytest.mark.parametrize("side", [7, 28, 56, 112])
def test_global_attention_takes_the_multiply_adds_of_equation_1(side: int) -> None:
    positions, channels = side * side, 96
    found = counted("attention_global", side)
    expected = 4 * positions * channels**2 + 2 * positions**2 * channels
    assert (expected, True) == (found.total, found.counters_agree)


@pytest.mark.parametrize("name", ["attention_window", "attention_shifted"])
@pytest.mark.parametrize(("side", "window"), [(7, 7), (28, 7), (56, 7), (56, 14), (112, 7)])
def test_attention_within_windows_takes_the_multiply_adds_of_equation_2(name: str, side: int, window: int) -> None:
    positions, channels = side * side, 96
    found = counted(f"{name}:window={window}", side)
    expected = 4 * positions * channels**2 + 2 * window**2 * positions * channels
    assert (expected, True) == (found.total, found.counters_agree)


def test_with_one_window_all_three_are_one() -> None:
    torch.manual_seed(0)
    everywhere = GlobalAttention(6, 2)
    maps = torch.randn(2, 6, 4, 4)
    for other in (WindowAttention(6, 2, 4), ShiftedWindowAttention(6, 2, 4)):
        other.load_state_dict(everywhere.state_dict())
        torch.testing.assert_close(everywhere(maps), other(maps))


def test_each_window_is_attended_to_by_itself() -> None:
    torch.manual_seed(0)
    windows = WindowAttention(6, 2, 4)
    everywhere = GlobalAttention(6, 2)
    everywhere.load_state_dict(windows.state_dict())
    maps = torch.randn(2, 6, 8, 12)
    torch.testing.assert_close(everywhere(maps[..., 4:8, 8:12]), windows(maps)[..., 4:8, 8:12])


def reached(module: nn.Module) -> set[tuple[int, int]]:
    """Positions of a map of 8 x 8 that change with the position at row 1, column 3."""
    maps = torch.randn(1, 6, 8, 8, generator=torch.Generator().manual_seed(0))
    before = module(maps)
    maps[..., 1, 3] += 1
    rows, columns = ((module(maps) - before).abs().sum(dim=(0, 1)) > 1e-6).nonzero(as_tuple=True)
    return set(zip(rows.tolist(), columns.tolist(), strict=True))


def test_without_a_shift_a_change_stays_in_its_window() -> None:
    assert {(row, column) for row in range(4) for column in range(4)} == reached(WindowAttention(6, 2, 4))


def test_with_a_shift_a_change_reaches_the_window_beside_it_but_not_the_opposite_edge() -> None:
    expected = {(row, column) for row in range(2) for column in range(2, 6)}
    assert expected == reached(ShiftedWindowAttention(6, 2, 4))


def test_shifted_windows_that_are_whole_equal_windows_of_the_map_cut_at_the_shift() -> None:
    torch.manual_seed(0)
    shifted, windows = ShiftedWindowAttention(6, 2, 4), WindowAttention(6, 2, 4)
    windows.load_state_dict(shifted.state_dict())
    maps = torch.randn(2, 6, 12, 12)
    torch.testing.assert_close(windows(maps[..., 2:10, 2:10]), shifted(maps)[..., 2:10, 2:10])


@pytest.mark.parametrize("kind", [WindowAttention, ShiftedWindowAttention])
def test_a_map_that_does_not_divide_into_windows_is_refused(kind: type[WindowAttention]) -> None:
    with pytest.raises(ValueError, match="8 x 10 positions do not divide into windows of 4"):
        kind(6, 2, 4)(torch.zeros(1, 6, 8, 10))


def test_heads_that_do_not_divide_the_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="96 channels do not divide among 5 heads"):
        ARCHITECTURES.get("attention_global:heads=5").build(10)
