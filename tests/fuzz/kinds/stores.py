"""Damaged and hostile stores: a store is data from elsewhere."""

from __future__ import annotations

import json
import math
import re
import shutil
import sqlite3
import struct
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from typing import Any

from tests.fuzz.base import Base
from tests.fuzz.drawing import changed_bytes, changed_tree, deep, number, text
from tests.fuzz.kinds.nodes import odd_node
from tests.fuzz.pages import odd_pages
from tests.fuzz.sandbox import Attempt, Sandbox

EVIL = "import pathlib\npathlib.Path('{canary}').touch()\n"
STEPS = 1_000_000
"""Steps of SQLite's machine that a change may take; one of a sound store takes thousands."""
OF_A_RUN = ("cell", "record", "declaration", "verdict", "picture", "baseline", "images", "host", "artifact")
"""Tables with a column `run` that names one."""


def make(box: Sandbox, random: Random, base: Base) -> Attempt:
    """A store with one to three changes, and a verb that reads it."""
    store = box.own / "s.sqlite"
    shutil.copy(base.store, store)
    changes = [*_ROWS * 4, *_FILES]
    for _ in range(random.choice((1, 1, 2, 3))):
        change = random.choice(changes)
        if change in _FILES:
            with suppress(sqlite3.Error, IndexError, struct.error):  # a change before it has left no sound pages
                change(store, box, random)
            break
        with (
            closing(sqlite3.connect(store, isolation_level=None)) as connection,
            suppress(sqlite3.Error, OverflowError),
        ):
            # a view that an earlier change has put into a table's place may never end
            connection.set_progress_handler(lambda: 1, STEPS)
            _loosen(connection, random)
            change(connection, box, random)
    return Attempt(_verb(box, random, base))


def _verb(box: Sandbox, random: Random, base: Base) -> tuple[str, ...]:
    first, last = base.runs[0], base.runs[-1]
    lines = (
        "show", f"show {first}", "show --table records", "show --table scenarios --format csv",
        "show --format json", "report -o r.html", f"report {first}", "report", "report --history -o h.html",
        f"report {first} {last} -o c.html", "history --all", "history --since 2026-01-01 --format json",
        f"compare {first} {last} --all", "compare main latest --force --write junit=j.xml --write comment=c.md",
        f"compare {first} latest --format markdown", "export --csv c", "export --markdown m --latex l",
        "export --parquet p", "export --sqlite copy.sqlite", "export --reference ref.json",
        "export --pytest-benchmark b.json", "baseline list", "baseline save again", "baseline remove main",
        "recommend", "recommend --max-latency 5ms --min 10%", "clean --dry-run", "clean",
        "run --dry-run --arch lenet5 --suite counts", "run --resume --dry-run", "run --resume --dry-run",
        "run --resume", f"run --resume {first} --dry-run", "run --arch lenet5 --suite counts --no-report",
        f"save-model {first} model", "doctor",
    )  # fmt: skip
    if random.random() < 0.1:
        return ("import", "s.sqlite", "--store", "other.sqlite")
    return (*random.choice(lines).split(), "--store", "s.sqlite")


def _loosen(connection: sqlite3.Connection, random: Random) -> None:
    """Half of the time take away what the tables refuse, as a hostile writer would."""
    if random.random() < 0.5:
        connection.execute("PRAGMA writable_schema = ON")
        for name, sql in _schema(connection):
            loose = re.sub(r"\)\s*STRICT\s*$", ")", re.sub(r" NOT NULL| CHECK\s*\([^()]*\)", "", sql))
            connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (loose, name))
        connection.execute("PRAGMA writable_schema = RESET")
    connection.execute("PRAGMA ignore_check_constraints = ON")


