"""Stores whose pages are written by hand: SQLite reads them, and would never come to an end.

The layout is that of https://www.sqlite.org/fileformat2.html.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from struct import pack, unpack

from tests.fuzz.sandbox import Sandbox

INTERIOR = {13: 5, 10: 2}
"""Kind of the pages above a leaf, by the kind of the leaf: of a table, of an index."""
MAGIC = bytes.fromhex("d9d505f920a163d7")
"""First bytes of a journal, and last ones of a journal that names another."""


class Pages:
    """The pages of a closed store, to be changed and written again."""

    def __init__(self, path: Path, name: str = "run") -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = DELETE")
            (self.size,) = db.execute("PRAGMA page_size").fetchone()
            found = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        if found is None:
            raise sqlite3.OperationalError(f"there is no {name}")
        self.root = found[0]
        self.path = path
        self.data = bytearray(path.read_bytes())

    def page(self, number: int) -> bytes:
        """One page."""
        return bytes(self.data[(number - 1) * self.size : number * self.size])

    def leaf(self) -> bytes:
        """The last leaf of the table or index."""
        page = self.page(self.root)
        while page[0] in INTERIOR.values():
            page = self.page(unpack(">I", page[8:12])[0])
        return page

    def add(self, page: bytes) -> int:
        """Write a further page; returns its number."""
        self.data += page
        number: int = len(self.data) // self.size
        return number

    def put(self, number: int, page: bytes) -> None:
        """Replace a page."""
        self.data[(number - 1) * self.size : number * self.size] = page

    def repeated(self, kind: int, cell: bytes, times: int, child: int = 0) -> bytes:
        """A page that has one cell many times, or as often as it can."""
        at = self.size - len(cell)
        times = min(times, (at - 12) // 2)
        head = pack(">BHHHB", kind, 0, times, at, 0) + (pack(">I", child) if child else b"")
        return (head + pack(">H", at) * times).ljust(at, b"\0") + cell

    def above(self, child: int, levels: int, kind: int, key: bytes, times: int) -> bytes:
        """The top of a tree in which every page refers to one page only, `times` times."""
        cell = pack(">I", child) + key
        for _ in range(levels - 1):
            cell = pack(">I", self.add(self.repeated(kind, cell, times, unpack(">I", cell[:4])[0]))) + key
        return self.repeated(kind, cell, times, unpack(">I", cell[:4])[0])

    def save(self) -> None:
        """Write the store."""
        self.data[28:32] = pack(">I", len(self.data) // self.size)
        self.path.write_bytes(self.data)


def repeat_pages(path: Path, name: str, levels: int = 5, times: int = 600) -> None:
    """Have a table or an index refer to one leaf `times ** levels` times."""
    pages = Pages(path, name)
    leaf = pages.leaf()
    kind = INTERIOR[leaf[0]]
    first = unpack(">H", leaf[8:10])[0]
    key = b"\1" if kind == 5 else leaf[first : first + 1 + leaf[first]]
    pages.put(pages.root, pages.above(pages.add(leaf), levels, kind, key, times))
    pages.save()


def repeat_rows(path: Path, name: str, times: int = 300) -> None:
    """Have the last leaf of a table refer to its first row many times, and so to one long value."""
    pages = Pages(path, name)
    leaf = pages.leaf()
    row = leaf[unpack(">H", leaf[8:10])[0] :]
    pages.put(pages.root, pages.repeated(leaf[0], row, times))
    pages.save()


def repeat_schema(path: Path, levels: int = 5, times: int = 600) -> None:
    """Have the list of all tables and indexes go on with one index, over and over."""
    pages = Pages(path, "sqlite_autoindex_run_1")
    text = b"indexsqlite_autoindex_run_1run"
    row = bytes([6, 23, 13 + 2 * 22, 13 + 2 * 3, 1, 0]) + text + bytes([pages.root])
    index = pages.add(pages.repeated(13, bytes([len(row), 1]) + row, 100))
    top = pages.page(1)
    start, count = unpack(">H", top[105:107])[0], unpack(">H", top[103:105])[0]
    true = pages.add(top[100 : 108 + 2 * count].ljust(start, b"\0") + top[start:])
    rest = pages.add(pages.above(index, levels, 5, b"\1", times))
    cell = pack(">I", true) + b"\x7f"
    at = pages.size - len(cell)
    head = top[:100] + pack(">BHHHBIH", 5, 0, 1, at, 0, rest, at)
    pages.put(1, head.ljust(at, b"\0") + cell)
    pages.save()


def chain_pages(path: Path, name: str, levels: int) -> None:
    """Have a table lie below as many levels as said, each of them of one page of 512 bytes."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA page_size = 512")
        db.execute("VACUUM")
    pages = Pages(path, name)
    child = pages.add(pages.page(pages.root))
    pages.data += b"".join(pages.repeated(5, b"", 0, child + i) for i in range(levels))
    pages.put(pages.root, pages.repeated(5, b"", 0, child + levels))
    pages.save()


def name_in_journal(path: Path, other: Path) -> None:
    """Leave a journal beside a store that says it belongs to a second journal, which is any file."""
    pages = Pages(path)
    name = str(other).encode()
    head = MAGIC + pack(">IIIII", 0, 0x1234, len(pages.data) // pages.size, 512, pages.size)
    last = pack(">I", 2**30 // pages.size + 1) + name + pack(">II", len(name), sum(name)) + MAGIC
    path.with_name(f"{path.name}-journal").write_bytes(head.ljust(512, b"\0") + last)


def odd_pages(store: Path, box: Sandbox, random: Random) -> None:
    """Pages that are no trees, so that SQLite finds rows without end; a journal by which it removes a file."""
    names = ("run", "record", "cell", "declaration", "record_by_cell", "sqlite_autoindex_cell_1", "baseline")
    way = random.randrange(6)
    if way < 2:
        repeat_pages(store, random.choice(names), random.choice((2, 5, 15)), random.choice((2, 600)))
    elif way == 2:
        repeat_rows(store, random.choice(names), random.choice((2, 600)))
    elif way == 3:
        repeat_schema(store)
    elif way == 4:
        chain_pages(store, random.choice(names[:4]), random.choice((30, 40_000)))
    else:
        name_in_journal(store, box.root / "victim")
