"""What MkDocs calls while it builds the site: pages made from the code, diagrams drawn without another host."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from tools.docs import columns, command_line, exit_codes, reference_runs, store

MERMAID = Path(".nox/docs/node_modules/mermaid/dist/mermaid.min.js")
"""The script that draws diagrams, where `nox -s docs` has installed it."""
_SCRIPT = "assets/mermaid.min.js"
_API = "reference/public-names.md"
_MADE: dict[str, Callable[[], str]] = {
    "reference/command-line.md": command_line.page,
    "reference/records.md": columns.records_page,
    "reference/tables.md": columns.tables_page,
    "reference/charts.md": columns.charts_page,
    "reference/exit-codes.md": exit_codes.page,
    "reference/store.md": store.page,
}
"""The pages that are made, by path."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Leave diagrams as text where nothing is installed that draws them: the theme would ask another host."""
    if not MERMAID.is_file():
        config.mdx_configs["pymdownx.superfences"]["custom_fences"] = []
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made and the script that draws diagrams."""
    made = {path: page() for path, page in _MADE.items()} | reference_runs.pages()
    for path, content in made.items():
        files.append(File.generated(config, path, content=content))
    if MERMAID.is_file():
        files.append(File.generated(config, _SCRIPT, abs_src_path=str(MERMAID.absolute())))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Add to the page of public names what each takes and gives, and lead from its tables there."""
    if page.file.src_uri != _API:
        return markdown
    names = re.findall(r"^\| `(\w+)` \|", markdown, re.MULTILINE)
    linked = re.sub(r"^\| `(\w+)` \|", r"| [`\1`][evobench.names.\1] |", markdown, flags=re.MULTILINE)
    return "\n\n".join([linked, "## What each takes and gives", *(f"::: evobench.names.{name}" for name in names)])


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Load the script that draws diagrams on the pages that have one, before the theme would fetch it."""
    if 'class="mermaid"' not in output:
        return output
    depth = page.url.count("/")
    return output.replace("</head>", f'<script src="{"../" * depth}{_SCRIPT}"></script></head>', 1)
