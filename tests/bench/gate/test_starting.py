"""How the server of a side starts, and what is told where it does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench.errors import NotComparable
from bench.execute.jobs import Measure, Step
from bench.gate.sides import CodeSide, SideServer
from bench.remote import PROTOCOL
from tests.bench.gate.test_sides import CATALOG, LIMIT, ROOT, cell, side


def test_code_that_does_not_import_does_not_start(tmp_path: Path) -> None:
    with SideServer(side(tmp_path, "import no_such_module"), ()) as broken, pytest.raises(NotComparable) as error:
        broken.await_ready()
    assert "main (abc) does not start: catalogue" in str(error.value)
    assert "no_such_module" in str(error.value)


def test_code_that_ends_its_process_does_not_start_and_says_how(tmp_path: Path) -> None:
    with (
        SideServer(side(tmp_path, "import ctypes; ctypes.CDLL(None)._exit(3)"), ()) as broken,
        pytest.raises(NotComparable) as error,
    ):
        broken.await_ready()
    assert "main (abc) does not start: ended with exit code 3" in str(error.value)


def test_a_catalogue_imports_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "beside_it.py").write_text("WIDTH = 64\n")
    source = CATALOG.replace("Linear(64,", "Linear(WIDTH,").replace(
        "import os,", "from beside_it import WIDTH\nimport os,"
    )
    with SideServer(side(tmp_path, source), ()) as own:
        assert (650.0,) == own.begin(Measure(cell("parameters"), 1.0)).finish(LIMIT).values


def test_a_module_that_was_installed_in_place_of_the_repositorys_is_refused(tmp_path: Path) -> None:
    tree, installed = tmp_path / "tree", tmp_path / "lib/site-packages"
    for folder in (tree / "src", installed):
        folder.mkdir(parents=True)
        (folder / "sides_mine.py").write_text("")
    plain = side(tree, "import sides_mine")
    both = (ROOT, installed)
    stray = CodeSide("main", plain.interpreter, both, tree, tree, plain.catalogs, (tmp_path / "work", tree))
    with (
        SideServer(stray, ()) as broken,
        pytest.raises(NotComparable, match="not from the repository that has it"),
    ):
        broken.await_ready()


def test_a_package_of_the_repository_that_is_called_as_one_of_evobench_is_not_taken_for_it(tmp_path: Path) -> None:
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench/__init__.py").write_text("raise RuntimeError('not of evobench')\n")
    plain = side(tmp_path, "from evobench import Samples")
    where = (tmp_path / "work", tmp_path)
    namesake = CodeSide("main", plain.interpreter, (tmp_path, ROOT), tmp_path, tmp_path, plain.catalogs, where)
    with SideServer(namesake, ()) as server:
        server.await_ready()


def older(folder: Path) -> None:
    """An evobench of another revision, as far as a side looks at it."""
    (folder / "bench").mkdir()
    for name in ("__init__.py", "cell.py"):
        (folder / "bench" / name).write_text("")


@pytest.mark.parametrize(
    ("remote", "spoken"), [(None, "no protocol"), (f"PROTOCOL = {PROTOCOL + 1}", f"protocol {PROTOCOL + 1}")]
)
def test_a_base_that_speaks_another_protocol_is_told_so_in_one_line(
    tmp_path: Path, remote: str | None, spoken: str
) -> None:
    older(tmp_path)
    if remote:
        (tmp_path / "bench/remote.py").write_text(remote)
        shutil.copytree(ROOT / "evobench", tmp_path / "evobench")
    plain = side(tmp_path)
    other = CodeSide(plain.name, plain.interpreter, (tmp_path,), tmp_path, tmp_path, ())
    with SideServer(other, ()) as broken, pytest.raises(NotComparable) as error:
        broken.await_ready()
    expected = f"main (abc) speaks {spoken} of the gate's line, this evobench {PROTOCOL}: "
    assert (4, True) == (error.value.exit_code, str(error.value).startswith(expected))


def test_a_base_whose_environment_lacks_a_package_is_told_which(tmp_path: Path) -> None:
    older(tmp_path)
    (tmp_path / "bench/remote.py").write_text("import no_such_package")
    shutil.copytree(ROOT / "evobench", tmp_path / "evobench")
    plain = side(tmp_path)
    bare = CodeSide(plain.name, plain.interpreter, (tmp_path,), tmp_path, tmp_path, ())
    with SideServer(bare, ()) as broken, pytest.raises(NotComparable, match=r"does not start: .*no_such_package"):
        broken.await_ready()


def test_an_interpreter_that_is_none_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "python").write_text("#!/no/such/interpreter\n")
    (tmp_path / "python").chmod(0o755)
    with pytest.raises(NotComparable, match=r"main \(abc\) does not start"):
        SideServer(CodeSide("main (abc)", tmp_path / "python", (), tmp_path, tmp_path, ()), ())


def test_a_base_that_loads_the_working_tree_is_refused(tmp_path: Path) -> None:
    work, tree = tmp_path / "mine", tmp_path / "tree"
    work.mkdir()
    tree.mkdir()
    plain = side(work)
    stray = CodeSide("main", plain.interpreter, plain.paths, tree, tree, plain.catalogs, (work, tree))
    with SideServer(stray, ()) as broken, pytest.raises(NotComparable, match="comes from the working tree"):
        broken.await_ready()


@pytest.mark.slow  # an interpreter a worker: 20 s
def test_where_nothing_can_be_forked_each_worker_is_an_interpreter_of_its_own(tmp_path: Path) -> None:
    with SideServer(side(tmp_path), (), forks=False) as alone:
        worker = alone.begin(Step(cell()))
        assert worker.ready(LIMIT)
        worker.step(LIMIT)
        assert "ok" == worker.finish(LIMIT).status
        assert "failed" == alone.begin(Step(cell("sides_crash"))).finish(LIMIT).status
