"""Every topic of the lecture has a place in the page of a default run, which measures what stands there."""

from dataclasses import dataclass

import pytest

from bench.cell import Learning
from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.declare.declarations import Setting
from bench.run.plan import PlanStep, Selection, plan
from bench.run.runs import DEFAULT_SUITES
from bench.run.snapshot import declarations
from reports.charts import load_charts
from reports.page.section import load_sections
from reports.tables import load_tables


@dataclass(frozen=True)
class Topic:
    """Where a topic stands, and what a run must hold for that."""

    place: str
    """An anchor of the page: a section, a table, a chart, or the card of an architecture."""
    architecture: str
    measure: str
    mode: str = ""
    """Of a training."""


TOPICS = {
    "visualizing filters": Topic("looking", "lecture_cnn", "filters"),
    "visualizing feature maps": Topic("looking", "lecture_cnn", "feature_maps"),
    "other sizes of kernels": Topic("table-comparisons", "lecture_cnn:kernel_size=3", "macs"),
    "techniques of augmentation": Topic("looking", "lecture_cnn", "augmentation_gallery"),
    "what augmentation brings": Topic("chart-augmentation_effect", "lenet5", "top1", "finetune:all"),
    "evaluation": Topic("table-quality", "lecture_cnn", "top1", "scratch"),
    "LeNet": Topic("architecture-lenet5", "lenet5", "macs"),
    "ImageNet's challenge": Topic("chart-evolution", "alexnet", "macs"),
    "the state of the art by year": Topic("chart-error_against_year", "efficientnet_b7", "macs"),
    "AlexNet": Topic("architecture-alexnet", "alexnet", "latency"),
    "Inception and its 1x1 convolutions": Topic("table-comparisons", "inception_reduced", "parameters"),
    "VGG": Topic("architecture-vgg16", "vgg16", "latency"),
    "residual learning": Topic("table-comparisons", "plain34", "parameters"),
    "the bottleneck": Topic("table-comparisons", "block_bottleneck:norm=False", "parameters"),
    "cardinality": Topic("table-comparisons", "block_resnext:norm=False", "parameters"),
    "compound scaling": Topic("table-evolution", "efficientnet_b7", "parameters"),
    "tokens and the transformer's encoder": Topic("architecture-vit_b_16", "vit_b_16", "macs"),
    "positional embedding": Topic("looking", "vit_reduced", "position_similarity"),
    "attention": Topic("looking", "vit_reduced", "attention"),
    "patches, and DPT's that move": Topic("looking", "dpt_tiny:image_size=64", "patches"),
    "Swin's windows": Topic("table-comparisons", "attention_window", "macs"),
    "a ConvNet as fixed feature extractor": Topic("table-scenarios", "lecture_cnn", "top1", "features+softmax"),
    "fine-tuning": Topic("chart-tuning_effect", "resnet18", "top1", "finetune:all"),
    "pretrained models": Topic("chart-pretraining_effect", "efficientnet_lite0", "top1", "scratch"),
    "when and how to fine-tune": Topic("table-tuning_effect", "lecture_cnn", "top1", "features+svm"),
}


@pytest.fixture(scope="module")
def steps() -> tuple[PlanStep, ...]:
    """The plan of a default run on a CPU."""
    load_catalogs()
    return plan(Selection(DEFAULT_SUITES), Setting("default", "cpu", 2))


def test_the_lecture_has_twenty_five_topics() -> None:
    assert 25 == len(TOPICS)


@pytest.mark.parametrize("topic", TOPICS.values(), ids=list(TOPICS))
def test_a_default_run_measures_what_stands_at_its_place(steps: tuple[PlanStep, ...], topic: Topic) -> None:
    cells = [step.planned.cell for step in steps]
    found = [cell for cell in cells if (cell.architecture, cell.measure) == (topic.architecture, topic.measure)]
    modes = {cell.scenario.mode for cell in found if isinstance(cell.scenario, Learning)}
    assert (True, True) == (bool(found), not topic.mode or topic.mode in modes)


@pytest.mark.parametrize("topic", TOPICS.values(), ids=list(TOPICS))
def test_the_page_has_its_place(topic: Topic) -> None:
    load_catalogs()
    kind, _, name = topic.place.partition("-")
    places = {
        "table": {item.name for item in load_tables()},
        "chart": {item.name for item in load_charts()},
        "architecture": set(ARCHITECTURES.names()),
    }
    assert (name or kind) in places.get(kind, {item.name for item in load_sections()})


def test_a_comparison_of_a_topic_has_two_sides_in_a_default_run(steps: tuple[PlanStep, ...]) -> None:
    sides = {
        side["architecture"]
        for item in declarations(steps)
        if item.kind == "comparison"
        for side in item.content["sides"]
    }
    topics = {topic.architecture for topic in TOPICS.values() if topic.place == "table-comparisons"}
    assert set() == topics - sides


def test_a_default_run_keeps_every_milestone(steps: tuple[PlanStep, ...]) -> None:
    kept = {item.name for item in declarations(steps) if item.kind == "milestone"}
    assert {"checks", "depth", "attention", "second_2012", "alexnet", "googlenet", "resnet", "human"} == kept
