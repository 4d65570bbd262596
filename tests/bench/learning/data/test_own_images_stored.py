"""The user's own images as the shelf keeps them: decoded once, split, without the bad ones."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from bench import foreign
from bench.data.place import DataPlace, settle
from bench.declare.artifact import Shelf
from bench.declare.preprocessing import Preprocessing
from bench.errors import Unsupported, UsageError
from bench.learning.artifacts import dataset_of
from bench.learning.data.images import Stored, make_dataset, read_dataset
from bench.learning.partition import Partition, cross_validated
from tests.bench.learning.data.storing import nothing_known as nothing_known
from tests.bench.learning.data.storing import stored, told
from tests.bench.picturing import photos


def test_images_are_stored_as_large_as_the_network_takes_them(tmp_path: Path) -> None:
    name = f"folder:{photos(tmp_path / 'photos', 'cat', 'dog')}"
    data = stored(name, tmp_path, 32)
    assert ((32, 32), True) == (tuple(data.pixels.shape[-2:]), data.fitted)


def test_weights_that_see_pictures_alike_share_what_is_stored(tmp_path: Path) -> None:
    name = f"folder:{photos(tmp_path, 'cat', 'dog')}"
    bilinear, other = (Preprocessing(mean=(m,), std=(0.2,), resize=256, crop=224) for m in (0.4, 0.5))
    assert dataset_of(name, 96, bilinear) == dataset_of(name, 96, other)


@pytest.mark.parametrize(
    "other",
    [
        Preprocessing(resize=232, crop=224),
        Preprocessing(resize=256, crop=224, interpolation="bicubic"),
        Preprocessing(resize=256, crop=224, fit="squash"),
        Preprocessing(resize=256, crop=224, fit="border", fill=(124, 116, 104)),
    ],
    ids=["cut", "interpolation", "squash", "border"],
)
def test_weights_that_see_pictures_otherwise_have_a_stored_set_of_their_own(
    tmp_path: Path, other: Preprocessing
) -> None:
    name = f"folder:{photos(tmp_path, 'cat', 'dog')}"
    assert dataset_of(name, 96, Preprocessing(resize=256, crop=224)) != dataset_of(name, 96, other)


def test_declared_images_of_one_size_are_stored_as_they_are() -> None:
    from bench.declare.loading.discovery import load_catalogs

    load_catalogs()
    assert dataset_of("uci-digits", 224) == dataset_of("uci-digits", 32)


def test_images_come_back_in_the_order_of_their_names(tmp_path: Path) -> None:
    name = f"folder:{photos(tmp_path / 'photos', 'cat', 'dog', count=4)}"
    data = stored(name, tmp_path)
    assert ((8, 3, 28, 28), [0] * 4 + [1] * 4, ("cat", "dog")) == (
        tuple(data.pixels.shape),
        data.labels.tolist(),
        data.names,
    )


def test_the_pixels_are_those_of_the_file(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=2)
    shown = Image.new("RGB", (50, 40), (10, 200, 30))
    shown.save(root / "dog" / "1.png")
    data = stored(f"folder:{root}", tmp_path)
    assert [10, 200, 30] == data.pixels[3, :, 5, 5].tolist()


def test_bad_images_are_left_out_counted_and_named(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=3)
    (root / "cat" / "0.png").write_bytes(b"junk")
    (root / "dog" / "9.png").symlink_to(tmp_path)
    expected = [
        "dog/9.png is a link that leads out of the folder (--follow-links follows it)",
        "cat/0.png is not an image that can be read",
    ]
    found = told(f"folder:{root}", tmp_path)
    assert {"images": 5, "bad_images": 2, "bad_first": expected}.items() <= found.items()


def test_formats_and_kinds_are_counted(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=3)
    moving = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    moving[0].save(root / "cat" / "moving.gif", save_all=True, append_images=moving[1:])
    Image.new("L", (8, 8)).save(root / "dog" / "gray.jfif", "JPEG")
    expected = {
        "formats": {"PNG": 6, "GIF": 1, "JPEG": 1},
        "kinds": {"animated": 1, "palette": 1, "gray": 1},
    }
    assert expected.items() <= told(f"folder:{root}", tmp_path).items()


def test_pictures_with_two_labels_are_counted_and_named(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=10)
    shutil.copy(root / "cat" / "0.png", root / "dog" / "x.png")
    expected = {"two_labels": 1, "two_labels_first": ["cat/0.png is both cat and dog (also dog/x.png)"]}
    assert expected.items() <= told(f"folder:{root}", tmp_path).items()


def test_a_bad_picture_with_two_labels_is_bad_alone(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=10)
    for path in ("cat/0.png", "dog/0.png"):
        (root / path).write_bytes(b"junk")
    assert {"two_labels": 0, "bad_images": 2}.items() <= told(f"folder:{root}", tmp_path).items()


def test_each_stored_picture_has_its_path(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=2)
    (root / "cat" / "0.png").write_bytes(b"junk")
    assert ("cat/1.png", "dog/0.png", "dog/1.png") == stored(f"folder:{root}", tmp_path).paths


def test_a_file_that_changed_between_planning_and_decoding_ends_it(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=2)
    artifact = dataset_of(f"folder:{root}", 28)
    shutil.copy(root / "cat" / "0.png", root / "dog" / "1.png")
    with pytest.raises(UsageError, match="have changed since the run began"):
        make_dataset(artifact, Shelf(tmp_path / "shelf"))


def test_an_image_that_may_not_be_read_is_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=3)

    def forbidden(path: str | Path, read: Callable[..., Any] = foreign.opened) -> Any:
        if Path(path) == root / "cat" / "0.png":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(foreign, "opened", forbidden)
    assert ["cat/0.png cannot be read: Permission denied"] == told(f"folder:{root}", tmp_path)["bad_first"]


def test_a_bad_image_ends_it_where_the_user_says_so(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=3)
    (root / "cat" / "0.png").write_bytes(b"junk")
    settle(DataPlace(tmp_path, "fail"))
    with pytest.raises(UsageError, match=r"bad image: cat/0\.png is not an image"):
        stored(f"folder:{root}", tmp_path)


def test_a_class_whose_images_are_all_bad_is_named(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=2)
    for i in range(2):
        (root / "dog" / f"{i}.png").write_bytes(b"junk")
    with pytest.raises(UsageError, match=r"all images of class 'dog' are bad: dog/0\.png is not an image"):
        stored(f"folder:{root}", tmp_path)


def test_what_failed_leaves_nothing_on_the_shelf(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=1)
    (root / "dog" / "0.png").write_bytes(b"junk")
    with pytest.raises(UsageError):
        stored(f"folder:{root}", tmp_path)
    assert [] == list((tmp_path / "shelf").iterdir())


def test_decoding_tells_how_far_it_is(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=2)
    seen: list[dict[str, object]] = []
    make_dataset(dataset_of(f"folder:{root}", 28), Shelf(tmp_path / "shelf"), seen.append)
    assert [{"step": 0, "steps": 4}] == seen


def test_a_data_set_that_is_too_large_for_the_disk_is_unsupported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=2)
    usage = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr("bench.learning.data.images.shutil.disk_usage", lambda _: usage)
    with pytest.raises(Unsupported, match=r"takes 0\.0 GB decoded, and 0\.0 GB are free"):
        stored(f"folder:{root}", tmp_path)


def test_a_stored_data_set_that_is_damaged_is_not_held(tmp_path: Path) -> None:
    name, shelf = f"folder:{photos(tmp_path / 'photos', 'cat', 'dog')}", Shelf(tmp_path / "shelf")
    make_dataset(dataset_of(name, 28), shelf)
    path = shelf.path(dataset_of(name, 28))
    path.write_bytes(path.read_bytes()[:-1])
    assert not shelf.holds(dataset_of(name, 28))


def test_writing_to_the_pixels_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    name, shelf = f"folder:{photos(tmp_path / 'photos', 'cat', 'dog')}", Shelf(tmp_path / "shelf")
    stored(name, tmp_path).pixels.zero_()
    assert (True, False) == (
        shelf.holds(dataset_of(name, 28)),
        bool((read_dataset(dataset_of(name, 28), shelf).pixels == 0).all()),
    )


def test_files_that_changed_since_they_were_stored_are_told_of(tmp_path: Path) -> None:
    name, shelf = f"folder:{photos(tmp_path / 'photos', 'cat', 'dog')}", Shelf(tmp_path / "shelf")
    with pytest.raises(UsageError, match="is not on the shelf"):
        read_dataset(dataset_of(name, 28), shelf)


def test_a_class_with_fewer_images_than_folds_is_called_by_its_name(tmp_path: Path) -> None:
    data = stored(f"folder:{photos(tmp_path / 'photos', 'cat', 'dog')}", tmp_path)
    with pytest.raises(Unsupported, match="class 'cat' has 3 different images, fewer than 5 folds"):
        cross_validated(data, 0, 0, 5)


def test_a_class_with_too_few_images_for_a_budget_is_called_by_its_name() -> None:
    labels, split = torch.tensor([0, 0, 0, 1, 0, 0]), torch.tensor([0, 0, 0, 0, 1, 2])
    data = Stored(torch.zeros(6, 3, 1, 1), labels, split, labels, names=("cat", "dog"))
    with pytest.raises(Unsupported, match="class 'dog' has 1 training images, fewer than 2"):
        Partition(data, shots=2, fold=0, seed=0)
