"""The models of timm, where it is installed: `timm/NAME` or `timm/NAME.TAG` names any of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.declare.catalog import source
from bench.declare.declarations import Architecture
from bench.declare.preprocessing import Cached, Pretrained
from bench.declare.registry import place_of
from bench.errors import UnknownName, Unsupported, UsageError
from bench.lazy import load
from bench.learning.weights.configurations import of_timm
from bench.learning.weights.files import check_weights_file
from bench.learning.weights.hub import HubRepository, cache, is_offline
from bench.learning.weights.shipped import PRETRAINED

if TYPE_CHECKING:
    from torch import nn

_OF_NUMPY = ".npz"
"""End of the names of files of arrays, which hold no code; whatever else is called, torch reads."""
USUAL_FILE = "pytorch_model.bin"
"""File that timm asks the hub for where its configuration names none; it prefers a file of safetensors."""


def names() -> list[str]:
    """Names of all timm models, with all their weights.

    Raises:
        UsageError: timm is not installed.
    """
    library = _library()
    return sorted({*library.list_models(), *library.list_pretrained()})


@source(name="timm", names=names)
def timm(name: str) -> Architecture:
    """Any model of timm (PyTorch Image Models), at the input size of its configuration.

    Without a tag the weights are those that timm takes by itself.

    Raises:
        UnknownName: timm has no such model, or the model no weights of that tag.
        UsageError: timm is not installed.
    """
    library = _library()
    configuration = _configuration(library, name)
    size: tuple[int, int, int] = configuration.get("input_size", (3, 224, 224))
    return Architecture(
        name=f"timm/{name}",
        build=partial(_build, name),
        family="timm",
        # timm does not tell when a model was published
        year=None,
        paper=configuration.get("origin_url") or f"timm {library.__version__}",
        idea=f"timm's {name}.",
        resolution=size[-1],
        min_resolution=1,
        channels=size[0],
        published=(),
        lecture=False,
        tags=("timm",),
        reduced_of="",
        head="",
        upper=(),
        pretrained=(_pretrained(name, configuration),),
        place=place_of(timm),
    )


def _configuration(library: Any, name: str) -> dict[str, Any]:
    """timm's own of a model and its weights; empty of a model for which it has none."""
    base, _, tag = name.partition(".")
    if base not in library.list_models():
        raise UnknownName("model of timm", name, library.list_models())
    tags = {known.partition(".")[2] for known in library.list_models(f"{base}.*", pretrained=True)}
    if tag and tag not in tags:
        raise UnknownName(f"tag of timm's {base}", tag, sorted(tags))
    found = library.get_pretrained_cfg(name)
    return found.to_dict() if found else {}


def _pretrained(name: str, configuration: dict[str, Any]) -> Pretrained:
    cached = _KeptByTimm(name, configuration)
    whose = ".".join(filter(None, (configuration.get("architecture", name), configuration.get("tag"))))
    return Pretrained(
        source=PRETRAINED,
        load=cached.state,
        preprocessing=of_timm(configuration, f"timm {whose}"),
        resolution=configuration.get("input_size", (3, 224, 224))[-1],
        package="timm",
        licence=configuration.get("license") or "not told by timm",
        classes=configuration.get("num_classes") or 1,
        cached=Cached(file=cached.file, fetch=cached.fetch, about=cached.about),
    )


class _KeptByTimm:
    """Weights of a model of timm in the cache of the hub, or in that of torch."""

    def __init__(self, name: str, configuration: dict[str, Any]) -> None:
        self._name = name
        self._configuration = configuration
        identity, _, revision = (configuration.get("hf_hub_id") or "").partition("@")
        self._repository = HubRepository(identity, revision or "main") if identity else None
        self._url = configuration.get("url") or ""

    def file(self) -> Path | None:
        """Path of the weights; by timm's rule in the hub's cache wherever they have a repository."""
        if self._repository:
            wanted = self._configuration.get("hf_hub_filename") or USUAL_FILE
            return self._repository.kept(*_safe_forms(wanted), wanted)
        if not self._url:
            return None
        file = _hub_of_torch() / Path(self._url).name
        return file if file.is_file() else None

    def about(self) -> dict[str, Any]:
        """Tag and origin of the file that is here."""
        file = self.file()
        tag = {"tag": self._configuration["tag"]} if self._configuration.get("tag") else {}
        headless = {} if self._configuration.get("num_classes") else {"head": "none: they give features alone"}
        if file and self._repository:
            return {**tag, **self._repository.about(file), **headless}
        return {**tag, "url": self._url, **headless}

    def fetch(self) -> None:
        """Let timm download them.

        Raises:
            Unsupported: timm has none, or `HF_HUB_OFFLINE` is set.
        """
        self._require_any()
        if is_offline():
            raise Unsupported("HF_HUB_OFFLINE is set, so that nothing is fetched")
        _library().create_model(self._name, pretrained=True)

    def state(self) -> dict[str, Any]:
        """The state dict of timm's model after timm has loaded its file; of one without a head, with a random one.

        Raises:
            Unsupported: they are not on this machine.
            UsageError: the file would run code.
            ValueError: the file lacks more than a head.
        """
        self._require_any()
        file = self.file()
        if file is None:
            where = cache() if self._repository else _hub_of_torch()
            raise Unsupported(
                f"the weights of timm/{self._name} are not in '{where}': ask for them with --download"
            )
        if file.suffix != _OF_NUMPY:
            check_weights_file(f"file:{file}")
        if self._repository:
            self._repository.verify(file)
        # as timm does with what comes from the hub: the format of old files that the configuration tells of is
        # that of those at its URL
        custom = self._configuration.get("custom_load", False) if not self._repository else False
        classes = self._configuration.get("num_classes") or 0
        model = _library().create_model(
            self._name,
            pretrained=True,
            num_classes=classes,
            pretrained_cfg_overlay={"file": str(file), "custom_load": custom},
        )
        state: dict[str, Any] = model.state_dict()
        return state if classes else self._with_head(state)

    def _with_head(self, state: dict[str, Any]) -> dict[str, Any]:
        headed = _build(self._name, 1).state_dict()
        head = self._configuration.get("classifier") or ""
        heads = tuple(f"{name}." for name in ((head,) if isinstance(head, str) else head))
        if lacking := [name for name in headed if name not in state and not name.startswith(heads)]:
            raise ValueError(f"timm/{self._name} has no head, and with one it has '{lacking[0]}', too")
        return {name: state.get(name, tensor) for name, tensor in headed.items()}

    def _require_any(self) -> None:
        if not (self._repository or self._url):
            raise Unsupported(f"timm ships no weights for timm/{self._name}")


def _hub_of_torch() -> Path:
    return Path(load("torch").hub.get_dir()) / "checkpoints"


def _safe_forms(name: str) -> tuple[str, ...]:
    """Files of safetensors that stand for one of torch, by the rule of timm."""
    usual = ("model.safetensors",) if name == USUAL_FILE else ()
    open_clip = ("open_clip_model.safetensors",) if name == "open_clip_pytorch_model.bin" else ()
    return usual or open_clip or ((f"{name.removesuffix('.bin')}.safetensors",) if name.endswith(".bin") else ())


def _build(name: str, num_classes: int) -> nn.Module:
    model: nn.Module = _library().create_model(name, pretrained=False, num_classes=num_classes)
    return model


def _library() -> Any:
    load("torchvision")  # which timm imports: it must be repaired first where torch is a CPU build
    try:
        import timm as library
    except ModuleNotFoundError as error:
        raise UsageError("models of timm need the package timm: pip install 'evobench[timm]'") from error
    return library
