"""Files to send, and what became of each."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dokuei.base.errors import DokueiError
from dokuei.dicom.read import read_data_set, read_meta
from dokuei.dicom.uid import is_uid, parse_uid
from dokuei.dicom.walk import NotDicom

TRY_AGAIN = {0xA700, 0xA701, 0xA702}
MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"


@dataclass(frozen=True)
class Item:
    """One file to send: what it is, and where its data set begins."""

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax: str
    offset: int
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    modality: str = ""


@dataclass(frozen=True)
class Result:
    """What became of one file; `code` is empty when it was accepted."""

    path: Path
    code: str = ""
    may_retry: bool = False

    @property
    def is_sent(self) -> bool:
        return not self.code


Report = Callable[[Result], None]


def read_items(paths: Iterable[Path]) -> tuple[list[Item], list[Result]]:
    """Every DICOM file under the paths.

    A named file that cannot be sent is a failure; others are passed over.
    """
    items, refused = [], []
    for root in paths:
        named = not root.is_dir()
        for path in [root] if named else _files(root):
            try:
                item = read_item(path)
            except NotDicom as error:
                if named:
                    refused.append(Result(path, error.error_code))
                continue
            except DokueiError as error:
                refused.append(Result(path, error.error_code))
                continue
            except OSError as error:
                refused.append(Result(path, f"file.{error.errno}"))
                continue
            if item is not None:
                items.append(item)
    return items, refused


def read_item(path: Path) -> Item | None:
    """What is needed to announce a file; None for a DICOMDIR."""
    data = path.read_bytes()
    meta = read_meta(data)
    if meta.sop_class_uid == MEDIA_DIRECTORY:
        return None
    ds = read_data_set(data, meta.transfer_syntax, meta.data_set_offset)
    return Item(
        path,
        parse_uid(ds.text(0x00080016)),
        parse_uid(ds.text(0x00080018)),
        ds.transfer_syntax,
        meta.data_set_offset,
        ds.text(0x0020000D),
        ds.text(0x0020000E),
        ds.text(0x00080060),
    )


def by_study(items: Iterable[Item]) -> dict[str, list[Item]]:
    """The instances of each study, each once however many files hold it."""
    found: dict[str, dict[str, Item]] = {}
    for item in items:
        if is_uid(item.study_instance_uid):
            found.setdefault(item.study_instance_uid, {}).setdefault(item.sop_instance_uid, item)
    return {uid: list(some.values()) for uid, some in found.items()}


def _files(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root):
        names.sort()
        for name in sorted(files):
            path = Path(folder, name)
            if path.is_file() and not name.startswith("."):
                yield path
