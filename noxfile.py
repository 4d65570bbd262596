"""What a developer runs: `nox -s bench`, `counts`, `tests`, `lint`, `types` and more: see `nox --list`.

torch is large, so that all sessions share one environment (docs/decisions/0004-one-environment.md).
"""

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import nox

nox.needs_version = ">=2024.4.15"
nox.options.sessions = ["bench"]
nox.options.default_venv_backend = "none"

LOCK = Path("constraints.txt")
PYPROJECT = Path("pyproject.toml")
PAGE = Path("tools/page")
PAGE_TOOLS = Path(".nox/page").absolute()
"""Folder in which the checkers of the page's scripts are installed."""
DOCS = Path("tools/docs")
DOCS_TOOLS = Path(".nox/docs").absolute()
"""Folder in which the script that draws diagrams is installed."""
PAIR = ("torch==2.13.0", "torchvision==0.28.0")
"""The pair that figures are made with: a new one is chosen here, by hand."""
DEFAULT = ("data", "parquet")
"""Extras that a clone has beside what pip always brings: what its runs and tests take for granted."""
BY_PLATFORM = ("nvidia-", "cuda-", "triton")
"""Torch pins these itself where its build needs them; a CPU build has none of them."""
EVERYWHERE = ("nvidia-ml-py",)
"""Called so, but asked for by us on every platform."""


class Environment(NamedTuple):
    """A virtual environment with the project, its extras and what they need."""

    name: str
    constraints: Callable[[], str]
    """Content of the file of constraints that it is installed by."""
    extras: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Path of the environment: one for each Python that runs nox."""
        return Path(".nox", f"{self.name}-{sys.version_info.major}.{sys.version_info.minor}").absolute()

    @property
    def programs(self) -> Path:
        """Folder of its Python and pip."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def stamp(self) -> Path:
        """The file that says what is installed in it."""
        return self.folder / "installed"


def locked() -> str:
    """The versions that figures are made with."""
    return LOCK.read_text()


def with_newest_torch() -> str:
    """The locked versions but for the pair, which is the newest that pip finds."""
    return "".join(f"{line}\n" for line in locked().splitlines() if not re.match("torch(vision)?==", line))


def lowest() -> str:
    """The oldest versions that pyproject.toml admits of dependencies and extras: of `>=2.9` the last of 2.9."""
    extras = project()["optional-dependencies"]
    asked = [*project()["dependencies"], *(item for name in DEFAULT for item in extras[name])]
    bounds = [re.match(r"([\w-]+)[>=]=([\w.]+)", item) for item in asked]
    pins = [f"{bound[1]}=={bound[2]}{'' if 'post' in bound[2] else '.*'}\n" for bound in bounds if bound]
    return "".join(pins)


CLUSTER = ("ray",) if sys.platform == "linux" else ()
"""Nodes of Ray are tried on Linux alone."""
SHARED = Environment("evobench", locked, (*DEFAULT, "test", "lint", "types", *CLUSTER, "docs"))
NEWEST = Environment("newest", with_newest_torch, (*DEFAULT, "test"))
FLOORS = Environment("floors", lowest, (*DEFAULT, "test"))
FRESH = Environment("fresh", locked, ())
"""What a user has who installs the wheel: made anew each time."""
PORTABLE = (
    "tests/bench/statistics",
    *(f"tests/bench/compare/{name}" for name in ("asking", "choosing", "experiments", "lessons", "spread")),
    "tests/bench/declare/lessons",
    "tests/bench/test_cell.py",
    "tests/suites",
    "tests/reports/charts",
    "tests/reports/tables",
    "tests/reports/story",
)
"""Tests that hold on every system: of what is worked out from figures, and of what is declared."""


@nox.session
def bench(session: nox.Session) -> None:
    """Measure: `nox -s bench -- --profile smoke` passes its options on to `evobench run`."""
    install(session)
    python(session, "-m", "evobench", "run", *session.posargs)


@nox.session
def counts(session: nox.Session) -> None:
    """Count every architecture by two counters; prints the table, the wall time and the largest process."""
    install(session)
    begin = time.monotonic()
    python(session, "-m", "evobench", "run", "--suite", "counts", "--no-report", *session.posargs)
    took = time.monotonic() - begin
    if not session.posargs:
        python(session, "-m", "evobench", "show", "--table", "counts")
    session.log(f"counted in {took:.1f} s{largest_process()}")


