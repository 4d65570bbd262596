"""Declarations of what is measured: architectures, data sets and suites, and the models that no library has."""

from pathlib import Path

CLAIMS = Path(__file__).with_name("claims.toml")
"""Every figure of the lecture."""
