"""The workflows of CI: sound, pinned, with no more rights than they need, and in step with the command line."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.test_package import VERSION
from tests.workflows import ACTION, ROOT, TEXT, WORKFLOWS, blocks, matrix, parsed, read, steps_of

EXPRESSION = "${{"
PINNED = re.compile(r"- uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def program(name: str) -> str:
    """Where a program is, in the environment or on the machine; without it the test skips."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which(name, path=places)
    if found is None:
        pytest.skip(f"{name} is not installed (pip install {name}-py)")
    return found


def _scripts() -> Iterator[Any]:
    """What shells run, workflow by workflow."""
    for path in (*WORKFLOWS, ACTION):
        for i, step in enumerate(steps_of(path)):
            if "run" in step:
                yield pytest.param(step["run"], id=f"{path.stem}-{i}")


def _commands() -> Iterator[Any]:
    """Every command line of evobench in workflows and the text on CI."""
    texts = {"text": "".join(re.findall(r"(?m)^    (evobench .*\n)", TEXT.read_text()))}
    for path in WORKFLOWS:
        texts[path.stem] = "\n".join(step["run"] for step in steps_of(path) if "run" in step)
    for name, text in texts.items():
        for i, line in enumerate(text.replace("\\\n", " ").splitlines()):
            if line.strip().startswith("evobench "):
                yield pytest.param(line, id=f"{name}-{i}")


SCRIPTS, COMMANDS = list(_scripts()), list(_commands())
ANY_WORKFLOW = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


@ANY_WORKFLOW
def test_actionlint_finds_nothing_in_a_workflow(path: Path) -> None:
    done = subprocess.run(
        [program("actionlint"), "-no-color", "-shellcheck", program("shellcheck"), str(path)],
        capture_output=True,
        text=True,
    )
    assert "" == done.stdout + done.stderr


@pytest.mark.parametrize("workflow", [blocks("yaml")[0], matrix()], ids=["one", "matrix"])
def test_actionlint_finds_nothing_in_a_workflow_that_users_copy(workflow: str) -> None:
    workflow = workflow.replace("OWNER/", "owner/")
    done = subprocess.run(
        [program("actionlint"), "-no-color", "-"], input=workflow, capture_output=True, text=True
    )
    assert "" == done.stdout + done.stderr


@pytest.mark.parametrize("script", [*SCRIPTS, pytest.param((ROOT / ".ci" / "run").read_text(), id="ci-run")])
def test_shellcheck_finds_nothing_in_a_script(script: str) -> None:
    command = [program("shellcheck"), "--shell", "bash", "-"]
    done = subprocess.run(command, input=script, capture_output=True, text=True)
    assert "" == done.stdout + done.stderr


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_has_the_options_of_evobench(line: str) -> None:
    assert parsed(shlex.split(line))


def test_the_comparison_of_a_pull_request_is_written_in_every_form_that_the_workflow_keeps() -> None:
    (line,) = (line for line in (param.values[0] for param in COMMANDS) if '--base "$BASE"' in str(line))
    forms = [wish.form.name for wish in parsed(shlex.split(str(line))).write]
    assert {"summary", "annotations", "comment", "junit", "pytest-benchmark", "bencher"} == set(forms)


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_expression_becomes_part_of_a_script(script: str) -> None:
    assert EXPRESSION not in script


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.stem)
def test_actions_of_others_are_pinned_to_a_commit(path: Path) -> None:
    uses = [line.strip() for line in path.read_text().splitlines() if "uses:" in line]
    assert [] == [line for line in uses if not PINNED.search(line)]


@ANY_WORKFLOW
def test_a_workflow_may_only_read_unless_a_job_says_more(path: Path) -> None:
    assert {"contents": "read"} == read(path)["permissions"]


def test_what_may_write_runs_nothing_of_the_repository() -> None:
    jobs = {
        f"{path.stem}: {name}": job
        for path in WORKFLOWS
        for name, job in read(path)["jobs"].items()
        if "permissions" in job
    }
    assert {"regress: comment", "dashboard: publish", "release: publish"} == set(jobs)
    runs = " ".join(step.get("run", "") for job in jobs.values() for step in job["steps"])
    assert [] == [word for word in ("evobench ", "python", "pip", "nox") if word in runs]


@ANY_WORKFLOW
def test_no_job_runs_for_ever_or_beside_an_outdated_one(path: Path) -> None:
    content = read(path)
    assert "group" in content["concurrency"]
    assert [] == [name for name, job in content["jobs"].items() if "timeout-minutes" not in job]


def test_a_pull_request_is_compared_on_a_clone_with_its_base() -> None:
    first = read(ROOT / ".github" / "workflows" / "regress.yml")["jobs"]["measure"]["steps"][0]
    assert 0 == first["with"]["fetch-depth"]


@pytest.mark.parametrize(("tag", "code"), [(f"v{VERSION}", 0), ("v0.0.9", 1), (VERSION, 1)])
def test_only_the_tag_of_the_version_is_released(tag: str, code: int) -> None:
    steps = read(ROOT / ".github" / "workflows" / "release.yml")["jobs"]["build"]["steps"]
    (check,) = (step["run"] for step in steps if "GITHUB_REF_NAME" in step.get("run", ""))
    environment = {**os.environ, "GITHUB_REF_NAME": tag}
    done = subprocess.run(["bash", "-ec", check], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert code == done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("body", "ours"),
    [
        ("<!-- evobench comparison -->\n## evobench", True),
        ("<!-- evobench comparison -->\r\n## evobench", True),
        ("<!-- evobench comparison py3.11 -->\n## evobench", False),
        ("<!-- evobench comparison --> quoted\n", False),
    ],
)
def test_a_comment_is_replaced_by_that_of_the_same_job_alone(body: str, ours: bool) -> None:
    jq = shutil.which("jq") or pytest.skip("jq is not installed")
    step = read(ROOT / ".github" / "workflows" / "regress.yml")["jobs"]["comment"]["steps"][-1]
    comments = json.dumps([{"id": 7, "user": {"type": "Bot"}, "body": body}])
    done = subprocess.run([jq, step["env"]["OURS"]], input=comments, capture_output=True, text=True)
    assert ("7\n" if ours else "", "") == (done.stdout, done.stderr)


def test_the_store_that_is_kept_of_a_comparison_is_a_copy_with_its_log_folded_in() -> None:
    steps = read(ROOT / ".github" / "workflows" / "regress.yml")["jobs"]["measure"]["steps"]
    kept = next(step["with"]["path"] for step in steps if step.get("with", {}).get("name") == "regress").split()
    copied = next(shlex.split(step["run"]) for step in steps if "--sqlite" in step.get("run", ""))
    there = copied[copied.index("--sqlite") + 1].replace("$OUT", "runs/ci")
    assert [there] == [path for path in kept if path.endswith(".sqlite")]