@nox.session
def overhead(session: nox.Session) -> None:
    """Print what the harness adds to a cell, and its latency against that of a bare loop."""
    install(session)
    python(session, "-m", "tests.perf.overhead", *session.posargs)


@nox.session(name="transfer-speed")
def transfer_speed(session: nox.Session) -> None:
    """Print what sharing and caching save in transfer learning: against the PyTorch tutorial, a bare loop."""
    install(session)
    python(session, "-m", "tests.perf.transfer_speed", *session.posargs)


@nox.session
def seeds(session: nox.Session) -> None:
    """Print what many seeds of a training take as a run's cells, and what in a bare loop: `-- --seeds 10`."""
    install(session)
    python(session, "-m", "tests.perf.seeds", *session.posargs)


@nox.session
def lanes(session: nox.Session) -> None:
    """Print what several cells at once save, whether timings notice it, and how near that is to the ideal."""
    install(session)
    python(session, "-m", "tests.perf.lanes", *session.posargs)


@nox.session
def kills(session: nox.Session) -> None:
    """Print what SIGKILLs at random moments cost a run that is resumed after each: `-- --kills 50 --seed 1`."""
    install(session)
    python(session, "-m", "tests.perf.kills", *session.posargs)


@nox.session(name="wall-time")
def wall_time(session: nox.Session) -> None:
    """Print how long a run takes in an empty folder, and whether it said so: `-- --busy 2 --profile smoke`."""
    install(session)
    python(session, "-m", "tests.perf.wall_time", *session.posargs)


@nox.session
def cluster(session: nox.Session) -> None:
    """Print how much faster two and four nodes of Ray are than one, and what scheduling takes: `-- --cells 40`."""
    install(session)
    python(session, "-m", "tests.perf.cluster", *session.posargs)


@nox.session(name="image-folder-speed")
def image_folder_speed(session: nox.Session) -> None:
    """Print how fast and in how much memory folders of photographs are decoded, beside torchvision's."""
    install(session)
    python(session, "-m", "tests.perf.image_folder_speed", *session.posargs)


@nox.session(name="report-speed")
def report_speed(session: nox.Session) -> None:
    """Print size and speed of a report and of each chart, and the limits that it breaks: `-- --store FILE`."""
    install(session)
    python(session, "-m", "tests.perf.report_speed", *session.posargs)


@nox.session
def mislabelled(session: nox.Session) -> None:
    """Print how many of the labels that were swapped on purpose a cross-validation finds: `-- --trials 10`."""
    install(session)
    python(session, "-m", "tests.perf.mislabelled", *session.posargs)


