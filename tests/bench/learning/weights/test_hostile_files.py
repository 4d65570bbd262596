"""Files of weights that were made to break their reader, or to fill its memory: one line before anything runs."""

import json
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from bench.errors import UsageError
from bench.learning.weights.checkpoints.forms import INDEX
from bench.learning.weights.configurations import preprocessing_beside
from bench.learning.weights.files import check_weights_file, weights_digest
from tests.bench.hostile import each_without_end, pipe, sparse

MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""First pickle of a file that `torch.save` writes without an archive."""
STATE = {f"{name}.weight": torch.ones(3, 3) for name in ("first", "second", "third")}
SEEDS = 3
MUTANTS = 120


def refused(path: Path) -> str:
    with pytest.raises(UsageError) as raised:
        check_weights_file(f"file:{path}")
    assert "\n" not in str(raised.value)
    return str(raised.value)


@each_without_end
def test_weights_must_be_in_a_regular_file(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    said = refused(make(tmp_path / "net.pt"))
    assert "it is not a regular file" in said or "the folder has none of" in said


def test_the_digest_of_what_is_not_a_file_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it is not a regular file"):
        weights_digest(f"file:{pipe(tmp_path / 'net.pt')}")


@pytest.mark.parametrize(
    "content",
    [
        b"\x8e\0\0\0\0\0\0\4\0",  # 288 terabytes of one value
        MAGIC + b"\x8e\0\0\0\0\0\0\4\0",
        MAGIC + b"\x8b\xff\xff\xff\x7f",
        MAGIC + b"\x80\x02K\x01.\x80\x02K\x01.\x80\x02T\xff\xff\xff\x7fx",
        MAGIC[:-1],
        MAGIC + b"c" + b"a" * 100_000,
        MAGIC + b"I" + b"9" * 5000 + b"\n.",
        b"K\1" * 100_000,
        b"",
        b"x",
    ],
)
def test_a_pickle_that_declares_more_than_its_file_has_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.pth").write_bytes(content)
    assert "holds no state dict that can be read" in refused(tmp_path / "net.pth")


def test_a_pickle_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.learning.weights.checkpoints.safe._MOST_STEPS", 1000)
    (tmp_path / "net.pth").write_bytes(MAGIC + b"K\1" * 2000)
    assert "its pickle has more steps than any" in refused(tmp_path / "net.pth")


HEADERS = {
    '{"a": {"data_offsets": [0, Infinity]}}': "its header is not one of safetensors",
    '{"a": {"data_offsets": [0, 1e400]}}': "its header is not one of safetensors",
    '{"a": {"data_offsets": [0, 4.0]}}': "its header is not one of safetensors",
    '{"a": {"data_offsets": [false, 4]}}': "its header is not one of safetensors",
    '{"a": {"data_offsets": [0]}}': "its header is not one of safetensors",
    '{"a": {"data_offsets": ' + "9" * 5000 + "}}": "its header is not one of safetensors",
    '{"a": ' + "[" * 100_000: "its header is not one of safetensors",
    "[]": "its header is not one of safetensors",
    '{"a": {"data_offsets": [-4, 0]}}': "overlap, or leaves a gap",
    '{"a": {"data_offsets": [4, 0]}}': "overlap, or leaves a gap",
    '{"a": {"data_offsets": [0, 4]}, "b": {"data_offsets": [0, 4]}}': "overlap, or leaves a gap",
    '{"a": {"data_offsets": [0, 1]}, "b": {"data_offsets": [3, 4]}}': "overlap, or leaves a gap",
    '{"a": {"data_offsets": [0, 4000000000000]}}': "it is cut off",
    "{}": "it is cut off",
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_of_safetensors_must_fit_its_file(tmp_path: Path, header: str) -> None:
    text = header.encode()
    (tmp_path / "net.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + bytes(4))
    assert HEADERS[header] in refused(tmp_path / "net.safetensors")


@pytest.mark.parametrize("length", [0, 1, 1 << 20, 1 << 40, (1 << 64) - 1])
def test_the_length_of_a_header_must_fit_its_file(tmp_path: Path, length: int) -> None:
    (tmp_path / "net.safetensors").write_bytes(struct.pack("<Q", length) + b"{}")
    assert "its header is not one of safetensors" in refused(tmp_path / "net.safetensors")


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "9" * 5000, "{}", '{"weight_map": [1]}', '{"weight_map": "\\ud800"}']
)
def test_an_index_must_be_one(tmp_path: Path, text: str) -> None:
    (tmp_path / f"net{INDEX}").write_text(text)
    assert "its index has no table of tensors" in refused(tmp_path / f"net{INDEX}")


@pytest.mark.parametrize(("name", "said"), [("a\0b", "no file can have this name"), ("../a", "not beside it")])
def test_an_index_names_files_beside_it(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / f"net{INDEX}").write_text(json.dumps({"weight_map": {"a": name}}))
    assert said in refused(tmp_path / f"net{INDEX}")


def test_a_shard_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe(tmp_path / "a.safetensors")
    (tmp_path / f"net{INDEX}").write_text('{"weight_map": {"a": "a.safetensors"}}')
    assert "it is not a regular file" in refused(tmp_path / f"net{INDEX}")


def test_an_index_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    assert "bytes, which none may have" in refused(sparse(tmp_path / f"net{INDEX}", 1 << 40))


@pytest.mark.parametrize("inner", ["m/data.pkl", "m/m/data.pkl"])
def test_an_archive_that_unpacks_to_a_thousand_times_its_size_is_not_unpacked(tmp_path: Path, inner: str) -> None:
    with zipfile.ZipFile(tmp_path / "net.pt", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(inner, bytes(50_000_000))
    assert "for 50,000,000, which torch.save never does" in refused(tmp_path / "net.pt")


def test_an_archive_within_an_archive_is_not_looked_into(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "inner.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("m/data.pkl", bytes(50_000_000))
    with zipfile.ZipFile(tmp_path / "net.pt", "w") as packed:
        packed.write(tmp_path / "inner.zip", "m/data.pkl")
    assert "holds no state dict that can be read" in refused(tmp_path / "net.pt")


def mutant(data: bytes, chance: random.Random) -> bytes:
    """The data with a few bytes changed, lost or put in, most of them where an archive has its directory."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(max(0, len(changed) - 1200) if chance.random() < 0.5 else 0, len(changed))
        match chance.randrange(4):
            case 0:
                changed[at] = chance.randrange(256)
            case 1:
                del changed[at : at + chance.randint(1, 40)]
            case 2:
                changed[at : at + 8] = b"\xff" * 8
            case _:
                changed[at:at] = chance.choice(
                    [b"\x8e\0\0\0\0\0\0\4\0", b"(", b"]" * 500, b"c\n", b"\x8b\xff\xff\xff\x7f"]
                )
        changed = changed or bytearray(b"x")
    return bytes(changed)


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("form", ["net.pt", "net.pth", "net.safetensors"])
def test_a_damaged_file_is_read_or_refused_in_one_line(tmp_path: Path, form: str, seed: int) -> None:
    path, chance = tmp_path / form, random.Random(seed)
    if path.suffix == ".safetensors":
        save_file(STATE, path)
    else:
        torch.save(STATE, path, _use_new_zipfile_serialization=path.suffix == ".pt")
    check_weights_file(f"file:{path}")
    whole, lines = path.read_bytes(), 0
    for _ in range(MUTANTS):
        path.write_bytes(mutant(whole, chance))
        try:
            check_weights_file(f"file:{path}")
        except UsageError as error:
            lines += "\n" not in str(error)
    assert lines > MUTANTS / 3


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 5000, f"resize = {'9' * 5000}", "crop = 1e400", "mean = 3", "resize = inf", "\0"]
)
def test_a_hostile_file_of_preprocessing_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "net.pt.toml").write_text(text)
    with pytest.raises(UsageError):
        preprocessing_beside(tmp_path / "net.pt")


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "9" * 5000, '{"size": 1e400}', '{"image_mean": 3}', '{"resample": []}', "[]", '{"size": {}}'],
)
def test_a_hostile_configuration_of_a_library_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "preprocessor_config.json").write_text(text)
    with pytest.raises(UsageError, match="does not say how pictures are made ready"):
        preprocessing_beside(tmp_path / "model.safetensors")
