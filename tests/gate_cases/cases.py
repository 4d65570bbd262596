"""The ten pull requests: what each changes, and what is right to say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.gate_cases import sources
from tests.gate_cases.repository import Answer, Repository, wheel

COUNTS = ("--catalog", "models.py", "--arch", "my_net", "--measure", "parameters,macs")
TIMED = ("--catalog", "models.py", "--arch", "my_net", "--measure", "latency")


@dataclass(frozen=True)
class Right:
    """What is right to say of a pull request."""

    code: int
    verdicts: tuple[str, ...]
    """In alphabetical order; none where nothing is compared."""
    names: str = ""
    """What the answer must name: a layer, an operator, a file."""


@dataclass(frozen=True)
class Case:
    """A pull request."""

    name: str
    about: str
    right: Right
    by_counts: bool
    """Whether counts alone decide it."""
    make: Callable[[Path], Answer]
    """Makes the repository in a folder, which is not there yet, and compares."""


CASES: dict[str, Case] = {}


def case(
    code: int, *verdicts: str, names: str = "", by_counts: bool = True
) -> Callable[[Callable[[Path], Answer]], Callable[[Path], Answer]]:
    """Declare a case under its function's name."""

    def declare(make: Callable[[Path], Answer]) -> Callable[[Path], Answer]:
        name = make.__name__.replace("_", " ")
        about = (make.__doc__ or "").strip()
        CASES[name] = Case(name, about, Right(code, verdicts, names), by_counts, make)
        return make

    return declare


def faults(case: Case, answer: Answer) -> list[str]:
    """What of an answer is not right, in words; empty where all is."""
    found = []
    if answer.code != case.right.code:
        found.append(f"exit code {answer.code} instead of {case.right.code}")
    if answer.verdicts() != case.right.verdicts:
        found.append(f"{answer.verdicts()} instead of {case.right.verdicts}")
    everything = answer.told + repr(answer.rows)
    if case.right.names not in everything:
        found.append(f"'{case.right.names}' is not named")
    return found


@case(0)
def words_only_while_main_moved(folder: Path) -> Answer:
    """The branch adds a note; meanwhile the network of main became smaller."""
    repository = Repository.begin(folder, {"models.py": sources.NET})
    repository.commit("words", {"notes.md": "a note\n"})
    repository.git("switch", "--quiet", "main")
    repository.commit("smaller", {"models.py": sources.NET.replace("WIDTH = 32", "WIDTH = 16")})
    repository.git("switch", "--quiet", "pr")
    return repository.regress(*COUNTS)


@case(0, "fine", names="other packages")
def a_changed_requirement(folder: Path) -> Answer:
    """A requirement moves from version 1 to 2 of a package that says the width: base needs the first."""
    repository = Repository.begin(
        folder, {"models.py": sources.OF_A_PACKAGE, "requirements.txt": "gate_case_width==1.0\n"}
    )
    _widths(repository)
    repository.commit("upgrade", {"requirements.txt": "gate_case_width==2.0\n"})
    return repository.regress(*COUNTS)


@case(0, "fine", names="other packages")
def a_lock_alone(folder: Path) -> Answer:
    """The lock moves from version 1 to 2 of a package that the project leaves open: base needs the first."""
    project = '[project]\nname = "case"\nversion = "1"\ndependencies = ["gate_case_width"]\n'
    repository = Repository.begin(
        folder, {"models.py": sources.OF_A_PACKAGE, "pyproject.toml": project, "uv.lock": _lock("1.0")}
    )
    _widths(repository)
    repository.commit("upgrade", {"uv.lock": _lock("2.0")})
    return repository.regress(*COUNTS)


@case(0, "fine", names="other packages")
def the_requirement_of_a_folder_below(folder: Path) -> Answer:
    """The project of apps/vision moves from version 1 to 2; one stands in its folder."""
    project = '[project]\nname = "vision"\nversion = "1"\ndependencies = ["gate_case_width==1.0"]\n'
    inside = "apps/vision"
    repository = Repository.begin(
        folder, {f"{inside}/models.py": sources.OF_A_PACKAGE, f"{inside}/pyproject.toml": project}
    )
    _widths(repository)
    repository.commit("upgrade", {f"{inside}/pyproject.toml": project.replace("==1.0", "==2.0")})
    return repository.regress(*COUNTS, inside=inside)