@nox.session
def screenshots(session: nox.Session) -> None:
    """Picture the report of the newest run, of a smoke run where there is none: `-- FOLDER --store FILE`."""
    install(session)
    python(session, "-m", "tests.screenshots", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests, in up to four processes: `nox -s tests -- -n 0 -m slow` passes its options on to pytest."""
    install(session)
    python(session, "-m", "pytest", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Try hostile inputs, and print what none may bring about: `-- --seed 7 --only stores --count 200`."""
    install(session)
    python(session, "-m", "tests.fuzz", *session.posargs)


@nox.session
def newest(session: nox.Session) -> None:
    """Run the tests beside the newest torch and torchvision (on Linux a CUDA build of several GB)."""
    install(session, NEWEST)
    python(session, "-m", "pytest", *session.posargs, environment=NEWEST)


@nox.session
def floors(session: nox.Session) -> None:
    """Run the tests beside the oldest versions that pyproject.toml admits (on Linux several GB)."""
    install(session, FLOORS)
    python(session, "-m", "pytest", *session.posargs, environment=FLOORS)


@nox.session
def coverage(session: nox.Session) -> None:
    """Run the tests and print the share of lines that they run in the processes of pytest, not in cells' own."""
    install(session)
    packages = [f"--cov={name}" for name in ("evobench", "bench", "suites", "reports")]
    python(session, "-m", "pytest", *packages, "--cov-report=term:skip-covered", *session.posargs)


@nox.session
def portable(session: nox.Session) -> None:
    """Run the tests that hold on every system; on Linux `nox -s tests` has them."""
    install(session)
    python(session, "-m", "pytest", *PORTABLE, *session.posargs)


@nox.session
def package(session: nox.Session) -> None:
    """Build sdist and wheel into ./dist, test them, and count by the wheel in a new environment."""
    install(session)
    python(session, "-m", "pytest", "-n", "0", "-m", "slow or not slow", "tests/test_package.py")
    for folder in (Path("dist"), FRESH.folder):
        shutil.rmtree(folder, ignore_errors=True)
    python(session, "-m", "build", "--no-isolation")
    make_environment(session, FRESH)
    pip = ("-m", "pip", "install", "--quiet", "--constraint", str(LOCK))
    python(session, *pip, *map(str, Path("dist").glob("*.whl")), environment=FRESH)
    program = str(FRESH.programs / "evobench")  # before the folder changes
    with tempfile.TemporaryDirectory() as empty, session.chdir(empty):
        session.run(program, "run", "--suite", "counts", "--arch", "lenet5", external=True)


@nox.session
def perf(session: nox.Session) -> None:
    """Print how fast the harness itself is; `-- --base main`: what large stores take beside a base, alone."""
    install(session)
    if "--base" in session.posargs:
        python(session, "-m", "tests.perf.large_store", *session.posargs)
        return
    results = Path(".benchmarks")
    results.mkdir(exist_ok=True)
    # alone: beside another process of tests a benchmark says nothing, and is disabled
    options = ("--benchmark-enable", "--benchmark-only", "--benchmark-json", str(results / "latest.json"))
    python(session, "-m", "pytest", "-n", "0", "tests/perf", *options, *session.posargs)
    python(session, "-m", "tests.perf.large_store")


@nox.session
def regress(session: nox.Session) -> None:
    """Compare this tree with another revision: `nox -s regress -- --base main`."""
    install(session)
    python(session, "-m", "evobench", "regress", *session.posargs)


@nox.session(name="gate-trial")
def gate_trial(session: nox.Session) -> None:
    """Print how often the gate cries wolf and what it sees, on this machine."""
    install(session)
    python(session, "-m", "tests.perf.gate_trial", *session.posargs)


@nox.session(name="gate-cases")
def gate_cases(session: nox.Session) -> None:
    """Print what the gate says of ten pull requests, and whether that is right: `-- sleep` for one of them."""
    install(session)
    python(session, "-m", "tests.gate_cases", *session.posargs)


@nox.session(name="verdict-rates")
def verdict_rates(session: nox.Session) -> None:
    """Print how often tables of comparisons have a wrong answer, and how soon they decide, by simulation."""
    install(session)
    python(session, "-m", "tests.perf.verdict_rates", *session.posargs)


@nox.session(name="tuning-fairness")
def tuning_fairness(session: nox.Session) -> None:
    """Print whether tuning favours a network that more learning rates suit, by simulation."""
    install(session)
    python(session, "-m", "tests.perf.tuning_fairness", *session.posargs)


@nox.session(name="tuning-cost")
def tuning_cost(session: nox.Session) -> None:
    """Print how many times as long as an untuned training one of four trials takes."""
    install(session)
    python(session, "-m", "tests.perf.tuning_cost", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Look for faults of style; in the scripts of the page for those of types, too, where Node.js is there."""
    install(session)
    python(session, "-m", "ruff", "check")
    python(session, "-m", "ruff", "format", "--check")
    lint_scripts(session)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation as a site into ./site; a dead link or anchor is an error."""
    install(session)
    if not install_scripts(session, DOCS, DOCS_TOOLS):
        session.log("diagrams stay text: what draws them is not installed, as there is no npm or no network")
    session.env["NO_MKDOCS_2_WARNING"] = "1"
    python(session, "-m", "mkdocs", "build", "--strict", *session.posargs)


@nox.session
def types(session: nox.Session) -> None:
    """Check the types."""
    install(session)
    python(session, "-m", "mypy")


@nox.session
def wheelhouse(session: nox.Session) -> None:
    """Fill ./wheelhouse, so that PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/wheelhouse makes every session run offline."""
    make_environment(session)
    tools = ("nox", "pip", "setuptools>=77", "wheel")
    pip = ("-m", "pip", "wheel", "--wheel-dir", "wheelhouse", "--constraint", str(LOCK))
    python(session, *pip, *requirements(), *tools)


@nox.session
def lock(session: nox.Session) -> None:
    """Resolve anew what pyproject.toml asks for and write the versions to constraints.txt."""
    make_environment(session)
    report = Path(session.create_tmp()) / "report.json"
    pip = ("-m", "pip", "install", "--dry-run", "--ignore-installed", "--report", str(report))
    python(session, *pip, *PAIR, *requirements())
    installs = json.loads(report.read_text())["install"]
    found = {
        re.sub("[-_.]+", "-", item["metadata"]["name"]).lower(): item["metadata"]["version"] for item in installs
    }
    pins = [
        f"{name}=={version.partition('+')[0]}\n"
        for name, version in sorted(found.items())
        if name in EVERYWHERE or not name.startswith(BY_PLATFORM)
    ]
    header = LOCK.read_text().partition("\n\n")[0]
    LOCK.write_text(f"{header}\n\n{''.join(pins)}")


def install(session: nox.Session, environment: Environment = SHARED) -> None:
    """Install the project with the versions of an environment, unless it holds exactly these already."""
    wanted = state(environment)
    if environment.stamp.is_file() and environment.stamp.read_text() == wanted:
        return
    make_environment(session, environment)
    environment.stamp.unlink(missing_ok=True)
    constraints = environment.folder / "constraints.txt"
    constraints.write_text(environment.constraints())
    pip = ("-m", "pip", "install", "--constraint", str(constraints))
    setup(session, str(environment.programs / "python"), *pip, "--editable", f".[{','.join(environment.extras)}]")
    environment.stamp.write_text(wanted)


def lint_scripts(session: nox.Session) -> None:
    """Check the scripts of the page; where there is no Node.js, or no network to install the tools, say so."""
    node = shutil.which("node")
    if not (node and install_scripts(session, PAGE, PAGE_TOOLS)):
        session.log("the scripts of the page are not checked: no Node.js 20 or later, no npm or no network")
        return
    modules = PAGE_TOOLS / "node_modules"
    config = shutil.copy(PAGE / "eslint.config.mjs", PAGE_TOOLS)
    session.run(node, str(modules / "eslint/bin/eslint.js"), "--config", config, "reports/page", external=True)
    session.run(node, str(modules / "typescript/bin/tsc"), "--project", str(PAGE), external=True)


def install_scripts(session: nox.Session, tools: Path, folder: Path) -> bool:
    """Install what a package.json names, unless exactly that is there; returns whether it is there now."""
    wanted, stamp = (tools / "package.json").read_text(), folder / "installed"
    if stamp.is_file() and stamp.read_text() == wanted:
        return True
    npm = shutil.which("npm")
    if npm is None:
        return False
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(tools / "package.json", folder)
    # a lock would name the host of each package; the versions of those that we name are exact
    options = ("--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts")
    try:
        setup(session, npm, "install", *options, "--prefix", str(folder))
    except nox.command.CommandFailed:
        return False
    stamp.write_text(wanted)
    return True


def make_environment(session: nox.Session, environment: Environment = SHARED) -> None:
    """Make an environment where there is none, or half of one."""
    interpreters = [*environment.programs.glob("python*")]
    if not (any(path.exists() for path in interpreters) and [*environment.programs.glob("pip*")]):
        setup(session, sys.executable, "-m", "venv", "--clear", str(environment.folder))


def setup(session: nox.Session, *command: str) -> None:
    """Run a command of the set-up, under --install-only too; its failure ends the session before the stamp."""
    session.run_install(*command, external=True)


def python(session: nox.Session, *arguments: str, environment: Environment = SHARED) -> None:
    """Run an environment's Python."""
    program = str(environment.programs / "python")
    # on Ctrl-C evobench keeps what is measured and ends its workers; nox alone would kill it after 0.5 s
    session.run(program, *arguments, external=True, interrupt_timeout=30, terminate_timeout=10)


def largest_process() -> str:
    """The most memory that one process of this session held, where the system tells."""
    try:
        import resource
    except ImportError:  # Windows
        return ""
    unit = 1 if sys.platform == "darwin" else 1024
    return (
        f"; the largest process held {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit / 1e9:.2f} GB"
    )


def state(environment: Environment) -> str:
    """Digest of all that decides what an installed environment holds."""
    given = PYPROJECT.read_text() + environment.constraints() + sys.version + str(Path.cwd())
    return hashlib.sha256(given.encode()).hexdigest()


def requirements() -> list[str]:
    """Requirements of pyproject.toml, for running and for developing."""
    extras = project()["optional-dependencies"].values()
    return [*project()["dependencies"], *(item for extra in extras for item in extra)]


def project() -> dict[str, Any]:
    """The table `project` of pyproject.toml."""
    content: dict[str, Any] = nox.project.load_toml(PYPROJECT)["project"]
    return content
