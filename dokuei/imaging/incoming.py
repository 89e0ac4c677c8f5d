"""From bytes at a door to what `store_instance` keeps.

Bounded reading, our own file meta, the hash. No database.
"""

import hashlib
import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dokuei.dicom.alike import Alike
from dokuei.dicom.describe import Description
from dokuei.dicom.read import DataSet, FileMeta, read_meta
from dokuei.dicom.uid import parse_uid
from dokuei.dicom.walk import Buffer, Malformed, NotDicom, Note
from dokuei.dicom.write import file_meta
from dokuei.imaging.errors import InstanceTooLarge, MediaDirectory
from dokuei.kit.store import Part, Slice

MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"
Content = bytes | memoryview | Path


@dataclass(frozen=True)
class Incoming:
    """One instance, read and measured, not yet kept."""

    description: Description
    sha256: str
    lead: bytes
    """Our own preamble and file meta."""
    body: Part
    """The data set as received; a view of the content, or a part of its file."""
    data_set_offset: int
    size_bytes: int
    notes: tuple[str, ...]


def read_incoming(
    content: Content,
    *,
    transfer_syntax: str | None,
    largest: int,
    alike: Alike | None = None,
    sha256: str = "",
) -> Incoming:
    """Read an instance; `alike` knows those that came before, `sha256` was taken while the data set arrived.

    `transfer_syntax` is given when `content` is a bare data set, as it comes over C-STORE; None means a
    DICOM file with preamble and file meta, which are read and thrown away: a preamble can make the file
    something else too.
    """
    with _buffer(content) as buffer:
        if len(buffer) > largest:
            raise InstanceTooLarge()
        meta = FileMeta(transfer_syntax or "") if transfer_syntax is not None else read_meta(buffer)
        if meta.sop_class_uid == MEDIA_DIRECTORY:
            raise MediaDirectory()
        if meta.transfer_syntax:
            parse_uid(meta.transfer_syntax)
        alike = alike or Alike()
        description = alike.describe(_read(buffer, meta, alike))
        head = file_meta(description.sop_class_uid, description.sop_instance_uid, description.transfer_syntax)
        return Incoming(
            description=description,
            sha256=sha256 or _sha256(buffer, meta.data_set_offset),
            lead=head,
            body=_body(content, meta.data_set_offset),
            data_set_offset=len(head),
            size_bytes=len(head) + len(buffer) - meta.data_set_offset,
            notes=_notes(description, meta),
        )


def _read(buffer: Buffer, meta: FileMeta, alike: Alike) -> DataSet:
    try:
        return alike.read(buffer, meta.transfer_syntax, meta.data_set_offset)
    except struct.error as error:  # a length we did not foresee: refuse, never crash
        raise Malformed() from error


def _notes(description: Description, meta: FileMeta) -> tuple[str, ...]:
    found = {note.value for note in description.notes}
    claimed = (meta.sop_class_uid, meta.sop_instance_uid)
    if meta.is_present and claimed != (description.sop_class_uid, description.sop_instance_uid):
        found.add(Note.META_DIFFERS.value)
    return tuple(sorted(found))


def _sha256(buffer: Buffer, start: int) -> str:
    digest = hashlib.sha256()
    view = memoryview(buffer)
    try:
        digest.update(view[start:])
    finally:
        view.release()
    return digest.hexdigest()


def _body(content: Content, start: int) -> Part:
    return Slice(content, start) if isinstance(content, Path) else memoryview(content)[start:]


@contextmanager
def _buffer(content: Content) -> Iterator[Buffer]:
    """The content as a buffer; a file is mapped, not read."""
    if not isinstance(content, Path):
        yield content
        return
    with content.open("rb") as file:
        if not file.seek(0, 2):
            raise NotDicom()
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            yield mapped
        finally:
            mapped.close()
