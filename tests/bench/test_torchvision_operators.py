"""torchvision is imported in every state of its library, each seen in an interpreter that has not loaded it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="each form takes a fork")

ROOT = Path(__file__).parents[2]
INIT = """
from . import extension
import torch

@torch.library.register_fake("torchvision::nms")
def nms(dets, scores, threshold):
    return dets

@torch.library.register_fake("torchvision::qnms")
def qnms(dets, scores, threshold):
    return dets
"""
"""What torchvision does when it is imported, whether or not its library has been loaded."""
LOADS = """
import torch
from pathlib import Path

assert (Path(__file__).parent / "{file}").exists()
LIBRARY = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    LIBRARY.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    LIBRARY.impl(name, lambda dets, scores, threshold: dets, "CPU")
"""
"""Stands for the library: as the real one does, it defines each operator, which nobody may have done before."""
DOES_NOT_LOAD = """
try:
    raise OSError("libcudart.so.13: cannot open shared object file")
except OSError:
    pass
"""
FORMS: dict[str, dict[str, str]] = {
    "loads": {"__init__.py": INIT, "extension.py": LOADS.format(file="_C.so"), "_C.so": ""},
    "loads under another name": {
        "__init__.py": INIT,
        "extension.py": LOADS.format(file="_C_stable.so"),
        "_C_stable.so": "",
    },
    "does not load": {"__init__.py": INIT, "extension.py": DOES_NOT_LOAD, "_C.so": ""},
    "is not there": {"__init__.py": INIT, "extension.py": ""},
    "wants an unknown operator": {"__init__.py": INIT.replace("qnms", "rnms"), "extension.py": ""},
    "is broken otherwise": {"__init__.py": "raise RuntimeError('built for another Python')"},
    "is installed": {},
}
"""Files of a package `torchvision` that stands before the installed one, by the state of its library."""
SCRIPT = """
import json, os, sys
import torch
from bench.torchvision_operators import import_torchvision

def look(folder):
    sys.path.insert(0, folder)
    try:
        import_torchvision()
        defined = import_torchvision()
    except RuntimeError as error:
        return {"error": str(error)}
    box, score = torch.zeros(1, 4), torch.zeros(1)
    try:
        kept = torch.ops.torchvision.nms(box, score, 0.5).shape[0]
    except NotImplementedError:
        kept = "refused"
    return {"defined": defined, "nms": kept, "builders": hasattr(sys.modules["torchvision"], "models")}

found = {}
for name, folder in json.loads(sys.argv[1]).items():
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.write(writing, json.dumps(look(folder)).encode())
        os._exit(0)
    os.wait()
    os.close(writing)
    found[name] = json.loads(os.read(reading, 65536))
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What importing each form of torchvision led to."""
    folders = {}
    for name, files in FORMS.items():
        folders[name] = str(folder := tmp_path_factory.mktemp("form"))
        for file, content in files.items():
            (folder / "torchvision").mkdir(exist_ok=True)
            (folder / "torchvision" / file).write_text(content)
    command = [sys.executable, "-c", SCRIPT, json.dumps(folders)]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    assert "" == done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("form", ["loads", "loads under another name"])
def test_nothing_is_defined_where_the_library_loads_whatever_its_file_is_called(
    seen: dict[str, Any], form: str
) -> None:
    assert {"defined": [], "nms": 1, "builders": False} == seen[form]


@pytest.mark.parametrize("form", ["does not load", "is not there"])
def test_two_operators_are_defined_where_the_library_does_not_load(seen: dict[str, Any], form: str) -> None:
    assert ["nms", "qnms"] == seen[form]["defined"]


@pytest.mark.parametrize("form", ["does not load", "is not there"])
def test_a_defined_operator_refuses_to_compute(seen: dict[str, Any], form: str) -> None:
    assert "refused" == seen[form]["nms"]


def test_an_operator_without_a_known_schema_is_not_made_up(seen: dict[str, Any]) -> None:
    assert {"error": "operator torchvision::rnms does not exist"} == seen["wants an unknown operator"]


def test_another_failure_of_the_import_is_told_as_it_is(seen: dict[str, Any]) -> None:
    assert {"error": "built for another Python"} == seen["is broken otherwise"]


def test_the_installed_torchvision_loads_whatever_the_build_of_torch(seen: dict[str, Any]) -> None:
    assert seen["is installed"]["builders"]


def test_an_operator_of_the_installed_torchvision_computes_unless_it_was_defined(
    seen: dict[str, Any],
) -> None:
    assert ("refused" if seen["is installed"]["defined"] else 1) == seen["is installed"]["nms"]
