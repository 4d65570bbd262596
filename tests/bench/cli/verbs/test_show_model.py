"""The verb `show-model`: the layers of a network, as the usual summaries print them."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.cli.main import main
from bench.cli.verbs import show_model
from bench.execute.local.executor import LocalExecutor
from bench.store.database import Store
from tests.bench.lending import shared_executor

TINY = str(Path(__file__).parents[3] / "catalogs" / "tiny.py")
LECTURE = [
    ("Conv2d-1", "[-1, 16, 28, 28]", "416", "313,600", "conv1.0"),
    ("ReLU-2", "[-1, 16, 28, 28]", "0", "0", "conv1.1"),
    ("MaxPool2d-3", "[-1, 16, 14, 14]", "0", "0", "conv1.2"),
    ("Conv2d-4", "[-1, 32, 14, 14]", "12,832", "2,508,800", "conv2.0"),
    ("ReLU-5", "[-1, 32, 14, 14]", "0", "0", "conv2.1"),
    ("MaxPool2d-6", "[-1, 32, 7, 7]", "0", "0", "conv2.2"),
    ("Linear-7", "[-1, 10]", "15,690", "15,680", "out"),
]
"""The table on the lecture's slide; multiply-adds and names of modules are ours."""
linux = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")


@pytest.fixture(scope="module")
def lent() -> Iterator[LocalExecutor]:
    with shared_executor() as executor:
        yield executor


@dataclass(frozen=True)
class Told:
    """What the verb answered."""

    code: int
    out: str
    err: str

    @property
    def layers(self) -> list[dict[str, Any]]:
        layers: list[dict[str, Any]] = json.loads(self.out)
        return layers

    def line(self, beginning: str) -> list[str]:
        """The words behind the beginning of a line."""
        (line,) = (line for line in self.out.splitlines() if line.startswith(beginning))
        return line.removeprefix(beginning).split()


Ask = Callable[..., Told]


