"""Configurations of transformers' networks from elsewhere name no code; transformers itself is not needed here."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bench.errors import UsageError
from suites.transformers_configurations import Configured, configured

USUAL = {
    "model_type": "vit",
    "dtype": None,
    "hidden_size": 768,
    "part": {"model_type": "inner", "depth": 12},
    "id2label": {},
}


class Usual:
    """Stands for the configuration of a kind."""

    def __init__(self) -> None:
        self.attribute_map = {"width": "hidden_size"}

    def to_dict(self) -> dict[str, Any]:
        return USUAL

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> dict[str, Any]:
        return content


LIBRARY = SimpleNamespace(AutoConfig=SimpleNamespace(for_model=lambda _: Usual()))


def read(**content: Any) -> Configured:
    return configured(LIBRARY, "some/body", content, {"vit": "", "timm_wrapper": ""})


def test_a_kind_of_the_repositorys_own_code_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^'some/body' is of kind theirs, which classifies no images$"):
        read(model_type="theirs", auto_map={"AutoConfig": "theirs.Configuration"})


def test_a_model_of_timm_is_refused_since_it_may_name_any_file() -> None:
    with pytest.raises(
        UsageError, match=r"^'some/body' is a model of timm, which may name any file or repository"
    ):
        read(model_type="timm_wrapper", model_args={"checkpoint_path": "/somewhere"})


@pytest.mark.parametrize(
    "key", ["auto_map", "transformers_weights", "_attn_implementation", "attn_implementation"]
)
def test_what_the_usual_configuration_lacks_is_left_out(key: str) -> None:
    inner = {"model_type": "inner", "depth": 1, key: "some/kernel"}
    expected = {"model_type": "vit", "width": 8, "part": {"model_type": "inner", "depth": 1}}
    assert expected == read(model_type="vit", width=8, part=inner, **{key: "some/kernel"}).configuration


def test_names_of_classes_are_kept() -> None:
    expected = {"model_type": "vit", "id2label": {"0": "cat"}}
    assert expected == read(model_type="vit", id2label={"0": "cat"}).configuration


def test_the_precision_is_the_cells() -> None:
    assert {"model_type": "vit"} == read(model_type="vit", dtype="float16").configuration


def test_settings_that_the_usual_configuration_lacks_are_named() -> None:
    inner = {"model_type": "inner", "window": 3}
    assert ("path_norm", "part.window") == read(model_type="vit", path_norm=True, part=inner).left_out


@pytest.mark.parametrize("key", ["auto_map", "_attn_implementation", "torch_dtype"])
def test_what_no_network_depends_on_is_not_named(key: str) -> None:
    assert "" == read(model_type="vit", **{key: "some/kernel"}).remark


def test_a_remark_names_the_first_five() -> None:
    remark = read(model_type="vit", **dict.fromkeys("abcdef", 1)).remark
    assert (
        " Left out of its configuration, as the installed version does not know it: a, b, c, d, e and 1 more."
        == remark
    )
