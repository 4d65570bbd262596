"""`evobench export`: a run as files for other tools, and the whole store as one file."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from bench.cli.options.values import place
from bench.cli.verb import Verb, add_catalog, add_store
from bench.errors import Exit, UsageError
from bench.store.copying import copy_store
from bench.store.database import LATEST, Store
from bench.text.stdout import data_out

_OF_A_RUN = ("csv", "parquet", "markdown", "latex", "pytest_benchmark", "figures", "reference")
_PICTURES = ("svg", "png", "pdf")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `export`."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="id, its beginning, or latest (the default)")
    parser.add_argument(
        "--csv", type=place, metavar="DIR", help="tables, tidy records and raw samples as CSV, pictures as PNG"
    )
    parser.add_argument(
        "--parquet",
        type=place,
        metavar="DIR",
        help="the same as Parquet, without pictures; needs pip install 'evobench[parquet]'",
    )
    parser.add_argument("--markdown", type=place, metavar="DIR", help="tables as Markdown")
    parser.add_argument("--latex", type=place, metavar="DIR", help="tables as LaTeX (booktabs)")
    parser.add_argument(
        "--pytest-benchmark", type=place, metavar="FILE", help="timed cells as pytest-benchmark's JSON, to compare"
    )
    parser.add_argument(
        "--figures",
        nargs=2,
        metavar=("FORM", "DIR"),
        help="charts as svg, png or pdf; needs pip install 'evobench[figures]' and a Chrome or Chromium",
    )
    parser.add_argument(
        "--reference",
        type=place,
        metavar="FILE.json",
        help="the run without raw samples as a reference run, which others compare theirs with",
    )
    parser.add_argument(
        "--sqlite",
        type=place,
        metavar="FILE",
        help="the whole store as one file that can be copied alone; also while a run writes to it",
    )
    add_catalog(parser)
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the files and print their paths, of pictures that of their folder."""
    of_a_run = any(getattr(arguments, name) for name in _OF_A_RUN)
    if not of_a_run and not arguments.sqlite:
        raise UsageError(
            "name a folder with --csv, --parquet, --markdown, --latex or --figures FORM, or a file with "
            "--pytest-benchmark, --reference or --sqlite"
        )
    if arguments.sqlite and arguments.run:
        raise UsageError("--sqlite copies all runs of the store: leave out RUN, or --sqlite")
    if arguments.figures and arguments.figures[0] not in _PICTURES:
        raise UsageError(f"--figures takes {', '.join(_PICTURES)} and a folder, not '{arguments.figures[0]}'")
    if arguments.parquet:
        _require_pyarrow()
    if arguments.reference and arguments.reference.suffix != ".json":
        raise UsageError(f"--reference takes a file that ends with .json, not '{arguments.reference}'")
    paths: list[Path] = []
    with Store.open(arguments.store) as store:
        if arguments.sqlite:
            copy_store(store, arguments.sqlite)
            paths.append(arguments.sqlite)
        if of_a_run:
            paths += _written(store, arguments)
    data_out().write("".join(f"{path}\n" for path in paths))
    return Exit.OK


def _require_pyarrow() -> None:
    """Look for what writes Parquet before anything is written.

    Raises:
        UsageError: pyarrow cannot be imported.
    """
    try:
        importlib.import_module("pyarrow")
    except ImportError as error:
        raise UsageError("writing Parquet needs pyarrow: pip install 'evobench[parquet]'") from error


def _written(store: Store, arguments: argparse.Namespace) -> list[Path]:
    """Write what is asked for of one run; returns the paths."""
    from bench.store.reference.writing import reference_text
    from reports.ci.timings import run_as_pytest_benchmark
    from reports.output.declared import load_declared
    from reports.output.files import (
        write_csv,
        write_data,
        write_figures,
        write_latex,
        write_markdown,
        write_parquet,
        write_pictures,
        write_text,
    )
    from reports.tidy.frame import read

    load_declared(arguments.catalog)
    frames = read(store, arguments.run or LATEST)
    paths: list[Path] = []
    if arguments.csv:
        paths += [*write_csv(frames, arguments.csv), *write_data(store, frames, arguments.csv, "csv")]
        paths += dict.fromkeys(path.parent for path in write_pictures(frames, arguments.csv))
    if arguments.parquet:
        paths += write_parquet(frames, arguments.parquet)
        paths += write_data(store, frames, arguments.parquet, "parquet")
    if arguments.markdown:
        paths += write_markdown(frames, arguments.markdown)
    if arguments.latex:
        paths += write_latex(frames, arguments.latex)
    if arguments.pytest_benchmark:
        text = run_as_pytest_benchmark(store, frames.run.id)
        paths.append(write_text(arguments.pytest_benchmark, text))
    if arguments.reference:
        paths.append(write_text(arguments.reference, reference_text(store, frames.run.id)))
    if arguments.figures:
        paths += write_figures(frames, place(arguments.figures[1]), arguments.figures[0])
    return paths


VERB = Verb(
    "export",
    "write a run as CSV, Parquet, Markdown, LaTeX, pytest-benchmark JSON, pictures or a reference run, or the"
    " store as one file",
    configure,
    run,
    ("export --csv tables", "export latest --figures svg pictures", "export --reference laptop.json"),
)
