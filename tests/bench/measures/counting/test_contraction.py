"""What an einsum multiplies, beside what torch does for it."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from bench.measures.counting.contraction import contraction

EQUATIONS: dict[str, list[tuple[int, ...]]] = {
    "nchw->nhwc": [(2, 3, 4, 5)],
    "nhwd->nd": [(2, 3, 4, 5)],
    "ii->i": [(4, 4)],
    "nhwc,cd->nhwd": [(2, 3, 4, 5), (5, 6)],
    "...c,cd->...d": [(2, 3, 4, 5), (5, 6)],
    "...c, cd": [(2, 3, 4, 5), (5, 6)],
    "b...ij,...jk->b...ik": [(2, 3, 4, 5), (1, 5, 6)],
    "bi,bj->bij": [(2, 3), (2, 4)],
    "nc,c->nc": [(2, 3), (3,)],
    "ij,jk->k": [(4, 5), (5, 6)],
    "ij,kl->l": [(4, 5), (6, 7)],
    "bhid,bhjd->bhij": [(2, 3, 4, 5), (2, 3, 6, 5)],
    "ij,jk->ik": [(4, 1), (1, 6)],
    "ij,jk,kl->il": [(2, 3), (3, 4), (4, 5)],
    "ab,bc,cd,de": [(2, 3), (3, 4), (4, 5), (5, 6)],
    "bi,oij,bj->bo": [(2, 3), (7, 3, 4), (2, 4)],
    "i,i": [(4,), (4,)],
}


@pytest.mark.parametrize("equation", EQUATIONS)
def test_it_multiplies_what_torch_multiplies(equation: str) -> None:
    shapes = EQUATIONS[equation]
    tensors = [torch.zeros(shape, device="meta") for shape in shapes]
    with FlopCounterMode(display=False) as counter:
        torch.einsum(equation, *tensors)
    assert counter.get_total_flops() // 2 == contraction(equation, shapes)[0]


def test_a_product_takes_each_combination_of_its_indices() -> None:
    assert (2 * 3 * 4 * 5 * 6, 2 * 3 * 4 * 6) == contraction("nhwc,cd->nhwd", [(2, 3, 4, 5), (5, 6)])


def test_what_one_tensor_alone_has_is_summed_before_the_product() -> None:
    assert (5 * 6, 6) == contraction("ij,jk->k", [(4, 5), (5, 6)])


def test_tensors_are_contracted_from_the_left_where_no_path_is_given() -> None:
    # 2 x 3 with 3 x 4, then 2 x 4 with 4 x 5
    assert (2 * 3 * 4 + 2 * 4 * 5, 2 * 4 + 2 * 5) == contraction("ij,jk,kl->il", [(2, 3), (3, 4), (4, 5)])


def test_a_path_says_which_are_contracted_first() -> None:
    # 3 x 4 with 4 x 5, whose result goes to the end; then 2 x 3 with 3 x 5
    shapes = [(2, 3), (3, 4), (4, 5)]
    assert (3 * 4 * 5 + 2 * 3 * 5, 3 * 5 + 2 * 5) == contraction("ij,jk,kl->il", shapes, [1, 2, 0, 1])
