"""Files of words: claims, studies, reference runs and class maps, with other types, depths and digits."""

from __future__ import annotations

import json
from random import Random

from tests.fuzz.base import CLAIMS, STUDY, Base
from tests.fuzz.drawing import changed_bytes, changed_text, changed_tree, deep, drawn, name, number, text, trees
from tests.fuzz.kinds.nodes import odd_node
from tests.fuzz.sandbox import Attempt, Sandbox

HARD = (
    "a = {deep}\n", "printed = {digits}\n", "with = {{ architecture = 3 }}\n", "with = [{{}}]\n",
    "printed = nan\n", "printed = -inf\n", "printed = 1979-05-27T07:32:00Z\n", 'id = "\\u001b]0;x\\u0007"\n',
    "printed = {nested}\n", 'check = "../x"\n', 'with = {{ architecture = "{long}" }}\n', "step = 0\n",
    "step = -1\n", "a.{keys}b = 1\n", "[[claim]]\n", 'resolution = {digits}\n', 'catalog = "evil.py"\n',
    'store = "../../evil.sqlite"\n', "batch = [[1]]\n", 'seeds = true\n', 'arch = "{long}"\n',
    'budget = "{digits}m"\n', 'threads = 0x{digits}\n', 'target = "csv:/dev/zero"\n', 'serve = true\n',
    "help = true\n", "study = 'x.toml'\n", "resolution = -1\n", "arch = []\n", "lr = [nan, inf, -1]\n",
)  # fmt: skip
"""Lines that a reader of TOML takes, or should refuse in a line."""


def make_claims(box: Sandbox, random: Random, base: Base) -> Attempt:
    """A list of claims, and the audit of it."""
    _write(box, "claims.toml", CLAIMS, random)
    return Attempt(
        (
            "audit",
            "--claims",
            "claims.toml",
            *random.choice(((), ("--ledger",), ("--format", "json"))),
            "--store",
            "s.sqlite",
        )
    )


def make_study(box: Sandbox, random: Random, base: Base) -> Attempt:
    """A study, and the plan of its run."""
    _write(box, "study.toml", STUDY, random)
    return Attempt(("run", "study.toml", "--dry-run", "--store", "s.sqlite"))


def make_reference(box: Sandbox, random: Random, base: Base) -> Attempt:
    """The file of a reference run, and the comparison with it."""
    file = box.own / "reference.json"
    sound = base.reference.read_text()
    way = random.random()
    if way < 0.08:
        odd_node(file, box, random)
    elif way < 0.2:
        file.write_text(deep(random))
    elif way < 0.4:
        file.write_bytes(changed_bytes(sound.encode(), random))
    else:
        tree = json.loads(sound)
        for _ in range(random.choice((1, 1, 3))):
            tree = changed_tree(tree, random)
        file.write_text(json.dumps(tree))
    form = random.choice(((), ("--all",), ("--format", "json"), ("--write", "comment=c.md")))
    return Attempt(("compare", file.name, "latest", *form, "--store", str(base.store)))


def make_class_map(box: Sandbox, random: Random, base: Base) -> Attempt:
    """A table of class names and indices, or ILSVRC's meta.mat, and the evaluation that reads it."""
    file = box.own / random.choice(("map.csv", "map.txt", "map.json", "meta.mat"))
    sound = "cats,281\ndogs,207\n"
    mat = b"MATLAB 5.0 MAT-file" + b" " * 105 + b"\0\1IM" + random.randbytes(200)
    if file.suffix == ".mat" and random.random() < 0.8:
        file.write_bytes(mat)
    elif file.suffix == ".json":
        file.write_text(random.choice((deep(random), json.dumps(drawn(trees(), random)))))
    else:
        _write(box, file.name, sound, random)
    pictures = str(base.photos)
    words = ("evaluate", "--arch", "lenet5", "--class-map", file.name, pictures, "--store", "s.sqlite")
    return Attempt(words)


def _write(box: Sandbox, file: str, sound: str, random: Random) -> None:
    way = random.random()
    path = box.own / file
    if way < 0.06:
        odd_node(path, box, random)
    elif way < 0.4:
        lines = sound.split("\n")
        lines.insert(random.randrange(len(lines) + 1), _hard(random))
        path.write_bytes("\n".join(lines).encode(errors="surrogatepass"))
    elif way < 0.6:
        path.write_bytes(changed_bytes(sound.encode(), random))
    else:
        path.write_bytes(changed_text(sound, random).encode(errors="surrogatepass"))


def _hard(random: Random) -> str:
    filled = {
        "deep": "[" * 5000 + "]" * 5000,
        "nested": "{a=" * 1200 + "1" + "}" * 1200,
        "digits": "9" * 5000,
        "long": "x" * 5000,
        "keys": "k." * 3000,
    }
    if random.random() < 0.8:
        return random.choice(HARD).format(**filled)
    return f"{name(random)} = {json.dumps(random.choice((text(random), number(random))))}"
