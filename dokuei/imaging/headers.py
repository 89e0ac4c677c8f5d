"""A stored instance's header, read back from the object store. Blocking."""

from typing import Protocol

from dokuei.base.errors import Invalid
from dokuei.dicom import syntax
from dokuei.dicom.read import DataSet, inflate, read_data_set
from dokuei.kit import store

LARGEST_HEADER = 256 * 1024**2


class Place(Protocol):
    """Where an instance lies; a row of the archive and what a door remembers of it both are one."""

    @property
    def transfer_syntax(self) -> str: ...

    @property
    def store_key(self) -> str: ...

    @property
    def store_offset(self) -> int: ...

    @property
    def store_length(self) -> int: ...

    @property
    def data_set_offset(self) -> int: ...

    @property
    def header_bytes(self) -> int: ...


def read_header(instance: Place, *, largest: int = LARGEST_HEADER) -> DataSet:
    """The bounded index of an instance's header, without its pixels."""
    if instance.header_bytes > largest:
        raise Invalid(code="metadata.too_large")
    if instance.transfer_syntax == syntax.DEFLATED_LE:
        data = inflated(instance)[: instance.header_bytes]
        return read_data_set(data, syntax.EXPLICIT_LE)
    base = instance.store_offset + instance.data_set_offset
    data = store.default().get_range(instance.store_key, base, instance.header_bytes)
    return read_data_set(data, instance.transfer_syntax)


def inflated(instance: Place) -> bytes:
    """The whole data set of an instance that came deflated."""
    base = instance.store_offset + instance.data_set_offset
    length = instance.store_length - instance.data_set_offset
    return inflate(store.default().get_range(instance.store_key, base, length))
