"""JUnit XML, as Jenkins (junit-10.xsd) and the others read it."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from bench.compare.judgement import Judgement
from bench.errors import Exit
from reports.ci.junit import junit
from reports.ci.text import plain
from tests.bench.compare.judgements import (
    BROKEN,
    ERRATIC,
    FINE,
    HOSTILE,
    LESS_WATCHED,
    NOTHING,
    OPEN,
    SMALL,
    hostile,
    large,
)

GOLDEN = """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="evobench" tests="2" failures="0" errors="0">
  <testsuite name="evobench" timestamp="2026-01-02T03:04:05+00:00" tests="2" failures="0" errors="0" skipped="1">
    <properties>
      <property name="base" value="main" />
      <property name="head" value="working tree" />
      <property name="fail_on" value="regression" />
    </properties>
    <testcase name="vgg16 throughput infer 224px b8" classname="evobench.throughput">
      <skipped type="undecided" message="undecided: 28 pairs: the budget ended" />
    </testcase>
    <testcase name="lenet5 parameters infer 32px b1" classname="evobench.parameters" />
    <system-out>the working tree has changes</system-out>
  </testsuite>
</testsuites>
"""
ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {*("name", "tests", "failures", "errors", "time", "skipped", "timestamp", "hostname")},
    "testcase": {"name", "time", "classname"},
    **{outcome: {"type", "message"} for outcome in ("failure", "error", "skipped")},
    "property": {"name", "value"},
}
"""What the schema of Jenkins knows, by element."""
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase", "system-out"},
    "properties": {"property"},
    "testcase": {"failure", "error", "skipped"},
}


def suite_of(judgement: Judgement) -> Element:
    suite = ElementTree.fromstring(junit(judgement)).find("testsuite")
    assert suite is not None
    return suite


def outcomes(judgement: Judgement) -> list[str]:
    return [next((child.tag for child in case), "passed") for case in suite_of(judgement).findall("testcase")]


def test_a_cell_is_a_test() -> None:
    assert GOLDEN == junit(replace(SMALL, found=(OPEN, FINE)))


def test_a_regression_fails_what_broke_is_an_error_and_undecided_is_skipped() -> None:
    assert ["failure", "failure", "error", "skipped", "passed"] == outcomes(SMALL)


def test_an_erratic_head_is_skipped_and_fails_where_that_is_asked_for() -> None:
    judgement = replace(SMALL, found=(ERRATIC,))
    assert ["skipped"] == outcomes(judgement)
    assert ["failure"] == outcomes(replace(judgement, fail_on=frozenset({"erratic"})))


def test_undecided_fails_where_that_is_asked_for() -> None:
    assert "failure" == outcomes(replace(SMALL, fail_on=frozenset({"undecided"})))[3]


def test_what_broke_on_both_sides_is_skipped_since_the_comparison_does_not_fail_for_it() -> None:
    both = replace(BROKEN, base=None, verdict="fine", note="oom in both")
    assert ["skipped"] == outcomes(replace(SMALL, found=(both,)))


def test_a_failure_says_what_was_found() -> None:
    failure = suite_of(SMALL).find("testcase/failure")
    assert failure is not None
    assert "10.0 ms → 11.2 ms, ratio 1.120 [1.080, 1.150], band 1.2 %, 14 pairs" == failure.get("message")


def test_the_counts_are_those_of_the_tests() -> None:
    suite = suite_of(SMALL)
    assert ["5", "2", "1", "1"] == [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]


def test_it_has_no_more_than_the_schema_of_jenkins_knows() -> None:
    for judgement in (SMALL, NOTHING, hostile()):
        for element in ElementTree.fromstring(junit(judgement)).iter():
            assert set(element.keys()) <= ATTRIBUTES.get(element.tag, set())
            assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())


def test_a_hostile_name_is_the_name_of_a_test_and_no_markup() -> None:
    case = suite_of(hostile()).find("testcase")
    assert case is not None
    assert f"{plain(HOSTILE)} latency 0" == case.get("name")


def test_many_cells_are_all_there() -> None:
    assert 2000 == len(outcomes(large(2000)))


def test_what_was_dropped_fails_or_is_skipped_and_never_passes() -> None:
    assert ["failure", "passed"] == outcomes(LESS_WATCHED)
    assert ["skipped", "passed"] == outcomes(replace(LESS_WATCHED, fail_on=frozenset({"regression"})))


def test_what_is_accepted_is_skipped_with_the_reason_as_an_expected_failure_is() -> None:
    judgement = replace(SMALL, accepted={"a1": "a wider stem"})
    assert "skipped" == outcomes(judgement)[0]
    skipped = suite_of(judgement).find("testcase/skipped")
    assert skipped is not None
    assert "accepted" == skipped.get("type")
    assert "regression, 10.0 ms → 11.2 ms, " in str(skipped.get("message"))
    assert "accepted: a wider stem; 14 pairs" in str(skipped.get("message"))


def test_a_job_has_its_key_in_the_names_of_the_suite_and_of_its_tests() -> None:
    suite = suite_of(replace(SMALL, key="py3.11"))
    case = suite.find("testcase")
    assert case is not None
    assert ("evobench py3.11", f"{SMALL.found[0].cell} [py3.11]") == (suite.get("name"), case.get("name"))


def test_what_fails_for_no_cell_is_one_error_with_the_notes() -> None:
    judgement = replace(NOTHING, ended=Exit.INCOMPLETE, notes=("py3.12: nothing was kept of this job",))
    error = suite_of(judgement).find("testcase/error")
    assert error is not None
    assert "incomplete: py3.12: nothing was kept of this job" == error.get("message")
    assert ("1", "1") == (suite_of(judgement).get("tests"), suite_of(judgement).get("errors"))
