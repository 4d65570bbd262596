"""What lies beside a store under the id of a run, which may be any text."""

from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.run.runs import new_id
from bench.run.shelf.beside import folder_of_run, is_id, lock_of_run
from bench.run.shelf.locks import measuring
from tests.bench.strangers import NOT_IDS

RUN = "20260102-030405-1a2b"
STRANGE = pytest.mark.parametrize("run", NOT_IDS.values(), ids=NOT_IDS)


def test_an_id_that_evobench_gives_names_a_folder_beside_the_store() -> None:
    name = new_id()
    assert (True, Path("runs") / name) == (is_id(name), folder_of_run(Path("runs/evobench.sqlite"), name))


@STRANGE
def test_no_other_id_names_a_folder(run: str) -> None:
    with pytest.raises(UsageError, match=r"^'[ -~]{0,90}' is not an id that evobench gives to a run: no file is"):
        folder_of_run(Path("runs/evobench.sqlite"), run)


@STRANGE
def test_no_other_id_names_a_lock(tmp_path: Path, run: str) -> None:
    with pytest.raises(UsageError, match="is not an id"), measuring(tmp_path, run):
        pass
    assert [] == list(tmp_path.iterdir())


def test_a_lock_is_a_hidden_file() -> None:
    assert Path("runs/.20260102-030405-aaaa.lock") == lock_of_run(Path("runs"), "20260102-030405-aaaa")


@pytest.mark.parametrize("place", [".", "report.html", "tables", "tables/counts.csv"])
def test_nothing_is_written_through_a_link_in_the_folder_of_a_run(tmp_path: Path, place: str) -> None:
    link = tmp_path / RUN / place
    link.parent.mkdir(parents=True, exist_ok=True)
    try:
        link.symlink_to(tmp_path / "thesis.tex")
    except OSError:
        pytest.skip("this user may not make links")
    with pytest.raises(UsageError, match=r"is neither a file nor a folder, and nothing is written through it$"):
        folder_of_run(tmp_path / "evobench.sqlite", RUN)
