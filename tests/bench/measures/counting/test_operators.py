"""Which operators may do multiply-adds without a count: all of torch's are looked at."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch.utils.flop_counter import flop_registry

from bench.measures.counting.dispatched import MACS, named
from bench.measures.counting.operators import does_no_multiply_adds, plain_name
from bench.measures.counting.products import PRODUCTS_OF_ELEMENTS, handles

_NAMES = """
    _addmm_activation _cholesky_solve_helper _compute_linear_combination _conv_depthwise2d _cslt_sparse_mm
    _cslt_sparse_mm_search _cudnn_attention_forward _cudnn_rnn _dyn_quant_matmul_4bit _fft_c2c _fft_c2r
    _fft_r2c _flash_attention_forward_no_dropout_inplace _foreach_mm _grouped_mm _int_mm _linalg_det
    _linalg_eigh _linalg_eigvals _linalg_slogdet _linalg_solve_ex _linalg_svd _lstm_mps _lu_with_info
    _mixed_dtypes_linear _mps_convolution _mps_convolution_transpose _nnpack_spatial_convolution
    _scaled_dot_product_attention_math _scaled_dot_product_attention_math_for_mps
    _scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_fused_attention_overrideable
    _scaled_grouped_mm _scaled_grouped_mm_v2 _scaled_mm_v2 _sparse_addmm _sparse_mm _sparse_mm_reduce_impl
    _sparse_semi_structured_addmm _sparse_semi_structured_apply _sparse_semi_structured_apply_dense
    _sparse_semi_structured_linear _sparse_semi_structured_mm _sparse_sparse_matmul _spsolve
    _transformer_encoder_layer_fwd _triton_multi_head_attention _triton_scaled_dot_attention
    _weight_int4pack_mm _weight_int4pack_mm_for_cpu _weight_int4pack_mm_with_scales_and_zeros
    _weight_int8pack_mm _wrapped_quantized_linear_prepacked chain_matmul cholesky cholesky_inverse
    cholesky_solve conv1d conv2d conv3d conv_depthwise3d conv_transpose1d conv_transpose2d conv_transpose3d
    convolution_overrideable corrcoef cov cudnn_affine_grid_generator cudnn_convolution
    cudnn_convolution_add_relu cudnn_convolution_relu cudnn_convolution_transpose det
    fbgemm_linear_fp16_weight fbgemm_linear_fp16_weight_fp32_activation fbgemm_linear_int8_weight
    fbgemm_linear_int8_weight_fp32_activation fft_fft fft_fft2 fft_fftn fft_hfft fft_hfft2 fft_hfftn
    fft_ifft fft_ifft2 fft_ifftn fft_ihfft fft_ihfft2 fft_ihfftn fft_irfft fft_irfft2 fft_irfftn fft_rfft
    fft_rfft2 fft_rfftn geqrf hspmm inverse istft linalg_cholesky linalg_cholesky_ex linalg_cond linalg_det
    linalg_eig linalg_eigh linalg_eigvals linalg_eigvalsh linalg_householder_product linalg_inv
    linalg_inv_ex linalg_ldl_factor linalg_ldl_factor_ex linalg_ldl_solve linalg_lstsq linalg_lu
    linalg_lu_factor linalg_lu_factor_ex linalg_lu_solve linalg_matrix_exp linalg_matrix_norm
    linalg_matrix_power linalg_matrix_rank linalg_multi_dot linalg_norm linalg_pinv linalg_qr linalg_slogdet
    linalg_solve linalg_solve_ex linalg_solve_triangular linalg_svd linalg_svdvals linalg_tensorinv
    linalg_tensorsolve logdet lu_solve matrix_exp matrix_power miopen_convolution
    miopen_convolution_add_relu miopen_convolution_relu miopen_convolution_transpose
    miopen_depthwise_convolution miopen_rnn mkldnn_convolution mkldnn_linear nuclear_norm orgqr ormqr
    pinverse qr quantized_gru quantized_gru_cell quantized_lstm quantized_lstm_cell quantized_rnn_relu_cell
    quantized_rnn_tanh_cell slogdet slow_conv3d slow_conv3d_forward slow_conv_dilated2d slow_conv_dilated3d
    slow_conv_transpose2d slow_conv_transpose3d smm sparse_sampled_addmm sspaddmm stft svd thnn_conv2d
    triangular_solve
"""
ARITHMETIC = frozenset(_NAMES.split())
"""Operators that multiply and add and that no counter has a count of by this name: where they run they are named.

Some are made of others that are counted; the counter that sees those has the right figure.
"""


def names() -> set[str]:
    """Of all of torch's operators but those of a backward pass, which no forward pass without gradients runs."""
    found = {name.partition(".")[0] for name in torch._C._dispatch_get_all_op_names()}
    return {name for name in found if name.startswith("aten::") and "backward" not in name}


def counted() -> set[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fvcore is imported, which compiles a function
        traced = set(handles())
    return traced | set(MACS) | set(map(named, flop_registry))


def plain(name: str) -> str:
    return plain_name(name.removeprefix("aten::"))


def test_each_of_torchs_operators_is_counted_or_does_no_multiply_adds_or_is_known_to_be_named() -> None:
    # in place, what is counted otherwise is named, too
    known = ARITHMETIC | {plain(name) for name in counted()}
    named = {name for name in names() - counted() if not does_no_multiply_adds(name)}
    assert set() == {name for name in named if plain(name) not in known}


def test_only_products_of_elements_have_a_count_and_none() -> None:
    elements = {f"aten::{name}" for name in PRODUCTS_OF_ELEMENTS}
    assert elements == {name for name in counted() if does_no_multiply_adds(name)}


def test_no_operator_that_multiplies_and_adds_is_said_to_do_nothing() -> None:
    assert set() == {name for name in ARITHMETIC if does_no_multiply_adds(f"aten::{name}")}


@pytest.mark.parametrize(
    "name",
    [
        *(
            "aten::relu",
            "aten::add_",
            "aten::_foreach_add_",
            "aten::__and__",
            "aten::view_copy",
            "aten::special_erf",
        ),
        *("prim::NumToTensor", "torchvision::roi_align", "profiler::_record_function_enter_new"),
    ],
)
def test_what_moves_pools_or_works_by_element_needs_no_count(name: str) -> None:
    assert does_no_multiply_adds(name)


@pytest.mark.parametrize(
    "name",
    [
        *("mine::relu", "aten::an_operator_to_come", "prim::PythonOp.Rounding", "prim::CallFunction"),
        *("torchvision::deform_conv2d", "quantized::linear", "aten::mul of complex numbers"),
    ],
)
def test_what_is_not_listed_may_do_anything(name: str) -> None:
    assert not does_no_multiply_adds(name)
