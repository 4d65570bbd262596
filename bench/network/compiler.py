"""`torch.compile` as it is measured: cold, on the cores of the cell alone, and refused where it cannot work."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bench.errors import Unsupported

if TYPE_CHECKING:
    from torch import nn

_SHAPES = 64
"""Largest number of recompilations of one function, one per batch size; dynamo's own limit of 8 is too low for the
search for the best batch."""


def require_compiler(device: str) -> None:
    """Make sure that compiling for a device can work here.

    Raises:
        Unsupported: what it needs is missing; the message names it.
    """
    if device == "cpu":
        cpp_compiler()
    elif device.startswith("cuda"):
        if importlib.util.find_spec("triton") is None:
            raise Unsupported("torch.compile on CUDA needs Triton, which is not installed")
        _found("C", "CC", ("gcc", "clang"))  # Triton's launchers are in C
        _require_header()


def cpp_compiler() -> str:
    """Path of the C++ compiler: that of `CXX`, or the first of the usual names on `PATH`.

    Raises:
        Unsupported: there is none.
    """
    usual = {"darwin": ("clang++", "g++"), "win32": ("cl",)}.get(sys.platform, ("g++", "clang++"))
    return _found("C++", "CXX", usual)


def compile_cold(model: nn.Module, device: str, folder: str) -> nn.Module:
    """Compile the model for each shape at the first call with it, ignoring earlier compilations.

    The settings are the process's, since they must still hold when that call compiles. One thread compiles: a pool
    of workers would live on beside what is measured. Of earlier compilations nothing is reused but the header that
    torch precompiles once a machine. Where a shape is one too many, it is an error: dynamo would go on uncompiled.

    Args:
        model: model in its mode, on its device.
        device: device of the model.
        folder: an empty one for what is compiled (shared libraries); it must outlive the model.
    """
    import torch
    import torch._dynamo.config as dynamo
    import torch._inductor.config as inductor

    os.environ["TORCHINDUCTOR_CACHE_DIR"] = folder
    os.environ["CCACHE_DISABLE"] = "1"  # a compiler on PATH may be ccache
    torch.compiler.config.force_disable_caches = True
    inductor.compile_threads = 1
    if (
        shutil.which("openssl") is None
    ):  # torch hashes that header by openssl's command, whether it is there or not
        inductor.cpp_cache_precompile_headers = False
    dynamo.recompile_limit = _SHAPES
    dynamo.fail_on_recompile_limit_hit = True
    if device == "cpu":
        inductor.cpp.cxx = (None, cpp_compiler())
    # given a module it returns one, which the type of what it returns does not tell
    return cast("nn.Module", torch.compile(model, dynamic=False))


def _require_header() -> None:
    """Make sure that C code can include Python's header, as Triton's launchers do, where Triton looks for it."""
    usual = sysconfig.get_default_scheme()
    # Debian's own scheme for what is installed locally has no headers
    folder = sysconfig.get_path("include", "posix_prefix" if usual == "posix_local" else usual)
    if not (Path(folder) / "Python.h").exists():
        python = ".".join(map(str, sys.version_info[:2]))
        raise Unsupported(
            f"torch.compile on CUDA needs Python's header {folder}/Python.h: install python{python}-dev (Debian,"
            f" Ubuntu) or python{python}-devel (Fedora)"
        )


def _found(language: str, variable: str, usual: Sequence[str]) -> str:
    """Path of the compiler that an environment variable names, or else of the first usual one."""
    asked = os.environ.get(variable)
    path = next((path for name in ((asked,) if asked else usual) if (path := shutil.which(name))), None)
    if path is None:
        why = f"{variable} names '{asked}', which is" if asked else f"{' and '.join(usual)} are"
        raise Unsupported(f"torch.compile needs a {language} compiler: {why} not on PATH")
    return path
