"""The page of the reference about the command line, made from the parsers of the verbs."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from html import escape
from importlib.metadata import entry_points

from bench.cli.parser import Parser
from bench.cli.verb import Verb

_TOP = """# Command line

Every verb with all its options, as `evobench VERB --help` (or `--help-all`) prints them. Data goes to standard
output, progress and messages to standard error. What a verb ends with is in the table of [exit
codes](exit-codes.md).
"""


def page() -> str:
    """The page, in Markdown."""
    verbs = [point.load() for point in sorted(entry_points(group="evobench.verbs"))]
    listed = [f"| [`{verb.name}`](#evobench-{verb.name}) | {_sentence(verb.about)} |" for verb in verbs]
    return "\n".join([_TOP, "| verb | what it does |", "| --- | --- |", *listed, "", *map(_about, verbs)])


def _about(verb: Verb) -> str:
    """A verb with its options and examples."""
    parser = Parser(prog=f"evobench {verb.name}")
    verb.configure(parser)
    examples = [f"    evobench {command}" for command in verb.examples]
    title = f"## `evobench {verb.name}`"
    return "\n".join([title, "", _sentence(verb.about), "", *_options(parser), *examples, ""])


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The options of a parser in their groups, and those of its actions."""
    inner = next((item for item in parser._actions if isinstance(item, argparse._SubParsersAction)), None)
    places = "".join(f" {_place(item)}" for item in parser._actions if not item.option_strings)
    yield f"    {parser.prog}{places}{'' if inner else ' [options]'}\n"
    for group in parser._action_groups:
        actions = [action for action in group._group_actions if _is_told(action)]
        if actions:
            title = (group.title or "").replace("positional arguments", "arguments").capitalize()
            yield f"**{title}.** {group.description or ''}\n"
            yield from _table(parser, actions, "option" if actions[0].option_strings else "argument")
    for name, action_parser in (inner.choices if inner else {}).items():
        yield f"### `{parser.prog} {name}`\n\n{action_parser.description}\n"
        yield from _options(action_parser)


def _place(action: argparse.Action) -> str:
    """A positional argument as it stands in a command."""
    name = str(action.metavar or action.dest)
    return f"[{name}]" if action.nargs in ("?", "*") else name


def _is_told(action: argparse.Action) -> bool:
    hidden = action.help is argparse.SUPPRESS or isinstance(action, argparse._SubParsersAction)
    return not hidden and "--help" not in action.option_strings


def _table(parser: argparse.ArgumentParser, actions: Iterable[argparse.Action], sort: str) -> Iterator[str]:
    formatter = parser._get_formatter()
    yield from (f"| {sort} | what it does |", "| --- | --- |")
    for action in actions:
        words = formatter._format_action_invocation(action).replace(", ", "\n").splitlines()
        option = "<br>".join(f"<code>{_cell(word)}</code>" for word in words)
        told = formatter._expand_help(action) if action.help else ""
        yield f"| {option} | {_cell(_sentence(told))} |"
    yield ""


def _cell(text: str) -> str:
    """Text as it stands in a cell of a table, whatever characters it has."""
    text = escape(text, quote=False)
    return "".join(f"&#{ord(sign)};" if sign in "|*_`[]~\\" else sign for sign in text)


def _sentence(text: str) -> str:
    """Text with a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text[-1:] in ('', '.') else '.'}"