@pytest.fixture
def ask(
    lent: LocalExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Ask:
    """Asks in an empty folder, with a server that is started already."""
    monkeypatch.setattr(show_model, "LocalExecutor", lambda _: lent)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def ask(*options: str) -> Told:
        return Told(main(["show-model", *options]), *capsys.readouterr())

    return ask


@linux
class TestTheLecturesNetwork:
    def test_has_the_layers_that_the_slide_prints(self, ask: Ask) -> None:
        lines = ask("lecture_cnn").out.splitlines()
        heading = "layer (type)  output shape      parameters       MACs  module"
        assert ["lecture_cnn at 28 px", heading] == lines[:2]
        assert [" ".join(row) for row in LECTURE] == [" ".join(line.split()) for line in lines[2:9]]

    def test_has_the_sums_that_the_slide_prints(self, ask: Ask) -> None:
        told = ask("lecture_cnn")
        expected = {"Total parameters": "28,938", "Trainable": "28,938", "Non-trainable": "0"}
        assert expected == {name: told.line(name)[0] for name in expected}

    def test_leaves_out_its_modules_where_the_terminal_is_narrow_and_says_so(
        self, ask: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "60")
        told = ask("lecture_cnn")
        assert ["[-1,", "10]", "15,690", "15,680"] == told.line("Linear-7")
        assert ["module", "(--format", "csv", "has", "all)"] == told.line("not shown at 60 columns:")

    def test_is_a_table_in_markdown(self, ask: Ask) -> None:
        heading, _, *rows = ask("lecture_cnn", "--format", "markdown").out.splitlines()
        assert "| layer (type) | output shape | parameters | MACs | module |" == heading
        assert [f"| {' | '.join(row)} |" for row in LECTURE] == rows

    def test_is_one_object_a_layer_in_json(self, ask: Ask) -> None:
        expected = {"layer": "conv2.0", "type": "Conv2d", "output shape": "[1, 32, 14, 14]"}
        counts = {"parameters": 12832, "MACs": 2508800, "call": 1, "uncounted": 0}
        assert expected | counts == ask("lecture_cnn", "--format", "json").layers[3]

    def test_is_one_row_a_layer_in_csv(self, ask: Ask) -> None:
        rows = list(csv.reader(ask("lecture_cnn", "--format", "csv").out.splitlines()))
        assert ["layer", "type", "output shape", "parameters", "MACs", "call", "uncounted"] == rows[0]
        assert ["out", "Linear", "[1, 10]", "15690", "15680", "1", "0"] == rows[-1]

    def test_takes_larger_kernels_as_a_variant(self, ask: Ask) -> None:
        layers = ask("lecture_cnn:kernel_size=7", "--format", "json").layers
        expected = [16 * 49 + 16, 32 * 16 * 49 + 32, 10 * 32 * 49 + 10]
        assert expected == [layer["parameters"] for layer in layers if layer["parameters"]]

    def test_runs_at_other_sizes(self, ask: Ask) -> None:
        layers = ask("lecture_cnn", "--resolution", "30", "--format", "json").layers
        assert "[1, 16, 30, 30]" == layers[0]["output shape"]


@linux
@pytest.mark.parametrize(
    ("name", "parameters", "macs"),
    [("lecture_cnn", 28_938, 2_838_080), ("resnet18", 11_689_512, 1_814_073_344)],
)
def test_the_layers_add_up_to_the_sums(ask: Ask, name: str, parameters: int, macs: int) -> None:
    layers, sums = ask(name, "--format", "json").layers, ask(name)
    assert (parameters, macs) == tuple(sum(layer[column] for layer in layers) for column in ("parameters", "MACs"))
    assert f"{parameters:,}" == sums.line("Total parameters")[0]
    assert f"{macs:,}" == sums.line("MACs of one image")[0]


@linux
class TestResNet18:
    @pytest.fixture
    def rows(self, ask: Ask) -> list[list[str]]:
        """The cells of its table in Markdown."""
        lines = ask("resnet18", "--format", "markdown").out.splitlines()[2:]
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]

    def test_has_a_row_for_each_run_of_a_rectifier_that_a_block_runs_twice(self, rows: list[list[str]]) -> None:
        block = [(row[0].partition("-")[0], row[4]) for row in rows if row[4].startswith("layer1.0")]
        assert [
            ("Conv2d", "layer1.0.conv1"),
            ("BatchNorm2d", "layer1.0.bn1"),
            ("ReLU", "layer1.0.relu"),
            ("Conv2d", "layer1.0.conv2"),
            ("BatchNorm2d", "layer1.0.bn2"),
            ("ReLU", "layer1.0.relu (call 2)"),
        ] == block

    def test_is_shown_by_its_stages_which_add_up(self, ask: Ask) -> None:
        lines = ask("resnet18").out.splitlines()
        rows = [line.rsplit(maxsplit=3) for line in lines[2:8]]
        ends = ["112 × 112 × 64", "56 × 56 × 64", "28 × 28 × 128", "14 × 14 × 256", "7 × 7 × 512", "1,000"]
        assert ends == [row[0] for row in rows]
        sums = [sum(int(row[column].replace(",", "")) for row in rows) for column in (2, 3)]
        assert [11_689_512, 1_814_073_344] == sums

    def test_is_shown_layer_by_layer_where_that_is_asked_for(self, ask: Ask, rows: list[list[str]]) -> None:
        last = f"--layers shows each of the {len(rows)} layers"
        assert last == ask("resnet18").out.splitlines()[-1]
        assert rows[-1][0] in ask("resnet18", "--layers").out

    def test_has_its_rows_numbered_through(self, rows: list[list[str]]) -> None:
        assert [str(i + 1) for i in range(len(rows))] == [row[0].partition("-")[2] for row in rows]


BRANCHED = '''
from evobench import architecture
from bench.lazy import lazy

torch = lazy("torch")

@architecture(family="Own", year=2026, paper="none", resolution=8, min_resolution=1, auxiliary=["heads.late"])
def branched(num_classes):
    """Has three heads and runs one."""
    nn = torch.nn
    class Branched(nn.Module):
        def __init__(self):
            super().__init__()
            self.heads = nn.ModuleDict({name: nn.Linear(3, num_classes) for name in ("main", "late", "latest")})
        def forward(self, images):
            return self.heads["main"](images.mean((2, 3)))
    return Branched()
'''


