"""Image classifiers of transformers: by their kind, or as a repository in the hub's cache has them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from bench.cli.main import main
from bench.declare.artifact import Shelf
from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.declare.preprocessing import Preprocessing
from bench.errors import Exit, UnknownName, Unsupported, UsageError
from bench.lazy import load
from bench.learning.data.images import Stored
from bench.learning.weights.files import forget_digests
from bench.learning.weights.preprocessing import forget_preprocessing, preprocessing_of
from bench.learning.weights.sources import Initial, Origin, fetch_weights, initial_model
from bench.network.building import build_untouched
from suites import transformers_models
from suites.transformers_models import hf
from tests.suites import hub

load("torchvision")

REPOSITORY = "somebody/small-resnet"
NAME = f"hf/{REPOSITORY}"
PROCESSOR = {
    "do_resize": True,
    "size": {"shortest_edge": 36},
    "do_center_crop": True,
    "crop_size": {"height": 32, "width": 32},
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.1, 0.2, 0.3],
    "image_std": [0.5, 0.5, 0.5],
    "resample": 3,
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    load_catalogs()
    forget_preprocessing()
    forget_digests()
    ARCHITECTURES._derived.clear()
    pytest.importorskip("huggingface_hub")
    hub.use(tmp_path, monkeypatch)
    return tmp_path


@pytest.fixture
def transformers() -> Any:
    return pytest.importorskip("transformers")


def kept(
    home: Path, transformers: Any, *, processor: bool = True, classes: int = 5, headless: bool = False
) -> Any:
    """Put a small ResNet into the cache, as transformers writes it; returns the model."""
    configuration = transformers.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic", num_labels=classes
    )
    torch.manual_seed(3)
    model = transformers.ResNetForImageClassification(configuration)

    def write(folder: Path) -> None:
        (model.resnet if headless else model).save_pretrained(folder)
        if processor:
            (folder / "preprocessor_config.json").write_text(json.dumps(PROCESSOR))

    hub.lay_out(home, REPOSITORY, write)
    return model


def started() -> Initial:
    architecture = ARCHITECTURES.get(NAME)
    stored = Stored(torch.zeros(6, 3, 8, 8, dtype=torch.uint8), *(torch.zeros(6, dtype=torch.int64),) * 3)
    origin = Origin(architecture, "pretrained", 0, preprocessing_of(architecture, "pretrained"))
    return initial_model(origin, stored, 10, Shelf(Path("nowhere")))


def same(model: torch.nn.Module, other: torch.nn.Module) -> bool:
    state = other.state_dict()
    return all(value.equal(state[name]) for name, value in model.state_dict().items())


def test_where_transformers_is_not_installed_the_extra_to_install_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(UsageError, match=r"need the package transformers: pip install 'evobench\[hf\]'$"):
        hf("vit")


def test_a_kind_has_its_usual_configuration_and_the_classes_that_are_asked_for(transformers: Any) -> None:
    item = ARCHITECTURES.get("hf/mobilenet_v2")
    model = build_untouched(item.build, 7)
    assert (224, (7, 1280)) == (item.resolution, tuple(model.get_parameter("classifier.weight").shape))


def test_a_kind_has_no_weights_and_says_where_there_are_some(transformers: Any) -> None:
    with pytest.raises(Unsupported, match=r"^hf/vit is a kind of network: weights have hf/ORGANISATION/NAME$"):
        fetch_weights(ARCHITECTURES.get("hf/vit"))


def test_a_misspelt_kind_gets_the_nearest_one(transformers: Any) -> None:
    with pytest.raises(UnknownName, match="did you mean 'convnextv2'"):
        hf("convnetv2")


def test_a_repository_that_is_not_here_is_said_with_the_option_that_fetches_it(transformers: Any) -> None:
    with pytest.raises(UsageError, match=r"^the configuration of 'some/body' is not in '.*hub': .*--download"):
        hf("some/body")


def test_where_the_hub_is_forbidden_no_configuration_is_fetched(transformers: Any) -> None:
    with pytest.raises(UsageError, match=r"^HF_HUB_OFFLINE is set"):
        ARCHITECTURES.fetch(NAME)


def test_weights_of_a_repository_are_loaded_with_their_own_classes(home: Path, transformers: Any) -> None:
    assert same(kept(home, transformers), started().model)


def test_a_record_says_repository_and_revision(home: Path, transformers: Any) -> None:
    kept(home, transformers)
    notes = started().notes
    expected = ("transformers", REPOSITORY, hub.COMMIT, "model.safetensors")
    assert expected == tuple(notes[key] for key in ("source", "repository", "revision", "file"))


def test_pictures_are_made_ready_as_the_image_processor_says(home: Path, transformers: Any) -> None:
    kept(home, transformers)
    expected = Preprocessing(
        mean=(0.1, 0.2, 0.3),
        std=(0.5, 0.5, 0.5),
        resize=36,
        crop=32,
        interpolation="bicubic",
        said_by=f"{REPOSITORY}, preprocessor_config.json",
    )
    assert expected == preprocessing_of(ARCHITECTURES.get(NAME), "pretrained")


def test_weights_without_an_image_processor_are_refused(home: Path, transformers: Any) -> None:
    kept(home, transformers, processor=False)
    with pytest.raises(Unsupported, match=r"see pictures is not clear: preprocessor_config\.json is not in "):
        started()


def test_a_network_without_a_head_gets_a_random_one(home: Path, transformers: Any) -> None:
    model = kept(home, transformers, headless=True)
    assert same(model.resnet, started().model.get_submodule("resnet"))


def test_files_that_lack_a_part_of_the_network_are_refused(home: Path, transformers: Any) -> None:
    from safetensors.torch import load_file, save_file

    kept(home, transformers)
    file = next((home / "hub").rglob("model.safetensors"))
    state = load_file(file)
    save_file({k: v for k, v in state.items() if "stages.1" not in k}, file, {"format": "pt"})
    with pytest.raises(ValueError, match=r"^the files of somebody/small-resnet lack 'resnet\.encoder\.stages\.1"):
        started()


def test_a_repository_in_the_cache_is_listed_and_shown(
    home: Path, transformers: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(home, transformers)
    assert Exit.OK == main(["list", "architectures", "--grep", "small-resnet", "--format", "json"])
    assert [NAME] == [row["name"] for row in json.loads(capsys.readouterr().out)]
    shown = main(
        ["show-model", NAME, "--resolution", "32", "--format", "json", "--store", str(tmp_path / "x.sqlite")]
    )
    assert Exit.OK == shown
    assert "resnet.embedder.embedder.convolution" in {r["layer"] for r in json.loads(capsys.readouterr().out)}


def said(home: Path, **configuration: Any) -> None:
    """Put a repository into the cache that has a configuration alone."""
    hub.lay_out(
        home, REPOSITORY, lambda folder: (folder / "config.json").write_text(json.dumps(configuration)) and None
    )


@pytest.mark.parametrize("key", ["_attn_implementation", "attn_implementation", "_experts_implementation"])
@pytest.mark.parametrize("kind", ["siglip_vision_model", None])
def test_a_kernel_that_a_configuration_names_is_neither_fetched_nor_run(
    home: Path, transformers: Any, key: str, kind: str | None
) -> None:
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    part = {**sizes, "image_size": 8, "patch_size": 4, key: "somebody/kernel"}
    if kind is None:
        said(home, model_type="vit", **part)
    else:
        said(home, model_type="siglip", vision_config={"model_type": kind, **part})
    assert "somebody/kernel" not in {
        getattr(module.config, "_attn_implementation", None)
        for module in build_untouched(hf(REPOSITORY).build, 2).modules()
        if hasattr(module, "config")
    }


def test_only_files_of_weights_are_fetched(home: Path, transformers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub
    from huggingface_hub import constants

    kept(home, transformers)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    asked: list[str] = []

    def download(_: str, file: str) -> str:
        asked.append(file)
        return str(next((home / "hub").rglob("snapshots")) / hub.COMMIT / file)

    monkeypatch.setattr(huggingface_hub, "file_exists", lambda _, file: file == "model.safetensors")
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    (cached,) = (kept.cached for kept in hf(REPOSITORY).pretrained if kept.cached)
    cached.fetch()
    assert ["model.safetensors"] == asked


@pytest.mark.parametrize(
    "folder", ["models--a--b--c", "models--", "models--..--..--x", "models--a b--c", "models--a--\x1b[31mred"]
)
def test_what_no_repository_is_called_hides_no_other_in_the_cache(
    home: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setattr(transformers_models, "_kinds", lambda: {"resnet": "ResNet"})
    for name, text in {REPOSITORY: '{"model_type": "resnet"}', "a/list": "[1]", "a/cut": "{"}.items():
        lay_out_texts(home, name, {"config.json": text, "model.safetensors": ""})
    strange = home / "hub" / folder / "snapshots" / hub.COMMIT
    strange.mkdir(parents=True)
    (strange / "model.safetensors").touch()
    assert ["resnet", REPOSITORY] == transformers_models.names()


def lay_out_texts(home: Path, name: str, files: dict[str, str]) -> None:
    hub.lay_out(home, name, lambda folder: [(folder / file).write_text(text) for file, text in files.items()])
