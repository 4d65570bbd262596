"""How weights see pictures, as libraries write it: read into one value, or refused in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.declare.preprocessing import IMAGENET_MEAN, IMAGENET_STD, Geometry, Preprocessing
from bench.errors import UsageError
from bench.learning.weights.configurations import of_timm, of_transformers, preprocessing_beside

HALF = (0.5, 0.5, 0.5)
NORMALISED: dict[str, Any] = {"image_mean": list(HALF), "image_std": list(HALF)}


def written(folder: Path, name: str, content: Any) -> None:
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))


def at(how: Preprocessing | None, resolution: int = 224) -> Geometry:
    assert how is not None
    return how.at(resolution)


class TestTransformers:
    @pytest.mark.parametrize(
        ("configuration", "expected"),
        [
            ({"size": {"height": 224, "width": 224}}, Geometry(224, 224, "bilinear", "squash")),
            ({"size": 224}, Geometry(224, 224, "bilinear", "squash")),
            ({"size": 384, "resample": 3}, Geometry(224, 224, "bicubic", "squash")),
            (
                {
                    "size": {"shortest_edge": 256},
                    "do_center_crop": True,
                    "crop_size": {"height": 224, "width": 224},
                },
                Geometry(224, 256),
            ),
            (
                {"size": 224, "do_center_crop": True, "crop_size": 224, "resample": 3},
                Geometry(224, 224, "bicubic"),
            ),
            ({"size": {"shortest_edge": 224}, "crop_pct": 0.875}, Geometry(224, 256)),
            ({"size": {"shortest_edge": 384}, "crop_pct": 0.875}, Geometry(224, 224, "bilinear", "squash")),
        ],
        ids=["vit", "old vit", "bicubic", "resnet", "clip", "convnext", "large convnext"],
    )
    def test_a_processor_s_sizes_are_read(self, configuration: dict[str, Any], expected: Geometry) -> None:
        assert expected == of_transformers({**NORMALISED, **configuration}, "hf").at(224)

    def test_a_processor_that_does_not_normalise_leaves_values_in_0_to_1(self) -> None:
        how = of_transformers({"size": 224, "do_normalize": False}, "hf")
        assert ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)) == (how.mean, how.std)

    @pytest.mark.parametrize(
        ("configuration", "said"),
        [
            ({"do_rescale": False}, "does not scale pixels"),
            ({"rescale_factor": 1 / 127.5}, "does not scale pixels"),
            ({"rescale_offset": True}, "shifts pixels"),
            ({"do_resize": False}, "does not resize"),
            ({"size": {"shortest_edge": 224}}, "not square"),
            ({"size": {"height": 224, "width": 112}}, "224 x 112, not square"),
        ],
    )
    def test_what_this_program_does_not_do_is_refused(self, configuration: dict[str, Any], said: str) -> None:
        with pytest.raises(ValueError, match=said):
            of_transformers({**NORMALISED, **configuration}, "hf")


class TestTimm:
    def test_what_a_configuration_leaves_out_is_what_timm_takes(self) -> None:
        how = of_timm({}, "timm")
        found = (how.mean, how.std, how.at(224))
        assert (IMAGENET_MEAN, IMAGENET_STD, Geometry(224, 256, "bicubic")) == found

    def test_a_border_has_the_colour_of_the_mean(self) -> None:
        how = of_timm({"crop_mode": "border", "mean": HALF, "std": HALF}, "timm")
        assert (128, 128, 128) == how.fill

    def test_a_way_to_cut_that_is_not_known_is_refused(self) -> None:
        with pytest.raises(ValueError, match="crop_mode 'smart' is none of center, squash, border"):
            of_timm({"crop_mode": "smart"}, "timm")


class TestBesideAFile:
    def test_a_file_of_its_own_says_it(self, tmp_path: Path) -> None:
        text = (
            'mean = [0.5, 0.5, 0.5]\nstd = [0.5, 0.5, 0.5]\nresize = 232\ncrop = 224\ninterpolation = "bicubic"\n'
        )
        written(tmp_path, "net.pt.toml", text)
        expected = Preprocessing(
            mean=HALF, std=HALF, resize=232, crop=224, interpolation="bicubic", said_by="net.pt.toml"
        )
        assert expected == preprocessing_beside(tmp_path / "net.pt")

    def test_a_crop_may_be_a_share(self, tmp_path: Path) -> None:
        written(tmp_path, "net.pt.toml", "crop = 0.95\n")
        assert 134 == at(preprocessing_beside(tmp_path / "net.pt"), 128).resized

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("colours = 3\n", "has 'colours', where there are mean, std, resize, crop, interpolation, fit, fill"),
            ("mean = [0.5]\nstd = [0.5, 0.5]\n", "std must be as many numbers as mean"),
            ("mean = [0.5]\n", "mean must be given together with std"),
            ("mean = [0.5]\nstd = [0.0]\n", "std must be above 0"),
            ("resize = 256\n", "resize must be given together with crop"),
            ('interpolation = "cubic"\n', "interpolation must be nearest or box or bilinear"),
            ("mean = [", "does not say how pictures are made ready"),
        ],
    )
    def test_what_is_wrong_with_it_is_one_line(self, tmp_path: Path, text: str, said: str) -> None:
        written(tmp_path, "net.pt.toml", text)
        with pytest.raises(UsageError, match=said) as raised:
            preprocessing_beside(tmp_path / "net.pt")
        assert 1 == len(str(raised.value).splitlines())

    def test_timm_s_configuration_on_the_hub_says_it(self, tmp_path: Path) -> None:
        written(tmp_path, "config.json", {"architecture": "net", "pretrained_cfg": {"crop_pct": 0.9}})
        assert 248 == at(preprocessing_beside(tmp_path / "model.safetensors")).resized

    def test_the_processor_of_transformers_says_it(self, tmp_path: Path) -> None:
        written(tmp_path, "config.json", {"model_type": "vit"})
        written(tmp_path, "preprocessor_config.json", {**NORMALISED, "size": 224})
        assert "squash" == at(preprocessing_beside(tmp_path / "model.safetensors")).fit

    def test_a_configuration_of_the_network_alone_says_nothing(self, tmp_path: Path) -> None:
        written(tmp_path, "config.json", {"model_type": "vit"})
        assert preprocessing_beside(tmp_path / "model.safetensors") is None

    def test_a_configuration_of_the_folder_is_not_that_of_one_file_among_several(self, tmp_path: Path) -> None:
        written(tmp_path, "config.json", {"pretrained_cfg": {"crop_pct": 0.9}})
        for name in ("first.pt", "second.pt"):
            written(tmp_path, name, "weights")
        assert preprocessing_beside(tmp_path / "first.pt") is None

    def test_a_configuration_beside_a_single_file_says_it(self, tmp_path: Path) -> None:
        written(tmp_path, "config.json", {"pretrained_cfg": {"crop_pct": 0.9}})
        written(tmp_path, "first.pt", "weights")
        assert 248 == at(preprocessing_beside(tmp_path / "first.pt")).resized

    @pytest.mark.parametrize("content", ["[1]", "{", '{"size": 224}'])
    def test_a_configuration_that_cannot_be_read_is_one_line_with_the_way_out(
        self, tmp_path: Path, content: str
    ) -> None:
        written(tmp_path, "preprocessor_config.json", content)
        with pytest.raises(UsageError, match=r"'model\.pt\.toml' beside it would"):
            preprocessing_beside(tmp_path / "model.pt")

    def test_beside_it_there_may_be_nothing(self, tmp_path: Path) -> None:
        assert preprocessing_beside(tmp_path / "net.pt") is None
