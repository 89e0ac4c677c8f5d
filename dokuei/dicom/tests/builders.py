"""A small CT slice, and the bytes it becomes."""

import io
from typing import Any

import numpy as np
from pydicom import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    generate_uid,
)

from dokuei.dicom.read import read_meta


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
    ds.file_meta.TransferSyntaxUID = UID(transfer_syntax)
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


def as_data_set(ds: Dataset, syntax: UID = ImplicitVRLittleEndian) -> bytes:
    """The bare data set."""
    ds.file_meta.TransferSyntaxUID = syntax
    data = as_file(ds, syntax)
    return data[read_meta(data).data_set_offset :]
