"""Decoding the files of a data set: in threads, a few ahead, in order."""

import io
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from bench.data.folders import scan_folder
from bench.declare.preprocessing import Geometry, whole
from bench.errors import UsageError
from bench.learning.data import decoding
from bench.learning.data.decode import DecodedImage
from bench.learning.data.decoding import Decoded, decode_into
from bench.learning.data.stored import Writer
from tests.bench.picturing import photos


def decoded(root: Path, on_bad: str = "skip") -> Decoded:
    files = scan_folder(root)
    return decode_into(Writer(io.BytesIO(), (3, 8, 8), len(files.paths)), files, whole(8), on_bad, lambda _: None)


@pytest.mark.parametrize(("torch_may", "cpus", "expected"), [(1, 4, 1), (3, 2, 2), (2, 2, 2)])
def test_as_many_threads_decode_as_torch_may_use_and_there_are_cpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, torch_may: int, cpus: int, expected: int
) -> None:
    begun: list[int] = []

    class Noted(ThreadPoolExecutor):
        def __init__(self, threads: int) -> None:
            begun.append(threads)
            super().__init__(threads)

    monkeypatch.setattr(decoding, "ThreadPoolExecutor", Noted)
    monkeypatch.setattr(decoding, "available_cpus", lambda: cpus)
    monkeypatch.setattr(torch, "get_num_threads", lambda: torch_may)
    decoded(photos(tmp_path / "photos", "cat", "dog"))
    assert [expected] == begun


def test_a_few_images_alone_are_decoded_before_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, written, ahead = [0], [0], []

    def decode(data: bytes, geometry: Geometry) -> DecodedImage:
        begun[0] += 1
        return DecodedImage(np.zeros((3, geometry.side, geometry.side), np.uint8), "PNG", ())

    def add(writer: Writer, image: np.ndarray) -> None:
        ahead.append(begun[0] - written[0])
        written[0] += 1

    monkeypatch.setattr(decoding, "decode", decode)
    monkeypatch.setattr(decoding, "_AHEAD", 2)
    monkeypatch.setattr(decoding, "available_cpus", lambda: 1)
    monkeypatch.setattr(Writer, "add", add)
    monkeypatch.setattr(Writer, "close", lambda *_: None)
    decoded(photos(tmp_path / "photos", "cat", "dog", count=20))
    assert (40, True) == (written[0], max(ahead) <= 3)


def test_a_bad_image_that_ends_it_leaves_no_filter_of_warnings_behind(tmp_path: Path) -> None:
    root, before = photos(tmp_path / "photos", "cat", "dog", count=3), list(warnings.filters)
    (root / "cat" / "0.png").write_bytes(b"junk")
    with pytest.raises(UsageError) as error:
        decoded(root, "fail")
    assert (before, "bad image: cat/0.png") == (list(warnings.filters), str(error.value)[:20])
