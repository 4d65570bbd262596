"""The action that other repositories use: what its inputs become, and what it tells."""

import importlib.util
import os
import re
import shlex
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from bench.cli.options.values import joined
from bench.compare.accepted.entries import entries_of
from bench.declare.catalog import ARCHITECTURES, load_catalogs
from reports.ci import load_forms
from tests.workflows import ACTION, blocks, matrix, parsed, read, steps_of

SCRIPT = ACTION.parent / "regress.py"


@pytest.fixture(scope="module")
def action() -> ModuleType:
    """The script of the action."""
    spec = importlib.util.spec_from_file_location("action_regress", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, str]:
    """What a runner sets, the action's inputs left as they are by default."""
    return {"RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(tmp_path / "output"), "BUDGET": "20m"}


def stub(folder: Path, code: int, monkeypatch: pytest.MonkeyPatch, store: bool = True) -> Path:
    """An `evobench` that notes its arguments, writes a comment and a store, and exits with a code."""
    out, noted, runs = folder / "evobench", folder / "noted", folder / "evobench-runs"
    runs.mkdir()
    writes = f"touch {shlex.quote(str(out / 'comparison.md'))} {shlex.quote(str(runs / 'evobench.sqlite'))}"
    program = folder / "bin" / "evobench"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$1" >>{shlex.quote(str(noted))}\n'
        f'[ "$1" = regress ] || exit 0\n{writes if store else ":"}\nexit {code}\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return noted


def told(inputs: dict[str, str]) -> dict[str, str]:
    lines = Path(inputs["GITHUB_OUTPUT"]).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_every_input_reaches_a_step_as_a_variable() -> None:
    given = " ".join(
        str(value)
        for step in steps_of(ACTION)
        for name in ("env", "with")
        for value in step.get(name, {}).values()
    )
    assert [] == [name for name in read(ACTION)["inputs"] if f"inputs.{name} }}}}" not in given]


def test_every_variable_is_one_that_the_script_reads() -> None:
    names = {name for step in steps_of(ACTION) for name in step.get("env", {})}
    text = SCRIPT.read_text()
    assert [] == [name for name in names if f'"{name}"' not in text]


def test_the_store_that_is_written_to_is_not_among_the_results(
    action: ModuleType, inputs: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "results"
    assert not parsed(action.comparison(inputs, folder)).store.is_relative_to(folder)


def test_inputs_that_are_left_empty_leave_the_choice_to_evobench(
    action: ModuleType, inputs: dict[str, str], tmp_path: Path
) -> None:
    found = parsed(action.comparison(inputs, tmp_path))
    assert (None, None, [], 1200.0) == (found.suite, found.arch, found.catalog, found.budget)


def test_every_input_is_an_option_of_evobench(action: ModuleType, inputs: dict[str, str], tmp_path: Path) -> None:
    given = {
        "CATALOG": "models.py 'other models.py'",
        "SUITE": "gate cost",
        "ARCH": "my_net,other_net",
        "BASE": "v1.0",
        "FAIL_ON": "regression,undecided",
        "KEY": "py3.12",
        "ARGS": "--notice 5 --all",
    }
    found = parsed(action.comparison({**inputs, **given}, tmp_path))
    assert ["models.py", "other models.py"] == [Path(name).name for name in found.catalog]
    assert ["gate", "cost"] == list(joined(found.suite))
    assert [("my_net", "other_net")] == found.arch
    assert ("v1.0", 5.0, True, "py3.12") == (found.base, found.notice, found.all, found.key)
    assert {"regression", "undecided"} == set(found.fail_on)


def test_what_a_shell_would_run_stays_text(action: ModuleType, inputs: dict[str, str], tmp_path: Path) -> None:
    evil = "$(touch gone); `touch gone`"
    command = action.comparison({**inputs, "BASE": evil, "ARCH": evil}, tmp_path)
    assert 2 == command.count(evil)


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ({}, "HEAD^"),
        ({"GITHUB_BASE_REF": "main"}, "origin/main"),
        ({"GITHUB_BASE_REF": "main", "BASE": "v1"}, "v1"),
    ],
)
def test_the_base_is_that_of_the_pull_request_unless_one_is_named(
    action: ModuleType, given: dict[str, str], base: str
) -> None:
    assert base == action.base_of(given)


def test_every_form_for_ci_is_written(action: ModuleType, inputs: dict[str, str], tmp_path: Path) -> None:
    command = action.comparison({**inputs, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}, tmp_path)
    assert set(load_forms().names()) == {wish.form.name for wish in parsed(command).write}