@linux
def test_only_the_declared_auxiliary_heads_are_said_to_be_for_training(tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text(BRANCHED)
    options = ["--catalog", str(own), "--format", "markdown", "--store", str(tmp_path / "none")]
    command = [sys.executable, "-m", "evobench", "show-model", "branched", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    cells = [[cell.strip() for cell in line.split("|")] for line in done.stdout.splitlines()[2:]]
    expected = {"heads.main": "[-1, 1000]", "heads.late": "(training only)", "heads.latest": "(not run)"}
    assert expected == {row[5]: row[2] for row in cells}, done.stderr


WRONG = {
    "lecture_cnn:": "an option of architecture 'lecture_cnn' is missing; it has: kernel_size",
    "lecture_cnn:kernel_size=7,kernel_size=5": "option 'kernel_size' of architecture 'lecture_cnn' is given twice",
    "efficientnet_scaled:width=-1": "ValueError: width must be above 0 and finite, not -1 (efficient",
    "lecture_cn": "unknown architecture 'lecture_cn'; did you mean 'lecture_cnn'?",
    "lecture_cnn:kernel=7": "unknown option of architecture 'lecture_cnn' 'kernel'; did you mean 'kernel_size'?",
    "lecture_cnn:kernel_size=4": "ValueError: kernel_size must be odd and positive, not 4 (lecture_cnn.py:",
    "lecture_cnn --resolution 20": "the nearest size that works is 28 px: ",
    "lecture_cnn --resolution 40": "the nearest size that works is 31 px: ",
    "lecture_cnn --resolution 0": "'0' is not a number of pixels: 1 or more",
    "lecture_cnn --resolution 2.5": "'2.5' is not a number of pixels: 1 or more",
    "lecture_cnn --catalog nowhere.py": "is not a file",
}


@linux
@pytest.mark.parametrize("options", WRONG)
def test_what_cannot_be_shown_gets_one_line_and_exit_2(ask: Ask, options: str) -> None:
    told = ask(*options.split())
    assert (2, "", 1) == (told.code, told.out, told.err.count("\n")), told.err
    assert WRONG[options] in told.err


@linux
@pytest.mark.parametrize("options", ["lecture_cnn", "lecture_cnn --resolution 20"])
def test_without_a_store_no_trace_is_left(ask: Ask, tmp_path: Path, options: str) -> None:
    ask(*options.split())
    assert [] == list(tmp_path.iterdir())


@linux
class TestWithAStore:
    @pytest.fixture
    def kept(self, tmp_path: Path) -> tuple[str, str]:
        """Names a store that is there already."""
        Store.create(tmp_path / "runs.sqlite").close()
        return "--store", str(tmp_path / "runs.sqlite")

    def test_a_count_is_kept_and_not_made_again(
        self, ask: Ask, kept: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = ask("lecture_cnn", *kept)
        monkeypatch.delattr(show_model, "LocalExecutor")
        assert (0, first) == (first.code, ask("lecture_cnn", *kept))

    def test_each_size_has_its_own_count(self, ask: Ask, kept: tuple[str, str]) -> None:
        counts = [
            ask("lecture_cnn", *kept, "--resolution", side, "--format", "json").layers[0]["output shape"]
            for side in ("28", "29", "28")
        ]
        assert ["[1, 16, 28, 28]", "[1, 16, 29, 29]", "[1, 16, 28, 28]"] == counts

    def test_a_count_that_failed_is_not_kept(self, ask: Ask, kept: tuple[str, str]) -> None:
        assert [2, 2] == [ask("lecture_cnn", *kept, "--resolution", "20").code for _ in range(2)]


@linux
def test_a_users_own_network_is_shown_from_its_catalogue(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "evobench", "show-model", "tiny", "--catalog", TINY, "--format", "csv"]
    done = subprocess.run([*command, "--store", str(tmp_path / "none")], capture_output=True, text=True)
    expected = 'layer,type,output shape,parameters,MACs,call,uncounted\n0,Conv2d,"[1, 4, 14, 14]",112,21168,1,0'
    assert (0, expected) == (done.returncode, "\n".join(done.stdout.splitlines()[:2])), done.stderr
