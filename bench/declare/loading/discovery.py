"""Search for catalogues: the modules whose import makes declarations."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterable
from importlib.metadata import entry_points
from pathlib import Path

from bench.declare.loading.chosen import INSTALLED, identity
from bench.declare.loading.clash import refuse_clash
from bench.declare.loading.guard import MOST, guarded
from bench.declare.loading.process_settings import BY_IMPORT, undoing
from bench.declare.places import place_of_import
from bench.errors import UsageError, words_of
from bench.foreign import TEXT, read_bytes, whole_path

_loaded: set[str] = set()
BESIDE: set[str] = set()
"""Folders of catalogues that are on the import path for their sake alone."""


def load_catalogs(extra: Iterable[str] = (), seconds: float = MOST) -> None:
    """Import the measures, every installed catalogue (entry-point group `evobench.catalogs`) and the extra ones.

    A catalogue is a package (see `import_all`) or a `.py` file. One that is named twice loads once.

    Args:
        extra: catalogues beside the installed ones.
        seconds: seconds that the import of each may take.

    Raises:
        UsageError: a catalogue is not there, fails to import or takes too long; the line names its file and line.
    """
    named = tuple(extra)
    installed = [point.value for point in entry_points(group=INSTALLED)]
    for name in ["bench.measures", *installed, *named]:
        if identity(name) not in _loaded:
            if name in named:
                refuse_clash(name)
            what = f"catalogue '{Path(name).name}'"
            with undoing(what, BY_IMPORT):
                _import(name, what, seconds)
            _loaded.add(identity(name))


def _import(name: str, what: str, seconds: float) -> None:
    try:
        with guarded(what, seconds):
            if name.endswith(".py"):
                _import_file(Path(name))
            else:
                import_all(name)
    except (UsageError, KeyboardInterrupt):
        raise
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            raise UsageError(f"catalogue '{name}' is not installed: no module '{error.name}'") from error
        raise UsageError(_where(name, error)) from error
    except BaseException as error:  # foreign code may fail in any way; its place is what the user needs
        raise UsageError(_where(name, error)) from error


def _import_file(path: Path) -> None:
    try:
        read_bytes(path, TEXT)
    except FileNotFoundError:
        raise UsageError(f"catalogue '{path}' is not a file") from None
    except OSError as error:
        raise UsageError(f"catalogue '{path}' cannot be read: {error.strerror}") from error
    name = f"evobench_catalog_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"catalogue '{path}' is not Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    # as Python does for a script, but last: what is beside it must not hide what is installed
    beside = str(whole_path(path).parent)
    if beside not in sys.path:
        sys.path.append(beside)
        BESIDE.add(beside)
    spec.loader.exec_module(module)


def import_all(package: str) -> None:
    """Import a module and, for a package, its direct members whose names do not begin with an underscore.

    Of a package within it only its `__init__` runs: where its modules make declarations, it calls `import_all` of
    itself. One that holds models, which are heavy and declare nothing, does not.
    """
    for info in pkgutil.iter_modules(getattr(importlib.import_module(package), "__path__", [])):
        if not info.name.startswith("_"):
            importlib.import_module(f"{package}.{info.name}")


def _where(name: str, error: BaseException) -> str:
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{error.filename}:{error.lineno}"
    else:
        place = place_of_import(error) or name
    return f"catalogue '{name}' failed to import at {place}: {words_of(error)}"
