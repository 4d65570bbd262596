"""The steps of the action: where pip caches, installing evobench, comparing. Needs Python alone.

What people put into the action's inputs comes as variables of the environment and goes on as arguments, never as
text that a shell reads.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[3]
"""The evobench that this action is of."""
FORMS = {
    "comment": "comparison.md",
    "junit": "comparison.xml",
    "pytest-benchmark": "benchmarks.json",
    "github-action-benchmark-time": "time.json",
    "github-action-benchmark-accuracy": "accuracy.json",
    "bencher": "bencher.json",
}
"""What is written into the folder of the results, beside the store and the report."""
VERDICTS = {
    0: "fine",
    1: "regression",
    2: "wrong use",
    3: "incomplete",
    4: "not comparable",
    130: "interrupted",
}
"""By the exit code of evobench; others are crashes."""


def cache(inputs: Mapping[str, str]) -> dict[str, str]:
    """Folder of pip's cache, and a key that is another one where other packages are asked for."""
    pip = [sys.executable, "-m", "pip", "cache", "dir"]
    folder = subprocess.run(pip, check=True, capture_output=True, text=True).stdout.strip()
    asked = [(ROOT / name).read_bytes() for name in ("constraints.txt", "pyproject.toml")]
    asked += [inputs.get(name, "").encode() for name in ("EVOBENCH", "PIP_EXTRA_INDEX_URL")]
    key = hashlib.sha256(b"\0".join(asked)).hexdigest()[:16]
    python = f"{platform.system()}-{platform.machine()}-{platform.python_version()}"
    return {"cache": folder, "key": f"evobench-{python}-{key}"}


def installation(inputs: Mapping[str, str]) -> list[str]:
    """The command that installs what is asked for; else this evobench, with the packages it was tried with."""
    asked = shlex.split(inputs.get("EVOBENCH", ""))
    pinned = ["--constraint", str(ROOT / "constraints.txt"), str(ROOT)]
    return [sys.executable, "-m", "pip", "install", *(asked or pinned)]


def comparison(inputs: Mapping[str, str], folder: Path) -> list[str]:
    """The command that compares, and writes into the folder."""
    command = ["evobench", "regress", "--base", base_of(inputs), "--store", str(store_of(folder))]
    for option, name in (("--catalog", "CATALOG"), ("--suite", "SUITE")):
        for word in shlex.split(inputs.get(name, "")):
            command += [option, word]
    for option, name in (("--arch", "ARCH"), ("--budget", "BUDGET"), ("--fail-on", "FAIL_ON"), ("--key", "KEY")):
        if value := inputs.get(name, "").strip():
            command += [option, value]
    written = {"annotations": "-", **{form: str(folder / name) for form, name in FORMS.items()}}
    if summary := inputs.get("GITHUB_STEP_SUMMARY"):
        written["summary"] = summary
    for form, file in written.items():
        command += ["--write", f"{form}={file}"]
    return [*command, *shlex.split(inputs.get("ARGS", ""))]


def store_of(folder: Path) -> Path:
    """Where the comparison keeps its runs: apart from the results, which get a copy that can be uploaded."""
    return folder.with_name(f"{folder.name}-runs") / "evobench.sqlite"


def base_of(inputs: Mapping[str, str]) -> str:
    """The revision that is named; else the branch that a pull request is for, else the commit before.

    It may have moved on meanwhile: evobench takes its merge base with what is checked out.
    """
    branch = inputs.get("GITHUB_BASE_REF", "")
    return inputs.get("BASE", "").strip() or (f"origin/{branch}" if branch else "HEAD^")


def compare(inputs: Mapping[str, str]) -> int:
    """Compare, say what was found as outputs of the step, and render the report; returns evobench's exit code."""
    folder = Path(inputs["RUNNER_TEMP"]) / "evobench"
    folder.mkdir(parents=True, exist_ok=True)
    code = subprocess.run(comparison(inputs, folder)).returncode
    summary, store = folder / FORMS["comment"], store_of(folder)
    tell(
        inputs,
        {
            "verdict": VERDICTS.get(code, "crashed"),
            "exit-code": str(code),
            "summary": str(summary) if summary.is_file() else "",
            "folder": str(folder),
            "artifact": "-".join(["regressions", *inputs.get("KEY", "").split()]),
        },
    )
    if store.is_file():  # without a report the comparison stands all the same
        report = ["evobench", "report", "latest", "--store", str(store), "--output", str(folder / "report.html")]
        subprocess.run(report)
        # the store's file alone lacks what is still in its log
        copied = ["evobench", "export", "--sqlite", str(folder / "evobench.sqlite"), "--store", str(store)]
        subprocess.run(copied)
    return code


def tell(inputs: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    """Give the step these outputs."""
    with Path(inputs["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in outputs.items())


def main(arguments: list[str], inputs: Mapping[str, str]) -> int:
    """Do the step that is named: `cache`, `install` or `compare`."""
    match arguments:
        case ["cache"]:
            tell(inputs, cache(inputs))
            return 0
        case ["install"]:
            return subprocess.run(installation(inputs)).returncode
        case ["compare"]:
            return compare(inputs)
    sys.stderr.write("steps are cache, install and compare\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