@case(0, "fine")
def a_version_file_that_git_ignores(folder: Path) -> Answer:
    """The package imports a file that its build writes and git ignores; the branch changes something else."""
    project = (
        '[project]\nname = "gate_case_package"\nversion = "1.0"\n'
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    repository = Repository.begin(
        folder,
        {
            "models.py": sources.OF_A_VERSION,
            "pyproject.toml": project,
            "backend.py": sources.BACKEND,
            "src/gate_case_package/__init__.py": "from gate_case_package._version import WIDTH as WIDTH\n",
            ".gitignore": "_version.py\n/runs/\n",
        },
    )
    repository.variables["PYTHONPATH"] = "src"
    repository.write({"src/gate_case_package/_version.py": "WIDTH = 32\n"})  # as the build left it
    repository.commit("other code", {"other.py": "OTHER = 1\n"})
    return repository.regress(*COUNTS)


@case(1, "dropped", "fine", names="net_b")
def a_cell_is_dropped(folder: Path) -> Answer:
    """The branch no longer watches one of two networks."""
    repository = Repository.begin(folder, {"models.py": sources.TWO_NETS})
    repository.commit("watch less", {"models.py": sources.TWO_NETS.replace('("net_a", "net_b")', '("net_a",)')})
    return repository.regress("--catalog", "models.py", "--suite", "watched")


@case(0, "regression", names="a wider head pays for it")
def an_accepted_growth(folder: Path) -> Answer:
    """A layer more, and a file that accepts its parameters and multiply-adds with a reason."""
    repository = Repository.begin(folder, {"models.py": sources.NET})
    entries = (
        f'[[accepted]]\narchitecture = "my_net"\nmeasure = "{measure}"\nto = "{most}x"\n'
        'reason = "a wider head pays for it"\n'
        for measure, most in (("parameters", 1.1), ("macs", 3.0))
    )
    repository.commit("grow", {"models.py": sources.LARGER_LAYER, "evobench-accepted.toml": "".join(entries)})
    return repository.regress(*COUNTS)


@case(1, "regression", names="2")
def a_larger_layer(folder: Path) -> Answer:
    """The network has a layer more."""
    repository = Repository.begin(folder, {"models.py": sources.NET})
    repository.commit("grow", {"models.py": sources.LARGER_LAYER})
    return repository.regress(*COUNTS)


@case(1, "regression", names="3", by_counts=False)
def a_sleep(folder: Path) -> Answer:
    """The classifier waits for two milliseconds."""
    repository = Repository.begin(folder, {"models.py": sources.NET})
    repository.commit("wait", {"models.py": sources.SLEEPS})
    return repository.regress(*TIMED)


@case(1, "regression", names="im2col", by_counts=False)
def a_slower_operator_of_the_same_result(folder: Path) -> Answer:
    """The second convolution is written as a product with unfolded columns."""
    repository = Repository.begin(folder, {"models.py": sources.NET})
    repository.commit("unfold", {"models.py": sources.SLOWER_OPERATOR})
    return repository.regress(*TIMED)


def _widths(repository: Repository) -> None:
    """Two versions of a package, of which the first says what the network has without it."""
    wheels = repository.root.parent / f"{repository.root.name}-wheels"
    for version, width in (("1.0", 32), ("2.0", 64)):
        wheel(wheels, "gate_case_width", version, f"WIDTH = {width}\n")
    repository.variables["PIP_FIND_LINKS"] = str(wheels)


def _lock(version: str) -> str:
    """As uv writes it."""
    return (
        'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n\n'
        f'[[package]]\nname = "gate-case-width"\nversion = "{version}"\n'
        'source = { registry = "https://index.example/simple" }\n\n'
        '[[package]]\nname = "case"\nversion = "1"\nsource = { virtual = "." }\n'
        'dependencies = [\n    { name = "gate-case-width" },\n]\n'
    )
