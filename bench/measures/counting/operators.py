"""Operators that do no multiply-adds by the convention.

What is not listed, such as an operator of a torch to come or of a user's library, counts as arithmetic: a count
that it takes part in is incomplete, and names it. A test goes through torch's operators, so that each new one is
looked at.
"""

from __future__ import annotations

from functools import cache

_NAMES_WITHOUT = """
    Bool Complex ComplexImplicit Float FloatImplicit Generator Int IntImplicit ScalarImplicit Size __and__
    __contains__ __derive_index __getitem__ __iand__ __ilshift__ __interpolate __ior__ __irshift__ __is__
    __isnot__ __ixor__ __lshift__ __not__ __or__ __range_length __round_to_zero_floordiv __rshift__
    __upsample __upsample_bilinear __upsample_nearest __xor__ _adaptive_avg_pool2d _adaptive_avg_pool3d
    _add_batch_dim _add_relu _aminmax _batch_norm_impl_index _batch_norm_no_update _batch_norm_with_update
    _batch_norm_with_update_functional _choose_qparams_per_tensor _chunk_cat _coalesce _coalesced _conj
    _conj_physical _convert_indices_from_coo_to_csr _convert_indices_from_csr_to_coo
    _convert_weight_to_int4pack _convert_weight_to_int4pack_for_cpu _copy_from _copy_from_and_resize
    _cslt_compress _ctc_loss _cudnn_ctc_loss _cudnn_init_dropout_state _cudnn_rnn_flatten_weight
    _cummax_helper _cummin_helper _debug_has_internal_overlap _dimI _dimV _dim_arange _dirichlet_grad
    _dyn_quant_pack_4bit_weight _efficientzerotensor _embedding_bag _embedding_bag_forward_only
    _empty_affine_quantized _empty_per_channel_affine_quantized _fill_mem_eff_dropout_mask _foobar _fused_dropout
    _fused_moving_avg_obs_fq_helper _fused_moving_avg_obs_fq_helper_functional _fused_rms_norm
    _fused_sdp_choice _fw_primal _grad_sum_to_size _grid_sampler_2d_cpu_fallback
    _has_compatible_shallow_copy_type _has_same_storage_numel _index_put_impl _indices _infer_size
    _is_all_true _is_any_true _is_zerotensor _jagged_to_padded_dense_forward _lazy_clone
    _linalg_check_errors _list_to_tensor _local_scalar_dense _log_softmax _logcumsumexp _make_dep_token
    _make_dual _make_per_channel_quantized_tensor _make_per_tensor_quantized_tensor _masked_scale
    _masked_softmax _mkldnn_reshape _mkldnn_transpose _native_batch_norm_legit
    _native_batch_norm_legit_functional _native_batch_norm_legit_no_training _neg_view
    _new_zeros_with_same_feature_meta _nnpack_available _nnz _no_grad_embedding_renorm _no_grad_fill
    _no_grad_normal _no_grad_uniform _no_grad_zero _pack_padded_sequence _pack_sequence _pad_circular
    _pad_enum _pad_packed_sequence _padded_dense_to_jagged_forward _pin_memory _prelu_kernel _print
    _propagate_xla_data _remove_batch_dim _reshape_alias _reshape_copy _reshape_from_tensor _resize_output
    _rowwise_prune _safe_softmax _sample_dirichlet _saturate_weight_to_fp16 _set_item _shape_as_tensor
    _size_if_not_equal _softmax _sparse_broadcast_to _sparse_bsc_tensor_unsafe _sparse_bsr_tensor_unsafe
    _sparse_compressed_tensor_unsafe _sparse_compressed_tensor_with_dims _sparse_coo_tensor_unsafe
    _sparse_coo_tensor_with_dims _sparse_coo_tensor_with_dims_and_tensors _sparse_csc_tensor_unsafe
    _sparse_csr_prod _sparse_csr_sum _sparse_csr_tensor_unsafe _sparse_log_softmax _sparse_mask_projection
    _sparse_semi_structured_tile _sparse_softmax _sparse_sum _spdiags _stack _standard_gamma
    _standard_gamma_grad _tensor_to_list _thnn_fused_gru_cell _thnn_fused_lstm_cell _to_copy _to_cpu
    _to_dense _to_sparse _to_sparse_bsc _to_sparse_bsr _to_sparse_csc _to_sparse_csr
    _to_sparse_semi_structured _transform_bias_rescale_qkv _unique _unique2 _unpack_dual _unsafe_index
    _unsafe_index_put _unsafe_masked_index _unsafe_masked_index_put_accumulate _unsafe_view _unwrap_optional
    _upsample_bicubic2d_aa _upsample_bilinear2d_aa _upsample_lanczos2d_aa _upsample_nearest_exact1d
    _upsample_nearest_exact2d _upsample_nearest_exact3d _use_cudnn_ctc_loss _use_cudnn_rnn_flatten_weight
    _use_miopen_ctc_loss _values _version _weight_norm _weight_norm_interface _wrapped_linear_prepack abs
    absolute acos acosh adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d
    adaptive_max_pool2d adaptive_max_pool3d add addcdiv addcmul addr adjoint alias all allclose
    alpha_dropout amax amin aminmax angle any arange arccos arccosh arcsin arcsinh arctan arctan2 arctanh
    argmax argmin argsort argwhere as_strided as_strided_scatter as_tensor asin asinh atan atan2 atanh
    atleast_1d atleast_2d atleast_3d avg_pool1d avg_pool2d avg_pool3d bartlett_window batch_norm
    batch_norm_elemt batch_norm_gather_stats batch_norm_gather_stats_with_counts batch_norm_stats
    batch_norm_update_stats bernoulli binary_cross_entropy binary_cross_entropy_with_logits bincount
    binomial bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor
    blackman_window block_diag broadcast_shapes broadcast_tensors broadcast_to bucketize can_cast
    cartesian_prod cat cauchy ccol_indices ceil celu chalf channel_shuffle choose_qparams_optimized chunk
    clamp clamp_max clamp_min clip clone coalesce col2im col_indices column_stack combinations complex
    concat concatenate conj conj_physical constant_pad_nd contiguous copy copy_sparse_to_sparse copysign cos
    cosh cosine_embedding_loss cosine_similarity count_nonzero cpu cross cross_entropy_loss crow_indices
    ctc_loss cuda cudnn_batch_norm cudnn_grid_sampler cudnn_is_acceptable cummax
    cummin cumprod cumsum cumulative_trapezoid data deg2rad dense_dim dequantize detach diag diag_embed
    diagflat diagonal diagonal_scatter diff digamma dim dist div divide dropout dsplit dstack element_size
    elu embedding embedding_bag embedding_renorm empty empty_like empty_permuted empty_quantized
    empty_strided eq equal erf erfc erfinv exp exp2 expand expand_as expm1 exponential eye
    fbgemm_linear_quantize_weight fbgemm_pack_gemm_matrix_fp16 fbgemm_pack_quantized_matrix
    feature_alpha_dropout feature_dropout fft_fftfreq fft_fftshift fft_ifftshift fft_rfftfreq fill
    fill_diagonal fix flatten flatten_dense_tensors flip fliplr flipud float_power floor floor_divide
    floordiv fmax fmin fmod frac fractional_max_pool2d fractional_max_pool3d frexp frobenius_norm from_file
    full full_like fused_moving_avg_obs_fake_quant gather gcd ge gelu geometric ger get_device get_gradients
    glu glu_jvp grad gradient greater greater_equal grid_sampler grid_sampler_2d grid_sampler_3d group_norm
    gt hamming_window hann_window hardshrink hardsigmoid hardswish hardtanh hash_tensor heaviside
    hinge_embedding_loss histc histogram histogramdd hsplit hstack huber_loss hypot i0 igamma igammac im2col
    imag index index_add index_fill index_put index_reduce index_select indices instance_norm int_repr
    isclose isfinite isin isinf isnan isneginf isposinf isreal item kaiser_window kl_div kron kthvalue
    l1_loss layer_norm lcm ldexp le leaky_relu len lerp less less_equal lgamma lift lift_fresh
    linalg__powsum linalg_cross linalg_diagonal linalg_vander linalg_vector_norm linspace log
    log10 log1p log2 log_normal log_sigmoid log_sigmoid_forward log_softmax logaddexp logaddexp2
    logcumsumexp logical_and logical_not logical_or logical_xor logit logspace logsumexp lt lu_unpack mH mT
    margin_ranking_loss masked_fill masked_scatter masked_select matrix_H max max_pool1d
    max_pool1d_with_indices max_pool2d max_pool2d_with_indices max_pool3d max_pool3d_with_indices
    max_unpool2d max_unpool3d maximum mean median meshgrid min minimum miopen_batch_norm miopen_ctc_loss
    mish mkldnn_adaptive_avg_pool2d mkldnn_max_pool2d mkldnn_max_pool3d mkldnn_reorder_conv2d_weight
    mkldnn_reorder_conv3d_weight mode moveaxis movedim mse_loss msort mul multi_margin_loss
    multilabel_margin_loss multilabel_margin_loss_forward multinomial multiply mvlgamma nan_to_num nanmean
    nanmedian nanquantile nansum narrow native_batch_norm native_channel_shuffle native_dropout
    native_group_norm native_layer_norm native_norm ne neg negative nested_to_padded_tensor new_empty
    new_empty_strided new_full new_ones new_zeros nextafter nll_loss nll_loss2d nll_loss2d_forward
    nll_loss_forward nll_loss_nd nonzero nonzero_numpy nonzero_static norm norm_except_dim normal
    normal_functional not_equal numel numpy_T one_hot ones ones_like outer output_nr pad pad_sequence
    pairwise_distance permute pin_memory pixel_shuffle pixel_unshuffle poisson poisson_nll_loss polar
    polygamma positive pow powsum prelu prod promote_types put q_per_channel_axis q_per_channel_scales
    q_per_channel_zero_points q_scale q_zero_point qscheme quantile quantize_per_channel quantize_per_tensor
    quantize_per_tensor_dynamic quantized_batch_norm quantized_max_pool1d quantized_max_pool2d
    quantized_max_pool3d rad2deg rand rand_like randint randint_like randn randn_like random randperm range
    ravel real reciprocal record_stream reflection_pad1d reflection_pad2d reflection_pad3d relu relu6
    remainder renorm repeat repeat_interleave replication_pad1d replication_pad2d replication_pad3d
    requires_grad reshape reshape_as resize resize_as resize_as_sparse resolve_conj resolve_neg result_type
    retain_grad retains_grad rms_norm roll rot90 round row_indices row_stack rrelu rrelu_with_noise
    rrelu_with_noise_functional rsqrt rsub scalar_tensor scatter scatter_add scatter_reduce searchsorted
    segment_reduce select select_scatter selu set set_data sgn sigmoid sign signbit silu sin sinc sinh size
    slice slice_inverse slice_scatter smooth_l1_loss soft_margin_loss softmax softplus softshrink sort
    sparse_bsc_tensor sparse_bsr_tensor sparse_compressed_tensor sparse_coo_tensor sparse_csc_tensor
    sparse_csr_tensor sparse_dim sparse_mask sparse_resize sparse_resize_and_clear split split_with_sizes
    sqrt square squeeze stack std std_mean storage_offset stride sub subtract sum sum_to_size swapaxes
    swapdims t take take_along_dim tan tanh tensor tensor_split threshold tile to to_dense to_mkldnn
    to_padded_tensor to_sparse to_sparse_bsc to_sparse_bsr to_sparse_csc to_sparse_csr topk trace transpose
    trapezoid trapz tril tril_indices triplet_margin_loss triu triu_indices true_divide trunc type_as unbind
    unflatten unflatten_dense_tensors unfold uniform unique_consecutive unique_dim unique_dim_consecutive
    unsafe_chunk unsafe_split unsafe_split_with_sizes unsqueeze upsample_bicubic2d upsample_bilinear2d
    upsample_linear1d upsample_nearest1d upsample_nearest2d upsample_nearest3d upsample_trilinear3d values
    vander var var_mean view view_as view_as_complex view_as_real vsplit vstack warn where xlogy zero zeros
    zeros_like
"""
_WITHOUT = frozenset(_NAMES_WITHOUT.split())
"""Operators of torch that move, compare, draw, reduce, normalise, pool, interpolate, or work element by element.

Outer products (`outer`, `addr`, `kron`) are among them, since they sum nothing, and distances that multiply
nothing. By plain name: neither in place nor of several tensors at once, which do the same.
"""
_WITHOUT_BY_PREFIX = (
    "special_",  # functions of single elements
    "fake_quantize_",
    "is_",
    "sym_",
    "_amp_",
    "_assert",
    "_autocast",
    "_cast_",
    "_cufft_",
    "_fake_quantize_",
    "_functional_",
    "_fused_ad",  # steps of optimisers
    "_fused_sgd",
    "_histogramdd",
    "_nested_",
    "_philox_",
    "_sobol",
    "_test_",
    "_validate_",
)
_IN_TRACES = frozenset(
    ("mkldnn_convolution", "MMBatchSide", "MMTreeReduce", "PythonOp", "CallFunction", "CallMethod")
)
"""Nodes of a trace beside operators that may do arithmetic."""
_OTHERS = frozenset({"nms", "qnms", "roi_align", "roi_pool", "ps_roi_align", "ps_roi_pool"})
"""torchvision's operators that select or pool."""


@cache
def does_no_multiply_adds(name: str) -> bool:
    """Whether an operator (`aten::relu_`) does no multiply-adds by the convention; unknown ones may do some."""
    namespace, _, rest = name.partition("::")
    if namespace == "prim":
        return rest.partition(".")[0] not in _IN_TRACES
    if namespace == "profiler":  # marks of `record_function`, which `DataParallel` sets, too
        return True
    if namespace == "torchvision":
        return rest in _OTHERS
    plain = plain_name(rest)
    return namespace == "aten" and (plain in _WITHOUT or plain.startswith(_WITHOUT_BY_PREFIX))


def plain_name(name: str) -> str:
    """Name without the marks of in-place, list and copy variants: `add` for `_foreach_add_`."""
    if name.startswith("__"):
        return name
    plain = name.removeprefix("_foreach_").rstrip("_")
    copied = plain.removesuffix("_copy")
    return copied if copied in _WITHOUT else plain
