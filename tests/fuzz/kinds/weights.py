"""Checkpoints of strangers: pickles, archives and headers that promise what they have not."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from random import Random
from typing import Any

from tests.fuzz.base import Base, lenet5_state, saved
from tests.fuzz.drawing import changed_bytes, changed_tree, drawn, number, text, trees
from tests.fuzz.kinds.nodes import odd_node
from tests.fuzz.sandbox import Attempt, Sandbox

LEARN = ("run", "--dry-run", "--arch", "lenet5", "--mode", "finetune:all", "--store", "s.sqlite", "--target")
MEBIBYTE = 1 << 20


def make(box: Sandbox, random: Random, base: Base) -> Attempt:
    """A file of weights, and a verb that begins with it."""
    way = random.random()
    suffix = random.choice(sorted(base.checkpoints))
    sound = base.checkpoints[suffix]
    file = box.own / f"m{suffix}"
    if way < 0.05:
        odd_node(file, box, random)
    elif way < 0.2:
        file.write_bytes(_payload(box, random))
    elif way < 0.3 and suffix == ".safetensors":
        file.write_bytes(_header(sound, random))
    elif way < 0.4 and suffix == ".pth":
        file.write_bytes(_archive(sound, random))
    elif way < 0.65:
        file.write_bytes(saved(_odd_state(random), zipped=random.random() < 0.7))
    elif way < 0.7:
        file.write_bytes(
            random.choice(
                (
                    b"\x8e\0\0\0\0\0\0\4\0",
                    b"\x80\2" + b"(" * 100_000,
                    b"]" * 10**6,
                    b"\x80\4\x95" + b"\xff" * 8,
                    b"",
                )
            )
        )
    else:
        file.write_bytes(changed_bytes(sound, random))
    state = random.choice((*[""] * 6, *["#partial"] * 2, "#model", "#" + "x" * 400, "#\x1b[2J"))
    target = random.choice(("folder:" + str(base.photos), "uci-digits"))
    if random.random() < 0.1:
        return Attempt(
            (
                "evaluate",
                "--arch",
                "lenet5",
                "--weights",
                f"file:{file.name}{state}",
                str(base.photos),
                "--store",
                "s.sqlite",
            )
        )
    return Attempt((*LEARN, target, "--weights", f"file:{file.name}{state}"))


def _odd_tensors() -> tuple[Any, ...]:
    import torch

    shape = (120, 400)
    return (
        torch.full((10,), float("nan")),
        torch.zeros(0),
        torch.zeros(()),
        torch.zeros(shape, dtype=torch.complex64),
        torch.zeros(shape, dtype=torch.int8),
        torch.zeros(1).expand(shape),
        torch.zeros(400, 120).T,
        torch.eye(3).to_sparse(),
        torch.empty(shape, device="meta"),
    )


def _odd_state(random: Random) -> Any:
    """A tree that torch saves and no network may fit, as a state or with one in it."""
    state: dict[Any, Any] = lenet5_state()
    for _ in range(random.choice((0, 1, 2))):
        name = random.choice([*state])
        given = random.choice((*_odd_tensors(), state, [1], None, text(random), drawn(trees(), random)))
        state = {key: value for key, value in state.items() if key != name or random.random() < 0.8}
        state[random.choice((name, f"module.{name}", text(random), 3, ("a", 1)))] = given
    return random.choice(
        (state, {"model": state, "epoch": 3}, {text(random): state, "state_dict": [state]}, [state], None)
    )


class _Touch:
    """Makes the canary when it is unpickled."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch '{self._path}'",)


def _payload(box: Sandbox, random: Random) -> bytes:
    """A pickle that runs a program where anything loads it, alone or in torch's archive."""
    data = pickle.dumps(_Touch(str(box.canary)), protocol=random.choice((0, 2, 4)))
    if random.random() < 0.4:
        return data
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("m/data.pkl", data)
        archive.writestr("m/version", "3")
        archive.writestr("m/constants.pkl", data)
        archive.writestr("m/code/__torch__.py", "import os\nos.system('touch PWNED')\n")
    return file.getvalue()


def _header(sound: bytes, random: Random) -> bytes:
    """Another header of safetensors: offsets, shapes and types that do not fit."""
    length = int.from_bytes(sound[:8], "little")
    tree = json.loads(sound[8 : 8 + length])
    for _ in range(random.randint(1, 3)):
        tree = changed_tree(tree, random)
    if random.random() < 0.3:
        tree = {"a": {"dtype": "F32", "shape": [number(random)], "data_offsets": [0, number(random)]}}
    head = json.dumps(tree).encode()
    said = len(head) if random.random() < 0.8 else random.choice((0, 2**63, 2**40, len(head) - 1))
    return said.to_bytes(8, "little") + head + sound[8 + length :]


def _archive(sound: bytes, random: Random) -> bytes:
    """The archive with one member more, less, or of other content."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound)) as known, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        names = known.namelist()
        chosen = random.choice(names)
        for name in names:
            data = known.read(name)
            if name == chosen:
                data = random.choice((b"", changed_bytes(data, random), b"\0" * (64 * MEBIBYTE)))
            if name != chosen or random.random() < 0.8:
                archive.writestr(name, data)
        archive.writestr(random.choice(("../../evil", "../../../evil", "m/data/999", "m/" + "x" * 60_000)), b"x")
    return file.getvalue()