def _schema(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL")
    return [(name, sql) for name, sql in found if not name.startswith("sqlite_")]


def _column(connection: sqlite3.Connection, random: Random) -> tuple[str, str]:
    table = random.choice(_schema(connection))[0]
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    return table, random.choice(columns)


def _where(random: Random) -> str:
    return random.choice(("", "", " WHERE rowid = (SELECT min(rowid) FROM {0})", " WHERE rowid % 2"))


def _retype(connection: sqlite3.Connection, box: Sandbox, random: Random) -> None:
    table, column = _column(connection, random)
    value = random.choice((None, text(random), number(random), b"\0\xff", deep(random), 1, "x", b""))
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        value = float(value)
    if isinstance(value, str):
        value = value.encode(errors="replace").decode()
    connection.execute(f"UPDATE {table} SET {column} = ?{_where(random).format(table)}", (value,))


def _tree(connection: sqlite3.Connection, box: Sandbox, random: Random) -> None:
    """Another value within the JSON of a column."""
    table, column = random.choice((
        ("cell", "content"), ("cell", "content"), ("run", "settings"), ("run", "settings"), ("run", "host"),
        ("record", "details"), ("record", "details"), ("declaration", "content"), ("declaration", "content"),
        ("artifact", "details"), ("host", "fingerprint"), ("cell", "suites"),
    ))  # fmt: skip
    for key, told in connection.execute(f"SELECT rowid, {column} FROM {table}").fetchall():
        if random.random() < 0.4:
            with suppress(ValueError, TypeError):
                tree = changed_tree(json.loads(told), random)
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (json.dumps(tree), key))


def _run_id(connection: sqlite3.Connection, box: Sandbox, random: Random) -> None:
    """Another id of the newest run, in all tables that name it."""
    known = connection.execute("SELECT max(id) FROM run").fetchone()[0]
    given = random.choice(
        (
            "../../evil",
            "..",
            str(box.root / "evil"),
            "../up",
            ".",
            "a/b",
            "\x1b]0;t\x07",
            "=1+1",
            "<b>",
            "x" * 300,
            "latest",
            "",
            "-x",
            "main",
            "\n",
            text(random),
            f"{known}/../../../evil",
        )
    )
    connection.execute("PRAGMA foreign_keys = OFF")
    given = given.encode(errors="replace").decode()
    state = random.choice(("interrupted", "complete", "running"))
    connection.execute("UPDATE run SET id = ?, state = ? WHERE id = ?", (given, state, known))
    for table in OF_A_RUN:
        connection.execute(f"UPDATE {table} SET run = ? WHERE run = ?", (given, known))


def _catalog(connection: sqlite3.Connection, box: Sandbox, random: Random) -> None:
    """A run that was interrupted names code that lies beside the store."""
    name = random.choice(("evil.py", str(box.own / "evil.py"), "evil", "../../evil.py", "./evil.py"))
    (box.own / "evil.py").write_text(EVIL.format(canary=box.canary))
    (box.own.parent.parent / "evil.py").write_text(EVIL.format(canary=box.canary))
    settings = {"catalogs": [name], "architectures": ["lenet5"], "suites": ["counts"], "profile": "smoke"}
    connection.execute("UPDATE run SET state = 'interrupted', settings = ?", (json.dumps(settings),))
    connection.execute(
        "UPDATE declaration SET content = json_set(content, '$.place', ?) WHERE json_valid(content)", (name,)
    )


def _state(connection: sqlite3.Connection, box: Sandbox, random: Random) -> None:
    state = random.choice(("interrupted", "running", "failed", "", text(random)))
    connection.execute("UPDATE run SET state = ?, finished = ''", (state.encode(errors="replace").decode(),))
    if random.random() < 0.5:
        connection.execute("DELETE FROM record WHERE rowid % 2")


def _orphan(connection: sqlite3.Connection, box: Sandbox, random: Random) -> None:
    connection.execute("PRAGMA foreign_keys = OFF")
    table = random.choice(_schema(connection))[0]
    connection.execute(f"DELETE FROM {table}{_where(random).format(table)}")


def _drop(connection: sqlite3.Connection, box: Sandbox, random: Random) -> None:
    connection.execute("PRAGMA foreign_keys = OFF")
    table, column = _column(connection, random)
    way = random.randrange(4)
    if way == 0:
        connection.execute(f"DROP TABLE {table}")
    elif way == 1:
        connection.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO other")
    elif way == 2:
        connection.execute(f"ALTER TABLE {table} ADD COLUMN other TEXT DEFAULT 'x'")
    else:
        connection.execute(f"PRAGMA user_version = {random.choice((0, 1, 3, 7, 9, 10**6, -1))}")


