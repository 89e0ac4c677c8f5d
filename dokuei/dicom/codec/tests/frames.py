"""The frames of a DICOM file as the doors cut them, for tests of what is done with them."""

from dokuei.dicom.codec.form import Form, form_of
from dokuei.dicom.pixels import cut_bits, little_endian, plan_frames
from dokuei.dicom.read import read_data_set, read_meta


def frames_of(data: bytes) -> tuple[Form, list[bytes]]:
    """What the file says of its pixels, and its frames one by one; none if they cannot be cut."""
    meta = read_meta(data)
    ds = read_data_set(data, meta.transfer_syntax, meta.data_set_offset)
    plan, form = plan_frames(ds), form_of(ds)
    if plan is None:
        return form, []
    found = []
    for number in range(plan.frames):
        if plan.is_encapsulated:
            found.append(b"".join(bytes(ds.buffer[at : at + length]) for at, length in plan.ranges[number]))
            continue
        first = number * plan.frame_bits
        start, end = plan.offset + first // 8, plan.offset + (first + plan.frame_bits + 7) // 8
        frame = little_endian(bytes(ds.buffer[start:end]), plan.word_bytes)
        found.append(cut_bits(frame, first % 8, plan.frame_bits) if plan.frame_bits % 8 else frame)
    return form, found
