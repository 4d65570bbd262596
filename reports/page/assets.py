"""The page with its style and scripts as files, for servers that refuse them within a page: Jenkins, GitLab."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from reports.page.document import Document, early, packed_data, script, strict, style

PAGE = "index.html"
"""The page among its files."""
_FOLDER = "files"
"""Folder of the other assets, beside the page."""
_POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'"
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<path d="M2 3L6 9L10 11L14 13" fill="none" stroke="#0b62a4" stroke-width="2.5" stroke-linecap="round"/></svg>'
)
"""An error that falls: without an icon browsers ask the server for one."""
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/=]+)")
_STYLE = re.compile(r' style="([^"]*)"')
_CARRIED = re.compile(r'getElementById\("([0-9a-f]{64})"\)')
"""Styles that plotly brings for its maps, under ids of their own; a page that has the id is left alone."""


class _Files:
    """Texts of the page, with what they hold within them put into files."""

    def __init__(self) -> None:
        self.pictures: dict[str, bytes] = {}
        self.rules: dict[str, str] = {}

    def freed(self, html: str) -> str:
        """HTML whose pictures and styles lie in files."""
        return _PICTURE.sub(self._picture, _STYLE.sub(self._rule, html))

    def _picture(self, found: re.Match[str]) -> str:
        content = base64.b64decode(found[2])
        name = f"{_FOLDER}/{hashlib.sha256(content).hexdigest()[:16]}.{found[1]}"
        self.pictures[name] = content
        return name

    def _rule(self, found: re.Match[str]) -> str:
        name = self.rules.setdefault(found[1], str(len(self.rules)))
        return f' data-rule="{name}"'

    def all_freed(self, content: Any) -> Any:
        """JSON-plain data of which HTML (`Markup`) and pictures are freed, and other texts stay as they are."""
        if isinstance(content, Mapping):
            return {key: self.all_freed(value) for key, value in content.items()}
        if isinstance(content, list | tuple):
            return [self.all_freed(value) for value in content]
        if isinstance(content, Markup):
            return self.freed(content)
        return _PICTURE.sub(self._picture, content) if isinstance(content, str) else content


def files_of(document: Document) -> Iterator[tuple[str, bytes]]:
    """The files of a page by their paths, the page itself last: it is there when all that it asks for is.

    No file has anything of another sort within it: the page works where `default-src 'self'` is in force.
    """
    files = _Files()
    plotly = get_plotlyjs() if document.data["figures"] else ""
    sections = tuple((item, Markup(files.freed(content))) for item, content in document.sections)
    blocks = files.all_freed(document.data["blocks"])
    # a server that allows nothing but its own files refuses the picture of a chart that plotly would make
    config = {**document.data["config"], "modeBarButtonsToRemove": ["toImage"]}
    data = packed_data({**document.data, "blocks": blocks, "config": config})
    html = replace(document, sections=sections).html(
        _POLICY, _FOLDER, carried=list(dict.fromkeys(_CARRIED.findall(plotly)))
    )
    rules = "".join(f'[data-rule="{name}"] {{ {text} }}\n' for text, name in files.rules.items())
    texts = {
        "page.css": f"{style()}{rules}",
        "early.js": early(),
        "strict.js": strict(),
        "page.js": script(),
        "icon.svg": _ICON,
        "data.js": f'document.getElementById("data").textContent = "{data}";\n',
        "plotly.js": plotly,
    }
    yield from files.pictures.items()
    yield from ((f"{_FOLDER}/{name}", text.encode()) for name, text in texts.items() if text)
    yield PAGE, html.encode()
