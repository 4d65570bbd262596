"""What columns mean, where the code does not say it: tools/docs/meanings.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_TEXT = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
MEANINGS: dict[str, dict[str, Any]] = tomllib.loads(_TEXT)
"""By kind of column (`records`, `details`, `headings`, `tables`, `store`), then by name."""
