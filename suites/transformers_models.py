"""The image classifiers of transformers, where it is installed: `hf/ORGANISATION/NAME`, or a kind, `hf/KIND`."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.declare.catalog import source
from bench.declare.declarations import Architecture
from bench.declare.preprocessing import DEFAULT, Cached, Preprocessing, Pretrained
from bench.declare.registry import place_of
from bench.errors import UnknownName, Unsupported, UsageError
from bench.foreign import from_json, read_text
from bench.lazy import lazy, load
from bench.learning.weights.checkpoints.forms import IN_FOLDERS, files_at
from bench.learning.weights.configurations import of_transformers
from bench.learning.weights.files import check_weights_file
from bench.learning.weights.hub import HubRepository, cache, is_offline, kept_models
from bench.learning.weights.shipped import PRETRAINED
from suites.transformers_configurations import configured

if TYPE_CHECKING:
    from torch import nn

huggingface_hub = lazy("huggingface_hub")
torch = lazy("torch")

CONFIGURATION, PROCESSOR = "config.json", "preprocessor_config.json"
SIDE = 224
"""Image side for kinds of models whose configuration gives no size."""


def names() -> list[str]:
    """The kinds, and the repositories in the hub's cache that are of one of them.

    Raises:
        UsageError: transformers is not installed.
    """
    kinds = _kinds()
    return [*sorted(kinds), *(name for name in kept_models() if _kind_of(name) in kinds)]


def fetch(name: str) -> None:
    """Download the configurations of a repository.

    Raises:
        UsageError: that is not allowed, or did not succeed.
    """
    if name in _kinds() or HubRepository(name).kept(CONFIGURATION):
        return
    if is_offline():
        raise UsageError(f"HF_HUB_OFFLINE is set, so that the configuration of '{name}' is not fetched")
    try:
        huggingface_hub.hf_hub_download(name, CONFIGURATION)
        if huggingface_hub.file_exists(name, PROCESSOR):
            huggingface_hub.hf_hub_download(name, PROCESSOR)
    except (OSError, ValueError) as error:
        why = next(iter(str(error).splitlines()), type(error).__name__)
        raise UsageError(f"the configuration of '{name}' was not had from the hub: {why}") from error


@source(name="hf", names=names, fetch=fetch)
def hf(name: str) -> Architecture:
    """Any image classifier of transformers, as a repository or the usual configuration of its kind has it.

    Raises:
        UnknownName: there is no such kind, and no such repository in the cache.
        UsageError: transformers is not installed, or the configuration of a repository is not here.
    """
    kinds = _kinds()
    library = _library()
    if name in kinds:
        configuration, repository, remark = library.AutoConfig.for_model(name), None, ""
    else:
        repository = HubRepository(name)
        its = configured(library, name, _json(_configuration_of(name, kinds)), kinds)
        configuration, remark = its.configuration, its.remark
    form = kinds[configuration.model_type]
    if not isinstance(form, str) and not configuration.architectures:  # several: the first is the plain one
        configuration.architectures = [form[0]]
    kept = _KeptByHub(name, repository, configuration)
    side = _side(configuration)
    return Architecture(
        name=f"hf/{name}",
        build=partial(_build, configuration),
        family="transformers",
        # transformers does not tell when a model was published
        year=None,
        paper=f"transformers {library.__version__}",
        idea=f"transformers' {name}.{remark}",
        resolution=side,
        min_resolution=1,
        channels=_of_vision(configuration, "num_channels", 3),
        published=(),
        lecture=False,
        tags=("transformers",),
        reduced_of="",
        head="",
        upper=(),
        pretrained=(kept.declaration(side),),
        place=place_of(hf),
    )


class _KeptByHub:
    """Weights of a repository in the cache of the hub."""

    def __init__(self, name: str, repository: HubRepository | None, configuration: Any) -> None:
        self._name = name
        self._repository = repository
        self._configuration = configuration
        self._preprocessing, self._unclear = _preprocessing(repository)

    def declaration(self, side: int) -> Pretrained:
        """Declaration of the weights for the harness."""
        return Pretrained(
            source=PRETRAINED,
            load=self.state,
            preprocessing=self._preprocessing,
            resolution=side,
            package="transformers",
            licence="told by the repository",
            classes=self._configuration.num_labels,
            cached=Cached(file=self.file, fetch=self.fetch, about=self.about),
        )

    def file(self) -> Path | None:
        """Path of the weights, or of the list of the files that hold them."""
        return self._repository.kept(*IN_FOLDERS) if self._repository else None

    def about(self) -> dict[str, Any]:
        """Repository and revision of what is here."""
        file = self.file()
        return self._repository.about(file) if self._repository and file else {}

    def fetch(self) -> None:
        """Download them, and nothing else of the repository.

        Raises:
            Unsupported: a kind has none, `HF_HUB_OFFLINE` is set, or the repository has none.
        """
        name = self._require().name
        if is_offline():
            raise Unsupported("HF_HUB_OFFLINE is set, so that nothing is fetched")
        held = next((file for file in IN_FOLDERS if huggingface_hub.file_exists(name, file)), None)
        if held is None:
            raise Unsupported(f"the repository '{name}' has none of {', '.join(IN_FOLDERS)}")
        for file in files_at(Path(huggingface_hub.hf_hub_download(name, held)))[1:]:
            huggingface_hub.hf_hub_download(name, file.name)

    def state(self) -> dict[str, Any]:
        """The state dict of transformers' model after it has loaded its files; a head that they lack is random.

        Raises:
            Unsupported: they are not on this machine, or nothing says how they see pictures.
            UsageError: a file would run code.
            ValueError: the files lack more than the head.
        """
        repository = self._require()
        file = self.file()
        if file is None:
            raise Unsupported(
                f"the weights of hf/{self._name} are not in '{cache()}': ask for them with --download"
            )
        if self._unclear:
            raise Unsupported(f"how the weights of hf/{self._name} see pictures is not clear: {self._unclear}")
        check_weights_file(f"file:{file}")
        for part in files_at(file):
            repository.verify(part)
        from bench.learning.weights.checkpoints.reading import read_content

        with torch.device("meta"):
            form: Any = type(_build(self._configuration, self._configuration.num_labels))
        # not from the folder, in which transformers would look for further files, such as those of adapters
        model, told = form.from_pretrained(
            None, config=self._configuration, state_dict=read_content(file), output_loading_info=True
        )
        lacking = sorted({*told["missing_keys"], *map(str, told["mismatched_keys"])})
        if other := [name for name in lacking if not _is_of_head(model, name)]:
            raise ValueError(f"the files of {repository.name} lack '{other[0]}'")
        state: dict[str, Any] = model.state_dict()
        return state

    def _require(self) -> HubRepository:
        if self._repository is None:
            raise Unsupported(f"hf/{self._name} is a kind of network: weights have hf/ORGANISATION/NAME")
        return self._repository


def _is_of_head(model: nn.Module, name: str) -> bool:
    """Whether a tensor is outside the network that transformers calls the base of a classifier."""
    base = str(model.base_model_prefix)
    return hasattr(model, base) and not name.startswith(f"{base}.")


def _preprocessing(repository: HubRepository | None) -> tuple[Preprocessing, str]:
    """How the weights see pictures, and, where that is unclear, why."""
    unknown = Preprocessing(said_by=f"{DEFAULT}: there are no such weights")
    if repository is None:
        return unknown, ""
    file = repository.kept(PROCESSOR)
    if file is None:
        return unknown, f"{PROCESSOR} is not in '{cache()}'"
    try:
        return of_transformers(_json(file), f"{repository.name}, {PROCESSOR}"), ""
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        return unknown, f"{PROCESSOR} lacks {error}" if isinstance(error, KeyError) else str(error)


def _configuration_of(name: str, kinds: Mapping[str, Any]) -> Path:
    """The file with the configuration of a repository in the cache."""
    if file := HubRepository(name).kept(CONFIGURATION):
        return file
    if "/" not in name:
        raise UnknownName("kind of transformers", name, (*kinds, "ORGANISATION/NAME"))
    raise UsageError(f"the configuration of '{name}' is not in '{cache()}': run with --download fetches it")


def _kind_of(name: str) -> str:
    """Kind of a repository in the cache; empty where its configuration is not there, or damaged."""
    file = HubRepository(name).kept(CONFIGURATION)
    try:
        return str(_json(file).get("model_type", "")) if file else ""
    except (OSError, ValueError):
        return ""


def _json(file: Path) -> dict[str, Any]:
    content = from_json(read_text(file))
    if not isinstance(content, dict):
        raise ValueError(f"'{file.name}' is not an object")
    return content


def _side(configuration: Any) -> int:
    size = _of_vision(configuration, "image_size", SIDE)
    return int(max(size) if isinstance(size, list | tuple) else size)


def _of_vision(configuration: Any, name: str, default: Any) -> Any:
    """What a configuration says about pictures: by itself, or in the part about them."""
    parts = (configuration, getattr(configuration, "vision_config", None))
    found = (getattr(part, name, None) for part in parts)
    return next((value for value in found if value is not None), default)


def _build(configuration: Any, num_classes: int) -> nn.Module:
    own = deepcopy(configuration)
    own.num_labels = num_classes
    model: nn.Module = _library().AutoModelForImageClassification.from_config(own)
    return model


def _kinds() -> Mapping[str, Any]:
    """Kinds of image classifiers with their classes' names; of some kinds there are several."""
    _library()
    found = load("transformers.models.auto.modeling_auto")
    kinds: Mapping[str, Any] = found.MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES
    return kinds


def _library() -> Any:
    load("torchvision")  # which transformers imports: it must be repaired first where torch is a CPU build
    try:
        import transformers as library
    except ModuleNotFoundError as error:
        raise UsageError(
            "models of transformers need the package transformers: pip install 'evobench[hf]'"
        ) from error
    return library
