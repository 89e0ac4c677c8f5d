"""Secondary Capture Image (PS3.3 A.8.1): the picture of a key image that is of no stored frame."""

from typing import Any

from numpy.typing import NDArray
from pydicom import Dataset

from dokuei.dicom.objects.common import Making, Subject, begin, moment

SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
MODALITY = "OT"


def secondary_capture(
    subject: Subject, making: Making, picture: NDArray[Any], *, words: str, derivation: str, is_lossy: bool
) -> Dataset:
    """A picture of 8-bit red, green and blue as the report shows it, its margin with the patient's name included."""
    ds = begin(
        subject, making, sop_class=SECONDARY_CAPTURE, modality=MODALITY, description="キー画像 再構成断面"
    )
    ds.Laterality = ""
    ds.ConversionType = "WSD"
    ds.DateOfSecondaryCapture, ds.TimeOfSecondaryCapture = moment(subject, making.at)
    ds.ContentDate, ds.ContentTime = moment(subject, making.at)
    ds.ImageType = ["DERIVED", "SECONDARY", "REFORMATTED"]
    ds.DerivationDescription = derivation[:1024]
    ds.ImageComments = words
    ds.PatientOrientation = ""
    ds.BurnedInAnnotation = "YES"
    ds.LossyImageCompression = "01" if is_lossy else "00"
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
    ds.Rows, ds.Columns = picture.shape[:2]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    data = picture.tobytes()
    ds.PixelData = data + b"\0" * (len(data) % 2)
    ds["PixelData"].VR = "OB"
    return ds