def test_the_version_of_the_action_is_installed_unless_another_is_named(action: ModuleType) -> None:
    assert str(ACTION.parents[3]) == action.installation({})[-1]
    assert ["evobench==0.1.0", "timm"] == action.installation({"EVOBENCH": "evobench==0.1.0 timm"})[-2:]


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for evobench is a script of sh")
class TestAComparison:
    @pytest.mark.parametrize(("code", "verdict"), [(0, "fine"), (1, "regression"), (4, "not comparable")])
    def test_ends_with_the_code_of_evobench_and_names_it(
        self,
        action: ModuleType,
        inputs: dict[str, str],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        code: int,
        verdict: str,
    ) -> None:
        stub(tmp_path, code, monkeypatch)
        assert code == action.main(["compare"], inputs)
        assert (verdict, str(code)) == (told(inputs)["verdict"], told(inputs)["exit-code"])

    def test_says_where_the_summary_is(
        self, action: ModuleType, inputs: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stub(tmp_path, 0, monkeypatch)
        action.main(["compare"], inputs)
        assert str(tmp_path / "evobench" / "comparison.md") == told(inputs)["summary"]

    @pytest.mark.parametrize(("key", "name"), [({}, "regressions"), ({"KEY": "py3.12"}, "regressions-py3.12")])
    def test_names_what_is_uploaded_by_its_key(
        self,
        action: ModuleType,
        inputs: dict[str, str],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        key: dict[str, str],
        name: str,
    ) -> None:
        stub(tmp_path, 0, monkeypatch)
        action.main(["compare"], inputs | key)
        assert name == told(inputs)["artifact"]

    def test_that_measured_has_a_report_and_a_copy_of_its_store(
        self, action: ModuleType, inputs: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        noted = stub(tmp_path, 1, monkeypatch)
        action.main(["compare"], inputs)
        assert ["regress", "report", "export"] == noted.read_text().split()

    def test_that_measured_nothing_has_neither_summary_nor_report(
        self, action: ModuleType, inputs: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        noted = stub(tmp_path, 2, monkeypatch, store=False)
        action.main(["compare"], inputs)
        assert ("", ["regress"]) == (told(inputs)["summary"], noted.read_text().split())


def test_another_python_or_other_packages_have_a_cache_of_their_own(action: ModuleType) -> None:
    assert action.cache({})["key"] != action.cache({"EVOBENCH": "evobench==0.1.0"})["key"]


def test_the_models_that_users_copy_can_be_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    load_catalogs()
    monkeypatch.setattr(ARCHITECTURES, "_items", dict(ARCHITECTURES._items))
    monkeypatch.setattr(ARCHITECTURES, "_places", dict(ARCHITECTURES._places))
    (tmp_path / "models.py").write_text(blocks("python")[0])
    load_catalogs([str(tmp_path / "models.py")])
    *_, last = ARCHITECTURES.get("my_net").build(10).children()
    assert 10 == last.out_features


def test_the_workflow_that_users_copy_names_inputs_of_the_action() -> None:
    workflow = yaml.safe_load(blocks("yaml")[0])
    given = workflow["jobs"]["regress"]["steps"][-1]["with"]
    assert {"catalog", "arch"} == set(given) & set(read(ACTION)["inputs"])


def test_the_workflow_of_a_matrix_tells_together_the_keys_that_its_jobs_give() -> None:
    jobs = yaml.safe_load(matrix())["jobs"]
    (step,) = (step for step in jobs["regress"]["steps"] if step.get("id") == "regress")
    assert set(step["with"]) <= set(read(ACTION)["inputs"])
    keys = [step["with"]["key"].replace("${{ matrix.python }}", one) for one in versions(jobs)]
    script = jobs["together"]["steps"][-1]["run"].replace("\\\n", " ")
    found = parsed(shlex.split(script.splitlines()[-1]))
    assert tuple(keys) == found.together


def test_the_workflow_of_a_matrix_names_outputs_of_the_action() -> None:
    asked = set(re.findall(r"steps\.regress\.outputs\.([\w-]+)", matrix()))
    assert {"artifact", "folder"} == asked & set(read(ACTION)["outputs"])


def test_the_accepted_changes_that_users_copy_can_be_read() -> None:
    assert 2 == len([entry for text in blocks("toml") for entry in entries_of(text)])


def versions(jobs: dict[str, Any]) -> list[str]:
    return list(jobs["regress"]["strategy"]["matrix"]["python"])
