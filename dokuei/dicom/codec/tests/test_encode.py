"""Every lossless target gives back every bit of every kind of pixel."""

import numpy as np
import pytest

from dokuei.dicom import syntax
from dokuei.dicom.codec.decode import Decoded, decode
from dokuei.dicom.codec.encode import CODERS, encode
from dokuei.dicom.codec.form import Form

KINDS = {"|u1": 8, "|i1": 8, "<u2": 16, "<i2": 16}


def a_form(kind: str, samples: int, photometric: str) -> Form:
    bits = KINDS[kind]
    return Form(
        transfer_syntax=syntax.EXPLICIT_LE,
        rows=37,
        columns=41,
        samples=samples,
        bits_allocated=bits,
        bits_stored=bits,
        high_bit=bits - 1,
        is_signed="i" in kind,
        is_planar=False,
        photometric=photometric,
        kind=kind,
    )


@pytest.mark.parametrize("target", sorted(CODERS))
@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("photometric", ["MONOCHROME2", "RGB", "YBR_FULL"])
def test_every_target_is_lossless_and_says_what_it_holds(target: str, kind: str, photometric: str) -> None:
    form = a_form(kind, 1 if photometric == "MONOCHROME2" else 3, photometric)
    limits = np.iinfo(form.dtype)
    pixels = np.random.default_rng(7).integers(
        limits.min, limits.max, form.shape, dtype=form.dtype, endpoint=True
    )

    made = encode(Decoded(pixels, photometric), form, target)

    told = Form(**{**form.as_dict(), "transfer_syntax": target, "photometric": made.photometric})
    again = decode(made.stream, told)
    assert np.array_equal(again.pixels, pixels)
    assert again.photometric == photometric
    is_mixed = photometric == "RGB" and CODERS[target][1]
    assert made.photometric == ("YBR_RCT" if is_mixed else photometric)
