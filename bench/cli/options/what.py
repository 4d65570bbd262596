"""Options that say what is measured, which `run` and `regress` share."""

from __future__ import annotations

import argparse
from typing import get_args

from bench.cli.options.cost import add_cost_options, cost_wish
from bench.cli.options.data import data_wish
from bench.cli.options.learning import add_learning_options, learning_wish
from bench.cli.options.values import architecture_names, joined, listed, one_of
from bench.cli.verb import add_catalog
from bench.declare.declarations import Profile
from bench.run.runs import Wish


def add_what_options(parser: argparse.ArgumentParser, suites: tuple[str, ...]) -> None:
    """Add the options that choose suites, architectures, measures and conditions."""
    what = parser.add_argument_group("what to measure")
    default = f"(default: {','.join(suites)})"
    what.add_argument("--suite", type=listed(str), action="append", metavar="NAME,NAME", help=default)
    arch = "only these architectures"
    what.add_argument("--arch", type=architecture_names, action="append", metavar="NAME,NAME", help=arch)
    what.add_argument(
        "--family", type=listed(str), action="append", metavar="NAME,NAME", help="only these families"
    )
    what.add_argument(
        "--measure", action="append", type=listed(str), metavar="NAME,...", help="only these measures"
    )
    profile = one_of("profile", get_args(Profile))
    what.add_argument("--profile", type=profile, metavar="smoke|default|full", help="how much (default: default)")
    add_catalog(what)
    add_cost_options(parser)
    add_learning_options(parser)


def wish_of(arguments: argparse.Namespace) -> Wish:
    """Request of the options; `--device` and those on data are among them."""
    return Wish(
        suites=joined(arguments.suite),
        architectures=joined(arguments.arch),
        families=joined(arguments.family),
        measures=joined(arguments.measure),
        catalogs=tuple(arguments.catalog),
        profile=arguments.profile,
        device=arguments.device,
        learning=learning_wish(arguments),
        **{**cost_wish(arguments), **data_wish(arguments)},
    )
