"""The object store: bytes under a key, durable before `put` returns, read back by exact ranges.

``file://`` keeps each object as a file, ``s3://`` is any S3-compatible service. A place in the store is
(key, offset, length), so that several instances share one object.
"""

from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dokuei.kit.store.contract import Part, Slice, Store, StoreFull, StoreUnreachable, checked, trouble
from dokuei.kit.store.files import FileStore, sync_folder
from dokuei.kit.store.s3 import S3Store

__all__ = [
    "FileStore",
    "Part",
    "S3Store",
    "Slice",
    "Store",
    "StoreFull",
    "StoreUnreachable",
    "checked",
    "default",
    "open_store",
    "sync_folder",
    "trouble",
]


def open_store(url: str) -> Store:
    """The store behind a ``file://`` or ``s3://bucket/prefix`` address."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FileStore(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        return S3Store(parts.netloc, parts.path.strip("/"))
    raise ValueError("a store begins with file:// or s3://")


@lru_cache(1)
def default() -> Store:
    """The store of this instance's configuration."""
    from django.conf import settings

    return open_store(settings.DOKUEI.storage_url)
