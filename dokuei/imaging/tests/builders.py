"""Small builders of facilities, actors and instances for the archive's tests."""

import io
from datetime import UTC, datetime
from typing import Any

import numpy as np
from pydicom import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

from dokuei.identity.access import ROLE_PERMISSIONS, Actor, Permission, Role
from dokuei.identity.models import Facility, Person
from dokuei.kit.db import system_scope

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def a_facility(code: str = "aoba") -> Facility:
    return Facility.objects.get_or_create(code=code, defaults={"name": f"{code} 病院", "created_at": AT})[0]


def a_sender(facility: Facility) -> Actor:
    """A device that may store for one facility."""
    return Actor(
        kind="machine",
        name="ae:TEST",
        permissions=frozenset({Permission.DICOM_STORE, Permission.DICOM_READ, Permission.STUDY_READ}),
        facilities=frozenset({facility.pk}),
    )


def a_person(role: Role, *facilities: Facility, email: str = "") -> Actor:
    person = Person.objects.create(
        email=email or f"{role}{Person.objects.count()}@example.jp",
        name="試験 太郎",
        roles=[role.value],
        state="active",
        created_at=AT,
    )
    return Actor(
        kind="person",
        name=person.name,
        person_id=person.pk,
        roles=frozenset({role}),
        permissions=ROLE_PERMISSIONS[role],
        facilities=frozenset(one.pk for one in facilities),
    )


def an_instance(**changes: Any) -> Dataset:
    """A small CT slice; keywords replace or (None) remove elements."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID = CTImageStorage
    ds.SOPInstanceUID = generate_uid()
    ds.StudyInstanceUID = generate_uid()
    ds.SeriesInstanceUID = generate_uid()
    ds.StudyDate, ds.StudyTime = "20261121", "091500"
    ds.AccessionNumber, ds.StudyID = "A1", "1"
    ds.Modality, ds.StudyDescription = "CT", "胸部CT"
    ds.SeriesNumber, ds.InstanceNumber = 1, 1
    ds.PatientID, ds.PatientName = "P1", "Yamada^Tarou=山田^太郎=やまだ^たろう"
    ds.PatientBirthDate, ds.PatientSex = "19500401", "M"
    ds.Rows = ds.Columns = 16
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation, ds.SamplesPerPixel = 15, 1, 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.PixelData = np.arange(256, dtype="<i2").tobytes()
    for keyword, value in changes.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    return ds


def as_file(ds: Dataset, transfer_syntax: str = ExplicitVRLittleEndian) -> bytes:
    """The data set as a DICOM file."""
    ds.file_meta.TransferSyntaxUID = transfer_syntax
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


def as_data_set(ds: Dataset) -> bytes:
    """The bare data set in implicit little endian."""
    ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    data = as_file(ds, ImplicitVRLittleEndian)
    from dokuei.dicom.read import read_meta

    return data[read_meta(data).data_set_offset :]


def everywhere() -> Any:
    """A scope that sees every facility, for looking at what a test left behind."""
    return system_scope("test")
