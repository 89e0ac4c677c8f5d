"""Objects in any S3-compatible service, through obstore."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from dokuei.base.errors import NotFound, Unavailable
from dokuei.kit.store.contract import Part, StoreUnreachable, checked, chunks_of, log, trouble


class S3Store:
    """Objects in an S3 bucket, through obstore.

    Credentials and endpoint come from the usual AWS_ variables.
    """

    def __init__(self, bucket: str, prefix: str) -> None:
        from obstore.store import S3Store as Bucket

        self._bucket: Any = Bucket(bucket, prefix=prefix or None, client_options=_client_options())

    def put(self, key: str, *parts: Part) -> int:
        """Keep the parts under `key`; the service has confirmed them when this returns."""
        import obstore

        size = 0

        def stream() -> Iterator[bytes]:
            nonlocal size
            for chunk in chunks_of(parts):
                size += len(chunk)
                yield chunk

        with _s3_errors():
            try:
                obstore.put(self._bucket, checked(key), stream())
            except OSError as error:  # of the source
                raise trouble(error) from error
        return size

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """Exactly `length` bytes from `offset`."""
        import obstore

        if length == 0:
            return b""
        with _s3_errors():
            data = bytes(obstore.get_range(self._bucket, checked(key), start=offset, length=length))
        if len(data) != length:  # the object ends before the range does
            raise StoreUnreachable()
        return data

    def read_at_hand(self, key: str, offset: int, into: memoryview) -> bool:
        """Never: it is always a journey."""
        return False

    def exists(self, key: str) -> bool:
        import obstore

        try:
            with _s3_errors():
                obstore.head(self._bucket, checked(key))
        except NotFound:
            return False
        return True

    def size(self, key: str) -> int:
        import obstore

        with _s3_errors():
            return int(obstore.head(self._bucket, checked(key))["size"])

    def keys(self, prefix: str) -> Iterator[str]:
        import obstore

        with _s3_errors():
            found = [
                str(one["path"])
                for batch in obstore.list(self._bucket, checked(prefix) if prefix else None)
                for one in batch
            ]
        yield from sorted(found)

    def delete(self, key: str) -> None:
        import obstore

        with suppress(NotFound), _s3_errors():
            obstore.delete(self._bucket, checked(key))

    def forget(self, key: str) -> None:
        """Nothing is kept open."""

    def free_bytes(self) -> int | None:
        """None: a bucket does not say."""
        return None

    def is_writable(self) -> bool:
        try:
            self.put("probe/writable", b"ok")
        except Unavailable:
            return False
        return True


def _client_options() -> Any:
    """Time limits; unencrypted HTTP only to an endpoint on this very machine."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT") or ""
    host = urlsplit(endpoint).hostname or ""
    is_here = host == "localhost" or host.startswith("127.") or host == "::1"
    return {"timeout": "60s", "connect_timeout": "5s", "allow_http": is_here}


@contextmanager
def _s3_errors() -> Iterator[None]:
    from obstore.exceptions import BaseError
    from obstore.exceptions import NotFoundError as S3NotFound

    try:
        yield
    except (S3NotFound, FileNotFoundError) as error:
        raise NotFound(code="store.missing") from error
    except BaseError as error:
        log.error("the store failed", extra={"kind": type(error).__name__})  # may hold a URL
        raise StoreUnreachable() from error
