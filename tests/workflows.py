"""What the tests of CI's workflows and action share: reading them, and command lines as evobench reads them."""

import argparse
import re
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import yaml

from bench.cli.verb import Verb

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTION = ROOT / ".github" / "actions" / "regress" / "action.yml"
TEXT = ROOT / "docs/how-to/ci.md"


def read(path: Path) -> Any:
    """The content of a YAML file."""
    return yaml.safe_load(path.read_text())


def steps_of(path: Path) -> list[dict[str, Any]]:
    """Of all jobs, or of the action."""
    content = read(path)
    if "runs" in content:
        return list(content["runs"]["steps"])
    return [step for job in content["jobs"].values() for step in job["steps"]]


def blocks(language: str) -> list[str]:
    """Code of the text on CI in one language."""
    return re.findall(rf"```{language}\n(.*?)```", TEXT.read_text(), re.DOTALL)


def parsed(words: list[str]) -> argparse.Namespace:
    """A command line as evobench reads it."""
    verb: Verb = entry_points(group="evobench.verbs")[words[1]].load()
    parser = argparse.ArgumentParser(exit_on_error=False)
    verb.configure(parser)
    return parser.parse_args(words[2:])


def matrix() -> str:
    """The workflow of several jobs in that text."""
    (found,) = (block for block in blocks("yaml") if "matrix:" in block)
    return found
