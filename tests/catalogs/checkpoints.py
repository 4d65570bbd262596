"""A catalogue of small networks whose checkpoints have old names, a version, or tied layers."""

from evobench import architecture, lazy

tiny = lazy("tests.bench.learning.weights.tiny")


@architecture(family="Tiny", year=2026, paper="none", resolution=32, min_resolution=32)
def dense(num_classes: int):  # type: ignore[no-untyped-def]
    """Two dense blocks."""
    return tiny.dense(num_classes)


@architecture(family="Tiny", year=2026, paper="none", resolution=32, min_resolution=32)
def versioned(num_classes: int):  # type: ignore[no-untyped-def]
    """Loads no state whose version it does not know."""
    return tiny.versioned(num_classes)


@architecture(family="Tiny", year=2026, paper="none", resolution=32, min_resolution=32)
def twice(num_classes: int):  # type: ignore[no-untyped-def]
    """One layer used twice."""
    return tiny.twice(num_classes)
