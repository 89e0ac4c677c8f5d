"""What is proposed to a destination, and what lies in a spool."""

from pathlib import Path

import pytest
from django.conf import settings

from dokuei.dicom.net.pdu import MOST_CONTEXTS
from dokuei.imaging.dimse.sending import NATIVE, batches
from dokuei.imaging.errors import AnswerTooLarge
from dokuei.imaging.spool import Spool


def test_each_class_is_proposed_with_the_native_syntaxes_beside_what_it_is_kept_in() -> None:
    pairs = {(f"1.2.{number}", f"1.3.{kind}") for number in range(90) for kind in range(2)}

    found = batches(pairs)

    assert all(len(one) <= MOST_CONTEXTS for one in found)
    for abstract, uid in pairs:
        (batch,) = [one for one in found if (abstract, (uid,)) in one]
        assert (abstract, NATIVE) in batch


def test_a_spool_gives_back_what_was_put_in_and_leaves_nothing_behind() -> None:
    spool = Spool(10)
    first, second = spool.add(b"first"), spool.add(b"next")

    assert (first.read(), second.read()) == (b"first", b"next")
    with pytest.raises(AnswerTooLarge):
        spool.add(b"more")
    assert list(Path(settings.DOKUEI.data / "made").iterdir()) == []
