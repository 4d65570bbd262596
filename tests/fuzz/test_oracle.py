"""The oracle notices each sort of finding, in commands that misbehave on purpose, and finds none in sound ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.oracle import SORTS
from tests.rooms import ROOT

SCRIPT = """
import json, os, subprocess, sys, tempfile, time
from pathlib import Path
from tests.fuzz.oracle import findings
from tests.fuzz.running import ended
from tests.fuzz.sandbox import Attempt, Sandbox

def bad():
{body}

box = Sandbox(Path(sys.argv[1]).resolve())
box.make()
attempt = Attempt(tuple(sys.argv[2:]))
before = box.outside()
done = ended(attempt, box, bad, limit={limit})
print(json.dumps([[found.sort, found.words, found.place] for found in findings(attempt, done, before, box)]))
"""
"""Runs in a process of its own: one that forks has no threads, and pytest's may have some."""


def found(tmp_path: Path, body: str, *words: str, limit: float = 60.0) -> list[list[str]]:
    """What the oracle finds of a command with this body."""
    inner = "".join(f"    {line}\n" for line in body.splitlines())
    script = SCRIPT.format(body=inner, limit=limit)
    command = [sys.executable, "-c", script, str(tmp_path / "box"), *(words or ("show",))]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=True)
    answer: list[list[str]] = json.loads(done.stdout)
    return answer


def sorts(tmp_path: Path, body: str, *words: str, limit: float = 60.0) -> list[str]:
    return [sort for sort, _, _ in found(tmp_path, body, *words, limit=limit)]


@pytest.mark.parametrize(
    "body",
    [
        "return 0",
        "print('a table'); return 0",
        "sys.stderr.write('evobench: there is no run\\n'); return 2",
        "Path('s.sqlite').touch(); return 0",
        "tempfile.TemporaryDirectory().cleanup(); return 0",
        "sys.exit(0)",
        "subprocess.Popen(['sleep', '0.2'], start_new_session=True); return 0",
    ],
)
def test_nothing_is_found_of_a_command_that_does_no_wrong(tmp_path: Path, body: str) -> None:
    assert [] == found(tmp_path, body)


@pytest.mark.parametrize(
    ("body", "sort"),
    [
        ("raise ValueError('odd')", "traceback"),
        ("sys.stderr.write('Traceback (most recent call last)\\n'); return 2", "traceback"),
        ("sys.stderr.write('evobench: this is a fault of evobench: KeyError\\n'); return 70", "traceback"),
        ("os.kill(os.getpid(), 11)", "traceback"),
        ("Path('PWNED').touch(); return 0", "executed"),
        ("(Path.home().parent / 'PWNED').touch(); return 0", "executed"),
        ("Path('../evil').touch(); return 0", "outside"),
        ("Path('../../x').mkdir(); return 0", "outside"),
        ("(Path.home() / '.bashrc').write_text('as it is'); return 0", "outside"),
        ("Path('../report.html').unlink(); return 0", "outside"),
        ("os.link('../report.html', '../again'); return 0", "outside"),
        ("tempfile.mkstemp(); return 0", "outside"),
        ("return 1", "lie"),
        ("return 5", "lie"),
        ("return 2", "lie"),
        ("sys.exit('no')", "lie"),
        ("sys.stderr.write('evobench: there is no run\\n'); return 0", "lie"),
        ("sys.stderr.write('evobench: a\\nevobench: b\\n'); return 2", "lie"),
        ("sys.stderr.write('x' * 301 + '\\n'); return 0", "lie"),
        ("sys.stderr.write('evobench: ' + 'x' * 1001 + '\\n'); return 2", "lie"),
        ("sys.stderr.write('evobench: \\x1b]0;title\\n'); return 2", "lie"),
        ("print('\\x9b31m'); return 0", "lie"),
    ],
)
def test_each_misdeed_is_found_as_what_it_is(tmp_path: Path, body: str, sort: str) -> None:
    assert [sort] == sorts(tmp_path, body)


def test_a_command_that_never_ends_is_a_hang(tmp_path: Path) -> None:
    assert ["hang"] == sorts(tmp_path, "time.sleep(3600)", limit=0.0)


def test_a_process_that_outlives_its_command_is_a_hang(tmp_path: Path) -> None:
    assert ["hang"] == sorts(tmp_path, "subprocess.Popen(['sleep', '3600'], start_new_session=True); return 0")


def test_1_is_the_verdict_of_a_comparison(tmp_path: Path) -> None:
    assert [] == sorts(tmp_path, "return 1", "compare", "a", "b")


def test_1_with_a_refusal_is_a_lie_of_a_comparison_too(tmp_path: Path) -> None:
    assert ["lie"] == sorts(tmp_path, "sys.stderr.write('evobench: no\\n'); return 1", "compare", "a", "b")


def test_the_place_of_a_traceback_is_the_innermost_line_of_evobench(tmp_path: Path) -> None:
    body = "import bench.declare.places as places\nplaces.place_of_import(3)"
    assert "bench/declare/places.py" in found(tmp_path, body)[0][2]


def test_every_sort_is_tried_here() -> None:
    text = Path(__file__).read_text()
    assert [] == [sort for sort in SORTS if f'"{sort}"' not in text]
