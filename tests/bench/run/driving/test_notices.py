"""What a run says of the pictures that it leaves out: once for each data set, whatever is made of it."""

from bench.declare.artifact import Artifact
from bench.run.driving.notices import Notices
from bench.run.progress import RunProgress

BAD = {"bad_images": 2, "bad_first": ["cats/bad.png is not an image that can be read"]}


class Lines(RunProgress):
    """Keeps what it is to print."""

    def __init__(self) -> None:
        self.printed: list[str] = []

    def note(self, line: str) -> None:
        self.printed.append(line)


def of(name: str, side: int) -> Artifact:
    return Artifact("dataset", (("name", name), ("resolution", side)))


def test_pictures_that_are_left_out_are_told_once_for_the_sizes_of_a_data_set() -> None:
    lines = Lines()
    notices = Notices(lines)
    for side in (32, 224):
        notices.pictures(of("folder:photos", side), BAD)
    assert [
        "2 images are left out of folder:photos: cats/bad.png is not an image that can be read"
    ] == lines.printed


def test_pictures_that_are_left_out_are_told_of_each_data_set() -> None:
    lines = Lines()
    notices = Notices(lines)
    for name in ("folder:one", "folder:two"):
        notices.pictures(of(name, 32), {"straddling": 1})
    assert [
        f"1 image is also among the test images of {name}: not trained on" for name in ("folder:one", "folder:two")
    ] == lines.printed
