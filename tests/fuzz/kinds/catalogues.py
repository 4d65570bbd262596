"""Catalogues that raise anything, print, loop, hide names or declare what cannot be."""

from __future__ import annotations

from random import Random

from tests.fuzz.base import CATALOG, Base
from tests.fuzz.drawing import changed_text, number, text
from tests.fuzz.kinds.nodes import odd_node
from tests.fuzz.sandbox import Attempt, Sandbox

RAISED = (
    "ValueError('x' * 10_000_000)", "ValueError('\\x1b]0;title\\x07')", "GeneratorExit()", "SystemExit(1)",
    "SystemExit('no')", "SystemExit(None)", "KeyboardInterrupt()", "MemoryError()", "RecursionError('deep')",
    "Own('a panic')", "Silent()", "OSError(28, 'full')", "BrokenPipeError()", "StopIteration()",
    "asyncio.CancelledError()", "ExceptionGroup('many', [ValueError('a')] * 50)", "ImportError('x')",
    "ModuleNotFoundError('torch', name='torch')", "SyntaxError('odd')",
    "UnicodeDecodeError('utf-8', b'x', 0, 1, 'odd')", "Warning('careful')",
    "BaseExceptionGroup('many', [Own('a')])", "AssertionError()", "FileNotFoundError(2, 'gone', '\\x1b[2J')",
    "ImportError('x', name='bench')",
)  # fmt: skip
"""Errors as a catalogue raises them."""
HEAD = """import asyncio, os, sys, threading, time
class Own(BaseException): pass
class Silent(Exception):
    def __str__(self): raise ValueError('no words')
class Loud(str):
    def __format__(self, spec): raise ValueError('no form')
"""
DECLARED = """
@architecture({keywords})
def {function}(num_classes: int):
    \"\"\"{about}\"\"\"
    {body}
"""
AT_IMPORT = (
    "print('printed')", "sys.stdout.write('\\x1b[31mred')", "os.write(1, b'written\\n')", "os.close(1)",
    "sys.stdout = None", "sys.stdout.close()", "sys.stderr = None",
    "import warnings; warnings.simplefilter('error')", "sys.setrecursionlimit(60)", "os.chdir('/')",
    "os.environ.clear()", "import torch; torch.set_default_dtype(torch.float64)", "sys.argv.clear()",
    "threading.Thread(target=time.sleep, args=(0.1,)).start()", "sys.path.clear()",
    "sys.modules.pop('json', None)",
    "def deep(): deep()\ndeep()", "sys.excepthook = None", "import gc; gc.disable()", "sys.exit()", "sys.exit(1)",
    "exit('bye')", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "import locale; locale.setlocale(locale.LC_ALL, 'C')", "x = 'y' * 2**40", "os.umask(0o777)",
    "import logging; logging.basicConfig(level=0)", "int('9' * 5000)",
)  # fmt: skip
"""Statements of a catalogue at its import."""
VERBS = (
    ("list", "architectures"), ("list", "measures"), ("list", "suites", "--format", "json"), ("list", "datasets"),
    ("run", "--dry-run", "--arch", "{arch}", "--suite", "counts", "--store", "s.sqlite"),
    ("run", "--dry-run", "--arch", "small", "--measure", "latency", "--store", "s.sqlite"),
    ("show-model", "{arch}"), ("show-model", "{arch}", "--layers"), ("audit", "--ledger"),
    ("list", "architectures", "--long"),
)  # fmt: skip
FIELDS = (
    "family",
    "year",
    "paper",
    "resolution",
    "min_resolution",
    "channels",
    "idea",
    "tags",
    "venue_year",
    "published",
    "upper",
    "head",
)


def make(box: Sandbox, random: Random, base: Base) -> Attempt:
    """A catalogue, and a verb that is given it."""
    file = box.own / random.choice(("cat.py", "cat.py", "torch.py", "a b.py", "é.py", "-.py", "json.py"))
    way = random.random()
    called = "small"
    if way < 0.05:
        odd_node(file, box, random)
    elif way < 0.3:
        error = random.choice(RAISED)
        file.write_text(HEAD + _within(f"raise {error}", random))
    elif way < 0.55:
        file.write_text(
            HEAD + CATALOG.replace('"""A small network."""', "") + _within(random.choice(AT_IMPORT), random)
        )
    elif way < 0.7:
        file.write_bytes(changed_text(CATALOG, random).encode(errors="surrogatepass"))
    else:
        called = random.choice(("other", "other", "lenet5", "small"))
        file.write_text(HEAD + CATALOG + _declared(called, random), errors="surrogatepass")
    given = random.choice((file.name, str(file), f"./{file.name}"))
    words = tuple(word.format(arch=called) for word in random.choice(VERBS))
    return Attempt((*words, f"--catalog={given}"))


def _within(statement: str, random: Random) -> str:
    """The statement at the top, in a function, or in a class of its own."""
    way = random.randrange(4)
    inner = statement.replace("\n", "\n    ")
    if way == 0:
        return f"def f():\n    {inner}\nf()\n"
    if way == 1:
        return f"class C:\n    {inner}\n"
    return statement + "\n"


def _declared(called: str, random: Random) -> str:
    """An architecture with an odd word about it, or one whose building goes wrong."""
    words = {"family": "'F'", "year": "2026", "paper": "'p'", "resolution": "16", "min_resolution": "3"}
    for _ in range(random.randint(0, 2)):
        value = random.choice(
            (
                repr(number(random)),
                repr(text(random)),
                "None",
                "[]",
                "{}",
                "Loud('x')",
                "object()",
                "lambda: 1",
                "(1, 2)",
            )
        )
        words[random.choice(FIELDS)] = (
            value.replace("inf", "float('inf')").replace("nan", "float('nan')") if "'" not in value else value
        )
    body = random.choice((
        "return None", "return 3", "raise Own('a panic')", "raise Silent()", "raise SystemExit(1)",
        "return torch.nn.Identity()", "return torch.nn.Linear(1, num_classes)",
        "raise ValueError('\\x1b]0;t\\x07' + 'x' * 10_000)", "print('built'); return None",
        "raise KeyboardInterrupt", "return torch.nn.Conv2d(3, 2**20, 99)", "def f(): return f()\n    return f()",
        "raise GeneratorExit", "return torch.nn.Sequential(*[torch.nn.Flatten() for _ in range(2000)])",
        "return torch.jit.script(torch.nn.ReLU())",
    ))  # fmt: skip
    about = random.choice(("A network.", "", "\\x1b]0;t\\x07", "<b>", "x" * 5000, "=1+1"))
    keywords = ", ".join(f"{name}={value}" for name, value in words.items())
    return DECLARED.format(keywords=keywords, function=called, about=about, body=body)
