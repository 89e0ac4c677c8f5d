"""Append-only segments in the object store, made durable together (group commit).

Whoever keeps a record waits until it is synced; all who wait at the same time share one sync. On a folder the open
segment is a file that grows, locked by the process that writes it; on S3 each group is one object. A segment is the
write-ahead log of what was acknowledged: every record carries what is needed to list it again, and its checksum,
so that after a power cut the torn end is told from the rest.
"""

from dokuei.kit.segment.files import FileLog, is_being_written
from dokuei.kit.segment.objects import ObjectLog
from dokuei.kit.segment.reading import is_whole, read_records
from dokuei.kit.segment.record import PREFIX, Found, Place, Record, SegmentLog, head_of, new_key
from dokuei.kit.store import FileStore, S3Store, Store

__all__ = [
    "PREFIX",
    "FileLog",
    "Found",
    "ObjectLog",
    "Place",
    "Record",
    "SegmentLog",
    "head_of",
    "is_being_written",
    "is_whole",
    "new_key",
    "open_log",
    "read_records",
]


def open_log(store: Store) -> SegmentLog:
    """A log of this process in a store."""
    if isinstance(store, FileStore):
        return FileLog(store)
    assert isinstance(store, S3Store)
    return ObjectLog(store)