def _program(connection: sqlite3.Connection, box: Sandbox, random: Random) -> None:
    """A view in a table's place that never ends, or a trigger that changes what is not asked for."""
    table = random.choice(("record", "run", "cell", "baseline"))
    if random.random() < 0.5:
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        connection.execute("PRAGMA legacy_alter_table = ON")
        connection.execute(f"ALTER TABLE {table} RENAME TO hidden")
        connection.execute(f"CREATE VIEW {table} AS {endless} SELECT hidden.* FROM hidden, n")
    else:
        event = random.choice(("INSERT", "UPDATE", "DELETE"))
        connection.execute(
            f"CREATE TRIGGER t AFTER {event} ON {table} BEGIN UPDATE run SET id = id || '/../x'; END"
        )


def _samples(connection: sqlite3.Connection, box: Sandbox, random: Random) -> None:
    column = random.choice(("samples", "warmup"))
    data = random.choice(
        (b"", b"\0" * 7, random.randbytes(64), b"\xff" * 64, b"\x7f\xf0" + b"\0" * 6, b"\0" * 800_000)
    )
    connection.execute(
        f"UPDATE record SET {column} = ?, n = ?{_where(random).format('record')}",
        (data, random.choice((0, 1, 8, -1, 2**40))),
    )


def _figures(connection: sqlite3.Connection, box: Sandbox, random: Random) -> None:
    column = random.choice(("median", "mean", "p5", "p95", "lowest", "highest", "seconds"))
    value = random.choice((math.inf, -math.inf, 1e308, -1.0, 0.0, 5e-324, None))
    connection.execute(f"UPDATE record SET {column} = ?{_where(random).format('record')}", (value,))


def _picture(connection: sqlite3.Connection, box: Sandbox, random: Random) -> None:
    name = random.choice(("../../p", str(box.root / "p"), "<img src=x onerror=alert(1)>", text(random), "a/b"))
    png = random.choice((b"", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n" + random.randbytes(40)))
    name = name.encode(errors="replace").decode()
    connection.execute(
        f"UPDATE picture SET name = ?, title = ?, png = ?{_where(random).format('picture')}", (name, name, png)
    )
    connection.execute(
        "INSERT OR IGNORE INTO verdict SELECT id, 'weights', ? FROM run", (deep(random) or '{"status": 3}',)
    )


def _bytes(store: Path, box: Sandbox, random: Random) -> None:
    store.write_bytes(changed_bytes(store.read_bytes(), random))


def _beside(store: Path, box: Sandbox, random: Random) -> None:
    """Remains of a write-ahead log, or of a journal, that do not fit."""
    name = random.choice(("-wal", "-journal", "-shm"))
    heads = {
        "-wal": b"\x37\x7f\x06\x82\x00\x2d\xe2\x18\x00\x00\x10\x00",
        "-journal": bytes.fromhex("d9d505f920a163d7"),
        "-shm": b"",
    }
    target = store.with_name(store.name + name)
    way = random.random()
    if way < 0.3:
        odd_node(target, box, random)
    elif way < 0.6 and name == "-wal":
        _own_log(store)
    else:
        target.write_bytes(heads[name] + random.randbytes(random.choice((0, 20, 5000))))


def _own_log(store: Path) -> None:
    """A write-ahead log of its own that breaks off."""
    log = store.with_name(f"{store.name}-wal")
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE run SET command = command || 'x'")
        connection.commit()
        data = log.read_bytes()
    log.write_bytes(data[: len(data) * 2 // 3])


def _node(store: Path, box: Sandbox, random: Random) -> None:
    store.unlink()
    odd_node(store, box, random)


def _rights(store: Path, box: Sandbox, random: Random) -> None:
    store.chmod(0o444)
    box.own.chmod(random.choice((0o555, 0o755)))


_ROWS: tuple[Any, ...] = (
    _retype, _retype, _retype, _tree, _tree, _tree, _run_id, _run_id, _catalog, _state, _orphan, _drop, _program,
    _samples, _figures, _picture,
)  # fmt: skip
_FILES: tuple[Any, ...] = (
    _bytes, _bytes, _bytes, _bytes, _bytes, _bytes, _beside, _beside, _beside, odd_pages, odd_pages, odd_pages,
    _node, _rights,
)  # fmt: skip
