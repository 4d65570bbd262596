"""Messages of a run beside its progress, each given once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.declare.artifact import Artifact
from bench.declare.catalog import DATASETS
from bench.run.progress import RunProgress
from bench.words import images_are


class Notices:
    """Lines above the progress of one run."""

    def __init__(self, progress: RunProgress) -> None:
        self._progress = progress
        self._said: set[str] = set()

    def warnings(self, what: object, details: Mapping[str, Any]) -> None:
        """Tell each warning once, of the first that it came with."""
        for warning in details.get("warnings", ()):
            if self._first(warning):
                self._progress.note(f"warning: {what}: {warning}")

    def two_labels(self, artifact: Artifact) -> None:
        """Tell of pictures with several labels once a data set, before hours of work rest on them."""
        lines = DATASETS.get(artifact["name"]).two_labels() if artifact.kind == "dataset" else ()
        if lines and self._first(artifact["name"]):
            number = "1 image has" if len(lines) == 1 else f"{len(lines)} images have"
            self._progress.note(
                f"{number} several labels in {artifact['name']}, and an answer can match but one of them: "
                f"{'; '.join(lines[:3])}; leave each under one label"
            )

    def pictures(self, artifact: Artifact, details: Mapping[str, Any]) -> None:
        """Tell of the pictures of a data set that are left out, or not used whole."""
        name = dict(artifact.spec).get("name", artifact)
        if details.get("bad_images"):
            first = "; ".join(details["bad_first"][:3])
            self._once(f"{images_are(details['bad_images'])} left out of {name}: {first}")
        if animated := details.get("kinds", {}).get("animated"):
            self._once(f"{images_are(animated)} animated in {name}: the first picture of each is used")
        if details.get("straddling"):
            where = f"also among the test images of {name}: not trained on"
            self._once(f"{images_are(details['straddling'])} {where}")

    def _once(self, line: str) -> None:
        """Tell what several artifacts of one data set say, such as those of each size."""
        if self._first(line):
            self._progress.note(line)

    def _first(self, line: str) -> bool:
        new = line not in self._said
        self._said.add(line)
        return new
