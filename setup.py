"""Make the package's readme from README.md. All else that the package says of itself stands in pyproject.toml.

Links and pictures of README.md are paths within the repository. A package index shows the readme at an address
of its own, where such paths lead nowhere: each becomes the address of that file at the version's tag.
"""

import re
import tomllib
from pathlib import Path

from setuptools import setup

PICTURES = {".avif", ".gif", ".jpg", ".jpeg", ".png", ".svg", ".webp"}
RELATIVE = re.compile(r"""(\]\(|\b(?:src|srcset|href)="|(?m:^\[[^]]+\]:\s+))(?![a-z]+:|\#)([^\s)"]+)""")
"""What opens a link or a picture in Markdown or HTML, and a path behind it."""


def for_an_index(readme: str, source: str, tag: str) -> str:
    """The readme with addresses below `source`, the repository's own, in the place of paths."""

    def absolute(found: re.Match[str]) -> str:
        opening, path = found.groups()
        is_picture = Path(path.partition("#")[0]).suffix.lower() in PICTURES
        return f"{opening}{source}/{'raw' if is_picture else 'blob'}/{tag}/{path.removeprefix('./')}"

    return RELATIVE.sub(absolute, readme)


here = Path(__file__).parent
project = tomllib.loads((here / "pyproject.toml").read_text(encoding="utf-8"))["project"]
setup(
    long_description=for_an_index(
        (here / "README.md").read_text(encoding="utf-8"), project["urls"]["Source"], f"v{project['version']}"
    ),
    long_description_content_type="text/markdown",
)
