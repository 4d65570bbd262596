"""Weights that timm ships: loaded by timm itself from the caches, never fetched unasked, told of in records."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from bench.cell import Cell, Learning
from bench.cli.main import main
from bench.declare.artifact import Shelf
from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.errors import Exit, UnknownName, Unsupported, UsageError
from bench.lazy import load
from bench.learning.artifacts import needs_of
from bench.learning.data.images import Stored
from bench.learning.weights.files import forget_digests
from bench.learning.weights.preprocessing import forget_preprocessing, preprocessing_of
from bench.learning.weights.sources import Initial, Origin, fetch_weights, initial_model
from bench.run.kept import cell_code
from bench.store.database import Store
from tests.suites import hub

load("torchvision")
import timm  # noqa: E402 - it imports torchvision, whose operators must be repaired first

NAME = "test_resnet.r160_in1k"
PICTURE = torch.linspace(-1, 1, 3 * 64 * 64).reshape(1, 3, 64, 64)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    load_catalogs()
    forget_preprocessing()
    forget_digests()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    hub.use(tmp_path, monkeypatch)
    return tmp_path


def other_weights(name: str, **options: Any) -> dict[str, torch.Tensor]:
    """Of a model of timm, none of them as it begins."""
    torch.manual_seed(5)
    state: dict[str, torch.Tensor] = timm.create_model(name, **options).state_dict()
    return {
        key: value + 0.01 * torch.rand_like(value) if value.is_floating_point() else value
        for key, value in state.items()
    }


def kept(home: Path, name: str = NAME, commit: str = hub.COMMIT, **options: Any) -> dict[str, torch.Tensor]:
    """Put such weights into the cache of the hub."""
    state = other_weights(name, **options)
    hub.lay_out(home, f"timm/{name}", lambda folder: save_file(state, folder / "model.safetensors"), commit)
    return state


def started(weights: str = "pretrained", name: str = NAME) -> Initial:
    architecture = ARCHITECTURES.get(f"timm/{name}")
    stored = Stored(torch.zeros(6, 3, 8, 8, dtype=torch.uint8), *(torch.zeros(6, dtype=torch.int64),) * 3)
    origin = Origin(architecture, weights, 0, preprocessing_of(architecture, weights))
    return initial_model(origin, stored, 10, Shelf(Path("nowhere")))


def same(state: dict[str, torch.Tensor], model: torch.nn.Module) -> bool:
    own = model.state_dict()
    return own.keys() == state.keys() and all(own[key].equal(value) for key, value in state.items())


def cell_of(weights: str = "pretrained", name: str = NAME) -> Cell:
    scenario = Learning(
        weights=weights,
        target="uci-digits",
        mode="features+softmax",
        augmentation="none",
        resolution=32,
        shots=2,
        steps=1,
        batch=4,
        lr=0.1,
    )
    return Cell(f"timm/{name}", "top1", scenario)


def test_weights_in_the_cache_of_the_hub_are_loaded(home: Path) -> None:
    assert same(kept(home), started().model)


def test_a_record_says_where_the_weights_are_from(home: Path) -> None:
    kept(home)
    expected = {
        "source": "timm",
        "licence": "apache-2.0",
        "tag": "r160_in1k",
        "repository": f"timm/{NAME}",
        "revision": hub.COMMIT,
        "file": "model.safetensors",
    }
    assert expected == started().notes


def test_a_name_without_a_tag_means_the_weights_that_timm_takes_by_itself(home: Path) -> None:
    kept(home)
    assert "r160_in1k" == started(name="test_resnet").notes["tag"]


def test_another_tag_has_its_own_preprocessing() -> None:
    names = ("timm/convnext_nano.d1h_in1k", "timm/convnext_nano.in12k_ft_in1k")
    found = [preprocessing_of(ARCHITECTURES.get(name), "pretrained") for name in names]
    assert names == tuple(how.said_by.replace("timm ", "timm/") for how in found)


def test_a_tag_that_there_is_not_gets_those_that_there_are() -> None:
    with pytest.raises(UnknownName, match=r"^unknown tag of timm's test_resnet 'x'; there are r160_in1k$"):
        ARCHITECTURES.get("timm/test_resnet.x")


def test_weights_that_are_not_here_are_said_with_the_option_that_fetches_them() -> None:
    with pytest.raises(
        Unsupported, match=r"^the weights of timm/test_resnet\S+ are not in '.*hub': .* --download$"
    ):
        started()


def test_where_the_hub_is_forbidden_nothing_is_fetched() -> None:
    with pytest.raises(Unsupported, match=r"^HF_HUB_OFFLINE is set, so that nothing is fetched$"):
        fetch_weights(ARCHITECTURES.get(f"timm/{NAME}"))


def test_what_is_here_is_not_fetched_again(home: Path) -> None:
    kept(home)
    found = fetch_weights(ARCHITECTURES.get(f"timm/{NAME}"))
    assert found is not None
    assert "model.safetensors" == found.name


def test_timm_itself_is_asked_to_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    asked = []
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(timm, "create_model", lambda name, **options: asked.append((name, options)))
    fetch_weights(ARCHITECTURES.get(f"timm/{NAME}"))
    assert [(NAME, {"pretrained": True})] == asked


def test_a_model_without_weights_says_so() -> None:
    with pytest.raises(Unsupported, match=r"^timm ships no weights for timm/test_vit4$"):
        started(name="test_vit4")


def test_weights_that_have_no_repository_are_looked_for_where_torch_keeps_files(home: Path) -> None:
    name = "legacy_seresnet18.in1k"
    url = timm.get_pretrained_cfg(name).to_dict()["url"]  # type: ignore[union-attr]
    state = other_weights(name)
    folder = home / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    torch.save(state, folder / Path(url).name)
    found = started(name=name)
    assert same(state, found.model)
    assert url == found.notes["url"]


def test_another_revision_makes_kept_figures_and_features_stale(home: Path) -> None:
    found = []
    for commit in (hub.COMMIT, hub.COMMIT[::-1]):
        kept(home, commit=commit)
        needs = needs_of(cell_of())
        found.append((cell_code(cell_of()), needs.features and needs.features.key))
    assert (True, True) == tuple(first != second for first, second in zip(*found, strict=True))


def test_a_file_of_another_network_is_refused(home: Path) -> None:
    state = other_weights("test_convnext")
    hub.lay_out(home, f"timm/{NAME}", lambda folder: save_file(state, folder / "model.safetensors"))
    with pytest.raises((RuntimeError, ValueError)):
        started()


def test_a_file_that_would_run_something_is_refused(home: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
            return print, ("run",)

    hub.lay_out(home, f"timm/{NAME}", lambda folder: torch.save({"x": Evil()}, folder / "pytorch_model.bin"))
    with pytest.raises(UsageError, match=r"holds more than tensors: loading it would run builtins\.print"):
        started()


@pytest.mark.slow
def test_features_without_a_head_are_loaded_whole(home: Path) -> None:
    name = "vit_small_patch14_dinov2.lvd142m"
    state = kept(home, name, num_classes=0)
    found = started(name=name)
    own = found.model.state_dict()
    assert ["head.bias", "head.weight"] == sorted(own.keys() - state.keys())
    assert all(own[key].equal(value) for key, value in state.items())
    assert "none: they give features alone" == found.notes["head"]


@pytest.mark.parametrize("named", ["mine", "mine/model.safetensors"])
def test_a_folder_as_the_hub_has_it_is_a_file_of_weights_with_its_preprocessing(
    tmp_path: Path, named: str
) -> None:
    state = other_weights("test_resnet")
    folder = tmp_path / "mine"
    folder.mkdir()
    save_file(state, folder / "model.safetensors")
    configuration = {"mean": [0.1, 0.2, 0.3], "std": [0.5, 0.5, 0.5], "crop_pct": 0.9, "crop_mode": "squash"}
    (folder / "config.json").write_text(json.dumps({"architecture": "x", "pretrained_cfg": configuration}))
    weights = f"file:{tmp_path / named}"
    how = preprocessing_of(ARCHITECTURES.get("timm/test_resnet"), weights)
    assert ((0.1, 0.2, 0.3), "squash") == (how.mean, how.fit)
    assert same(state, started(weights, "test_resnet").model)


def run(store: Path, *options: str) -> int:
    learning = (
        "--target",
        "uci-digits",
        "--shots",
        "2",
        "--seeds",
        "1",
        "--mode",
        "features+svm",
        "--measure",
        "top1",
    )
    return main(["run", "--store", str(store), "--no-report", "--resolution", "32", *learning, *options])


@pytest.mark.slow
def test_pretrained_is_what_each_library_ships(tmp_path: Path, home: Path) -> None:
    kept(home)
    store = tmp_path / "runs.sqlite"
    names = f"timm/{NAME},efficientnet_lite0,resnet18"
    assert Exit.OK == run(store, "--weights", "pretrained", "--arch", names)
    with Store.open(store) as found:
        run_id = found.run("latest").id
        rows = {row.cell_key: row for row in found.records(run_id)}
        outcomes = {
            (cell.cell.architecture, cell.cell.scenario.weights, rows[cell.cell.key].status)
            for cell in found.cells(run_id)
            if isinstance(cell.cell.scenario, Learning)
        }
    expected = {
        (f"timm/{NAME}", "pretrained", "ok"),
        ("efficientnet_lite0", "imagenet-lite", "ok"),
        ("resnet18", "imagenet", "unsupported"),
    }
    assert expected == outcomes


def test_a_dry_run_says_which_weights_are_here(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(home)
    names = f"timm/{NAME},timm/test_vit,resnet18,efficientnet_lite0"
    assert Exit.OK == run(tmp_path / "runs.sqlite", "--dry-run", "--weights", "pretrained", "--arch", names)
    said = [line for line in capsys.readouterr().err.splitlines() if "weights '" in line]
    file = home / "hub" / "models--timm--test_resnet.r160_in1k" / "snapshots" / hub.COMMIT / "model.safetensors"
    absent = (
        "missing: weights 'pretrained' of timm/test_vit (--download fetches them into their library's cache); "
        "weights 'imagenet' of resnet18 (--download fetches them into their library's cache)"
    )
    assert [f"weights 'pretrained' of timm/{NAME}: {file}", absent] == [
        said[0],
        *(line.partition("; ")[2] for line in said[1:]),
    ]


def test_the_doctor_lists_what_is_in_the_caches(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(home)
    main(["doctor", "--format", "json", "--store", str(tmp_path / "runs.sqlite")])
    rows = {row["what"]: row["found"] for row in json.loads(capsys.readouterr().out)}
    assert f"1 kept in {home / 'hub'}: timm/{NAME}" == rows["weights of the Hugging Face hub"].partition(";")[0]
