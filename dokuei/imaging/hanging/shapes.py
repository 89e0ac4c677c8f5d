"""The shapes of shared hanging protocols at the HTTP door."""

from datetime import datetime

from ninja import Schema

from dokuei.dicom.hanging import Protocol


class SharedProtocolIn(Schema):
    protocol: Protocol


class SharedProtocolChange(SharedProtocolIn):
    revision: int


class SharedProtocolOut(SharedProtocolChange):
    id: int
    saved_at: datetime
    author: str


class SharedProtocolsOut(Schema):
    items: list[SharedProtocolOut]


class Gone(Schema):
    done: bool = True
