"""The page on installations names what pyproject.toml has."""

import re
import tomllib

from tests.docs.pages import DOCS
from tests.rooms import ROOT

PAGE = (DOCS / "how-to" / "install.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
FOR_DEVELOPERS = {"test", "docs", "lint", "types"}


def test_every_extra_for_users_has_a_row_of_its_own_and_no_other_has() -> None:
    assert sorted(EXTRAS.keys() - FOR_DEVELOPERS) == sorted(
        re.findall(r"^\| `evobench\[(\w+)\]`", PAGE, re.MULTILINE)
    )


def test_every_command_asks_for_extras_that_there_are() -> None:
    asked = {name for names in re.findall(r"evobench\[([\w,]+)\]", PAGE) for name in names.split(",")}
    assert set() == asked - EXTRAS.keys()


def test_the_way_without_fvcore_leaves_out_a_requirement_that_there_is() -> None:
    assert "fvcore; sys_platform" in PAGE
    assert [] != [line for line in PROJECT["dependencies"] if line.startswith("fvcore")]
