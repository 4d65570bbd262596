"""Each way in which text is shown has one owner: nothing is written to a terminal, as CSV or as JSON past it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = ("bench", "reports", "suites", "evobench")
ALLOWED = {
    "a console": {
        "bench/cli/verb.py": "the one that writes to a terminal",
        "evobench/measuring.py": "writes into a notebook, or asks whether there is one",
        "evobench/notebook.py": "records what a notebook shows",
    },
    "stdout": {
        "bench/text/stdout.py": "the owner, which gives it to data",
        "bench/cli/main.py": "makes streams fit for writing",
        "bench/gate/inside/side.py": "answers as a process of its own",
        "bench/learning/winner/running.py": "is the program of a saved network",
    },
    "the stream below": {
        "bench/cli/main.py": "opens streams that the caller closed",
        "bench/declare/loading/guard.py": "says its last line, made harmless, where nobody can be waited for",
        "evobench/interruption.py": "says the one line of an early interruption, before any stream is ours",
    },
    "a program on the same terminal": {
        "bench/cli/verbs/predict.py": "the program of a saved network, whose streams are made harmless",
        "bench/gate/environment/harness.py": "imports what base needs, and says nothing but why that fails",
    },
    "CSV": {"bench/text/spreadsheet.py": "the owner"},
    "the program git": {"bench/machine/git.py": "the owner"},
}


def called(node: ast.AST) -> str:
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def consoles(node: ast.AST) -> bool:
    return called(node).endswith("Console") or (
        isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("Console") for base in node.bases)
    )


def below(node: ast.AST) -> bool:
    name = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
    if name in ("sys.__stdout__", "sys.__stderr__", "sys.stdout.buffer", "sys.stderr.buffer"):
        return True
    given = node.args[0] if isinstance(node, ast.Call) and node.args else None
    return called(node) in ("print", "os.write", "open", "os.fdopen") and (
        called(node) == "print" or (isinstance(given, ast.Constant) and given.value in (1, 2))
    )


def first(node: ast.AST) -> bool:
    """Stdout by its name: in the command that is where others print, and data has a stream of its own."""
    return isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.stdout"


def unheard(node: ast.AST) -> bool:
    """A program that writes to the terminal by itself."""
    if called(node) not in ("subprocess.run", "subprocess.Popen", "subprocess.call", "os.system"):
        return False
    assert isinstance(node, ast.Call)
    names = {keyword.arg for keyword in node.keywords}
    return "capture_output" not in names and not {"stdout", "stderr"} <= names


def separated(node: ast.AST) -> bool:
    return called(node).endswith((".to_csv", "csv.writer", "csv.DictWriter"))


def git(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not called(node).startswith(("subprocess.", "os.")) or not node.args:
        return False
    parts = node.args[0].elts[:1] if isinstance(node.args[0], ast.List | ast.Tuple) else []
    return any(isinstance(item, ast.Constant) and item.value == "git" for item in parts)


KINDS: dict[str, Callable[[ast.AST], bool]] = {
    "a console": consoles,
    "stdout": first,
    "the stream below": below,
    "a program on the same terminal": unheard,
    "CSV": separated,
    "the program git": git,
}


def places(found: Callable[[ast.AST], bool]) -> Iterator[str]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if any(found(node) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))):
                yield path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("kind", KINDS)
def test_it_has_one_owner(kind: str) -> None:
    assert ALLOWED[kind].keys() == set(places(KINDS[kind]))


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("a console", "Console(stderr=True).print(name)"),
        ("a console", "rich.console.Console()"),
        ("stdout", "sys.stdout.write(name)"),
        ("stdout", "say = sys.stdout.write"),
        ("the stream below", "print(name)"),
        ("the stream below", "sys.__stderr__.write(name)"),
        ("the stream below", "sys.stdout.buffer.write(name)"),
        ("the stream below", "os.write(2, name)"),
        ("a program on the same terminal", "subprocess.run(command, stdout=subprocess.PIPE)"),
        ("CSV", "frame.to_csv(path)"),
        ("CSV", "csv.writer(file)"),
        ("the program git", "subprocess.run(['git', 'status'], capture_output=True)"),
    ],
)
def test_another_would_be_seen(kind: str, line: str) -> None:
    assert any(KINDS[kind](node) for node in ast.walk(ast.parse(line)))
