"""What compiling needs of a machine, and what is said where it is missing."""

import importlib.util
import sys
import sysconfig
from pathlib import Path

import pytest

from bench.errors import Unsupported
from bench.network import compiler


@pytest.mark.parametrize("cxx", ["", "no-such-compiler"])
def test_compiling_is_unsupported_where_there_is_no_compiler(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cxx: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CXX", cxx)
    with pytest.raises(Unsupported, match=r"needs a C\+\+ compiler: .*" + cxx):
        compiler.require_compiler("cpu")


def test_the_compiler_that_the_environment_names_need_not_be_a_usual_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "icpx").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CXX", "icpx")
    assert str(tmp_path / "icpx") == compiler.cpp_compiler()


@pytest.fixture
def c_and_triton(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What compiling for CUDA needs beside Python's header is there."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    (tmp_path / "gcc").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)


@pytest.mark.usefixtures("c_and_triton")
def test_compiling_for_cuda_without_python_s_header_names_the_package_that_has_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda name, scheme: str(tmp_path))
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    with pytest.raises(Unsupported, match=rf"Python\.h: install python{version}-dev \(Debian"):
        compiler.require_compiler("cuda")


@pytest.mark.usefixtures("c_and_triton")
def test_compiling_for_cuda_looks_for_the_header_where_triton_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[tuple[str, str]] = []

    def path(name: str, scheme: str) -> str:
        asked.append((name, scheme))
        return str(tmp_path)

    (tmp_path / "Python.h").touch()
    monkeypatch.setattr(sysconfig, "get_default_scheme", lambda: "posix_local")
    monkeypatch.setattr(sysconfig, "get_path", path)
    compiler.require_compiler("cuda:1")
    assert [("include", "posix_prefix")] == asked
