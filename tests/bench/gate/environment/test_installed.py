"""What is installed, and how an environment shares it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.gate.environment.installed import (
    harness_requirements,
    installed_here,
    installed_in,
    needed,
    same_version,
    share,
)
from tests.bench.gate.environment.packages import install


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Packages: `outer` asks for `inner`, and with its extra for `more`."""
    site = tmp_path / "site-packages"
    install(site, "outer", "1.0", ["inner", "more; extra == 'all'", "old; python_version < '3'"])
    for name in ("inner", "more", "old", "other"):
        install(site, name, "1.0")
    return site


def test_what_is_needed_is_what_requirements_lead_to(site: Path) -> None:
    assert {"outer", "inner"} == needed(["outer"], installed_in(site))


def test_an_extra_needs_more(site: Path) -> None:
    assert {"outer", "inner", "more"} == needed(["outer[all]"], installed_in(site))


def test_a_folder_that_others_have_a_part_in_is_shared_file_by_file(site: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (site / "common" / name).mkdir(parents=True)
        (site / "common" / name / "__init__.py").write_text("")
        install(site, f"has_{name}", "1.0")
        record = site / f"has_{name}-1.0.dist-info/RECORD"
        record.write_text(f"common/{name}/__init__.py,,\nhas_{name}-1.0.dist-info/METADATA,,\n")
    known, target = installed_in(site), tmp_path / "target"
    target.mkdir()
    share([known["has-one"]], known.values(), target)
    assert ["one"] == [folder.name for folder in (target / "common").iterdir()]
    assert {"has-one"} == set(installed_in(target))


def test_what_is_there_already_stays(site: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    install(target, "inner", "2.0")
    known = installed_in(site)
    share([known["inner"]], known.values(), target)
    assert "VERSION = '2.0'\n" == (target / "inner/__init__.py").read_text()


@pytest.mark.parametrize(("one", "other", "same"), [("2.0", "2.0+cpu", True), ("2.0", "2.0.1", False)])
def test_where_a_version_was_built_does_not_count(one: str, other: str, same: bool) -> None:
    assert same == same_version(one, other)


def test_what_lies_in_the_repository_is_not_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Path
) -> None:
    editable = installed_in(site)["inner"]
    (Path(str(editable.locate_file(""))) / "inner-1.0.dist-info/direct_url.json").write_text(
        f'{{"url": "file://{tmp_path}/work", "dir_info": {{"editable": true}}}}'
    )
    monkeypatch.syspath_prepend(str(site))
    found = installed_here(tmp_path / "work")
    assert (True, False) == ("outer" in found, "inner" in found)


def test_a_library_of_models_that_is_here_is_used_by_evobench_and_one_that_is_not_is_not(site: Path) -> None:
    install(site, "timm", "1.0")
    here = installed_in(site)
    assert ["timm"] == sorted(needed(harness_requirements(here, optional_only=True), here))
    assert [] == harness_requirements({}, optional_only=True)


def test_a_catalogue_that_is_installed_is_used_by_evobench(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(site, "nets", "1.0")
    (site / "nets-1.0.dist-info/entry_points.txt").write_text("[evobench.catalogs]\nnets = nets\n")
    monkeypatch.syspath_prepend(str(site))
    assert ["nets"] == harness_requirements({"nets": installed_in(site)["nets"]}, optional_only=True)


def test_evobench_itself_is_not_shared_and_needs_torch() -> None:
    assert "evobench" not in installed_here(Path("/nowhere"))
    assert {"torch", "torchvision"} <= needed(harness_requirements({}), {})
