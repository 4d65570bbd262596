"""JUnit XML: what every CI server shows as tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.ci import form
from reports.ci.text import ENDED, names, plain, sentence

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from bench.compare.judgement import Judgement
    from bench.compare.verdict import Comparison

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


@form()
def junit(judgement: Judgement) -> str:
    """JUnit XML: a test a cell, a failure where it makes the comparison fail, an error where it broke.

    What fails for no cell, such as a job that is missing among several, is one test more: its error is the notes.
    """
    from xml.etree import ElementTree

    suite = ElementTree.Element("testsuite", name=plain(f"evobench {judgement.key}"))
    if judgement.started:
        suite.set("timestamp", plain(judgement.started))
    properties = ElementTree.SubElement(suite, "properties")
    fail_on = ",".join(sorted(judgement.fail_on))
    for name, value in (("base", judgement.base), ("head", judgement.head), ("fail_on", fail_on)):
        ElementTree.SubElement(properties, "property", name=name, value=plain(value))
    for name, item in zip(names(judgement), judgement.found, strict=True):
        case = ElementTree.SubElement(suite, "testcase", name=name, classname=f"evobench.{plain(item.measure)}")
        _outcome(judgement, item, case)
    if not judgement.failing and judgement.ended in ENDED:
        case = ElementTree.SubElement(suite, "testcase", name="the comparison", classname="evobench")
        ElementTree.SubElement(
            case, "error", message=plain(f"{ENDED[judgement.ended]}: {'; '.join(judgement.notes)}")
        )
    if judgement.notes:
        ElementTree.SubElement(suite, "system-out").text = "\n".join(map(plain, judgement.notes))
    root = ElementTree.Element("testsuites", name="evobench")
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counts = {
        "tests": len(suite.findall("testcase")),
        **{k: len(suite.findall(f"testcase/{v}")) for k, v in kinds.items()},
    }
    for attribute, count in counts.items():
        suite.set(attribute, str(count))
        if attribute != "skipped":  # which Jenkins knows of suites alone
            root.set(attribute, str(count))
    root.append(suite)
    ElementTree.indent(root)
    return f"{_DECLARATION}{ElementTree.tostring(root, encoding='unicode')}\n"


def _outcome(judgement: Judgement, item: Comparison, case: Element) -> None:
    """Red where the judgement is red, and nowhere else: what is accepted is skipped, as an expected failure is."""
    from xml.etree import ElementTree

    reason = judgement.failures.get(item.key)
    if judgement.fails(item):
        kind = "failure" if reason is None else "error"
        said = sentence(judgement, item)
        what = said if reason is None else plain(reason)
        ElementTree.SubElement(case, kind, type=item.verdict, message=what).text = said
    elif item.key in judgement.accepted:
        message = plain(f"{item.verdict}, {sentence(judgement, item)}")
        ElementTree.SubElement(case, "skipped", type="accepted", message=message)
    elif reason is not None or item.verdict in ("undecided", "dropped", "erratic"):
        message = plain(f"{item.verdict}: {item.note}")
        ElementTree.SubElement(case, "skipped", type=item.verdict, message=message)
