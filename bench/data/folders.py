"""The user's own images as folders: `PATH/CLASS/*.jpg`, or `PATH/train/CLASS/*.jpg` with splits beside it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bench.data.alike import canonical
from bench.data.formats import suffix_of, suffixes
from bench.data.gathered import FoundImage, ImageSearch
from bench.data.images import ImageFiles, LeftOut
from bench.data.reading import PLAIN, SPLITS, Reading
from bench.data.walk import Walk, is_junk, listed, printable
from bench.errors import UsageError
from bench.words import in_room

_CHOOSE = "--splits says which is which, as in --splits train=NAME,test=NAME; --splits none takes all for classes"


def scan_folder(root: Path, reading: Reading = PLAIN) -> ImageFiles:
    """Find the images and their classes; no image is opened.

    Raises:
        UsageError: one line on what of the layout is not as it must be.
    """
    if not root.is_dir():
        raise UsageError(f"there is no folder '{root}'" if not root.exists() else f"'{root}' is not a folder")
    if not printable(str(root)):
        raise UsageError(f"the path of folder {str(root)!r} cannot be printed")
    return _Folder(root, reading).files()


class _Folder:
    """Search of one folder."""

    def __init__(self, root: Path, reading: Reading) -> None:
        self._root = root
        self._reading = reading
        self._look = ImageSearch(root, root, "class")
        self._walk = Walk(root, reading, self._look.left)

    def files(self) -> ImageFiles:
        folders = self._walk.folders(self._root)
        splits = self._splits(folders)
        for split in SPLITS if splits else ():
            if split in splits:
                self._classes(split, self._walk.folders(splits[split]))
        if not splits:
            self._classes("", folders)
        if not self._look.found:
            held = "no images that are read" if folders else self._instead()
            raise UsageError(f"'{self._root}' holds {held}: expected {self._root.name}/CLASS/*.jpg")
        self._look.notes += self._walk.broken
        return self._look.files(self._reading)

    def _classes(self, split: str, folders: list[Path]) -> None:
        """Find the images of each class folder, in the order of the names."""
        for folder in folders:
            before, count = Counter(self._look.left), len(self._look.found)
            for path, wrong in self._walk.images(folder):
                line = wrong and f"{path.relative_to(self._root)} {wrong}"
                self._look.found.append(FoundImage(path, folder.name, split, line))
            if len(self._look.found) > count:
                continue
            if self._reading.missing_classes:
                self._look.notes.append(f"{folder.relative_to(self._root)}/ holds no images: left out as a class")
            else:
                left = [str(LeftOut(n, *key)) for key, n in sorted((self._look.left - before).items())]
                but = f" that are read, but {', '.join(left)}" if left else f" ({in_room(sorted(suffixes()), 60)})"
                out = "--allow-missing-classes leaves the class out"
                raise UsageError(f"the class folder '{folder}' holds no images{but}: {out}")

    def _splits(self, folders: list[Path]) -> dict[str, Path]:
        """Folder of each split; empty where the folders are classes."""
        if self._reading.splits:
            return self._chosen(folders)
        taken = {folder: split for folder in folders if (split := self._reading.split_of(folder.name))}
        # a class may be called `test`: splits are what holds folders in its turn
        layered = {folder: split for folder, split in taken.items() if self._walk.has_folders(folder)}
        if "train" not in layered.values():
            self._check_classes(folders, taken, layered)
            return {}
        strange = [folder.name for folder in folders if folder not in taken]
        if strange:
            names = ", ".join(f.name for f in layered)
            raise UsageError(f"'{self._root}' has splits ({names}), and beside them '{strange[0]}': {_CHOOSE}")
        twice = [split for split, n in Counter(layered.values()).items() if n > 1]
        if twice:
            named = ", ".join(f.name for f, split in layered.items() if split == twice[0])
            raise UsageError(f"'{self._root}' has its {twice[0]} split twice: {named}: {_CHOOSE}")
        for folder in taken:
            if folder not in layered:
                self._to_predict(folder)
        self._tell(layered)
        return {split: folder for folder, split in layered.items()}

    def _chosen(self, folders: list[Path]) -> dict[str, Path]:
        by_name = {canonical(folder.name): folder for folder in folders}
        chosen: dict[str, Path] = {}
        for split, name in self._reading.splits:
            if canonical(name) not in by_name:
                held = in_room([folder.name for folder in folders]) or "no folders"
                raise UsageError(f"--splits names '{name}', which '{self._root}' does not hold: it holds {held}")
            chosen[split] = by_name[canonical(name)]
        for folder in folders:
            if folder not in chosen.values():
                self._walk.leave(folder, f"in {folder.name}/, which --splits does not name")
        self._tell({folder: split for split, folder in chosen.items()})
        return chosen

    def _check_classes(self, folders: list[Path], taken: dict[Path, str], layered: dict[Path, str]) -> None:
        """Report folders of classes that have names of splits; refuse those that look like splits."""
        names = " and ".join(f"'{folder.name}'" for folder in taken)
        if layered and len(taken) == len(folders):
            raise UsageError(f"'{self._root}' has splits ({names}), but no classes in a train split: {_CHOOSE}")
        if taken and not self._reading.as_classes:
            what = "a class" if len(taken) == 1 else "classes"
            self._look.notes.append(f"{names} are read as {what}: no train split has class folders")

    def _to_predict(self, folder: Path) -> None:
        count = self._walk.leave(folder, f"in {folder.name}/, which has no class folders")
        what = "images to predict, which are not used" if count else "nothing"
        self._look.notes.append(f"{folder.name}/ holds {what}: it has no class folders")

    def _tell(self, layered: dict[Path, str]) -> None:
        in_order = sorted(layered.items(), key=lambda item: SPLITS.index(item[1]))
        said = ", ".join(f"{folder.name}/ is the {split} split" for folder, split in in_order)
        self._look.notes.append(f"{said} (--splits says otherwise)")

    def _instead(self) -> str:
        """Description of what a folder without classes holds."""
        known = suffixes()
        loose = any(suffix_of(entry.name) in known for entry in listed(self._root) if not is_junk(entry.name))
        return "images, but no folders of classes" if loose else "no folders of classes"
