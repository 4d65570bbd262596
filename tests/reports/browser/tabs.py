"""The page in a real Chromium, opened from disk with no network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.chromium import CHROMIUM, wait_until

IN_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


@dataclass
class Tab:
    """An open page with what it said and asked for."""

    page: Any
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Note every message, error, dialog and request."""
        self.page.on("console", lambda message: self.messages.append(message.text))
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def draw_all(self) -> None:
        """Wait until the page has drawn all charts and made all tables."""
        wait_until(self.page, "performance.getEntriesByName('charts drawn').length")
        wait_until(self.page, "!document.querySelector('.scroll.packed')")

    def open_all(self) -> None:
        """Open what is folded, the data of all charts too."""
        self.page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
        self.page.locator(".chart .data .table").last.wait_for()

    def unfold(self) -> None:
        """Open the tables and the sections that are folded."""
        self.page.evaluate(
            "document.querySelectorAll('.appendix, details.table, details.tables')"
            ".forEach(fold => { fold.open = true; })"
        )

    def headings(self, table: str) -> list[str]:
        """Those that are seen."""
        found: list[str] = self.page.locator(f"#table-{table} th:visible").all_inner_texts()
        return found

    def rows(self, table: str) -> list[str]:
        """The first cells of the rows that are seen."""
        found: list[str] = self.page.locator(f"#table-{table} tbody tr:visible td:first-child").all_inner_texts()
        return found

    def pasted(self) -> str:
        """What is in the clipboard."""
        self.page.evaluate(
            "document.body.append(Object.assign(document.createElement('textarea'), { id: 'pasted' }))"
        )
        self.page.locator("#pasted").focus()
        self.page.keyboard.press("Control+V")
        found: str = self.page.locator("#pasted").input_value()
        return found
