"""Slips laid into a folder: taken when they are whole, once, and never lost between the commit and the move."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from dokuei.intake.paper import folder
from dokuei.intake.paper.folder import PaperFolder
from dokuei.intake.paper.models import Paper
from tests.builders import NOW, a_facility, at_large
from tests.journeys.slips import a_pdf, a_scan

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    facility = a_facility()
    made = tmp_path / facility.code
    made.mkdir()
    return made


def lay(place: Path, name: str, data: bytes) -> Path:
    file = place / name
    file.write_bytes(data)
    os.utime(file, (NOW.timestamp(), NOW.timestamp()))
    return file


def papers() -> int:
    with at_large():
        return Paper.objects.count()


def test_a_whole_file_is_taken_at_the_second_look_and_lies_in_done(place: Path) -> None:
    lay(place, "fax1.pdf", a_pdf())
    looking = PaperFolder(place.parent)

    assert (looking.look(LATER), papers()) == (0, 0)
    assert (looking.look(LATER), papers()) == (1, 1)

    assert [one.name for one in place.iterdir()] == ["done"]
    assert (place / "done" / "fax1.pdf").read_bytes() == a_pdf()


def test_what_is_still_being_written_is_left_alone(place: Path) -> None:
    file = lay(place, "scan.pdf", a_pdf()[:100])
    lay(place, "mail.pdf.part", a_pdf())
    looking = PaperFolder(place.parent)
    looking.look(LATER)

    lay(place, file.name, a_pdf())
    looking.look(LATER)

    assert papers() == 0
    looking.look(LATER)
    assert papers() == 1
    assert (place / "mail.pdf.part").exists()


def test_who_is_killed_before_the_move_finds_it_again_and_doubles_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(place, "fax1.pdf", a_pdf())

    def killed(file: Path, name: str) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(folder, "move", killed)
        looking = PaperFolder(place.parent)
        looking.look(LATER)
        with pytest.raises(KeyboardInterrupt):
            looking.look(LATER)
    assert (papers(), (place / "fax1.pdf").exists()) == (1, True)

    looking = PaperFolder(place.parent)
    looking.look(LATER)
    looking.look(LATER)

    assert (papers(), (place / "done" / "fax1.pdf").exists()) == (1, True)


def test_what_is_no_paper_is_refused_with_its_reason_and_holds_up_nobody(place: Path) -> None:
    lay(place, "a.exe", b"MZ" + b"\0" * 50)
    lay(place, "b.png", a_scan())
    (place.parent / "nobody").mkdir()
    lay(place.parent / "nobody", "c.png", a_scan(3))
    (place / "link.pdf").symlink_to("/etc/hostname")
    looking = PaperFolder(place.parent)
    looking.look(LATER)

    looking.look(LATER)

    assert papers() == 1
    assert (place / "refused" / "a.exe.txt").read_text().startswith("paper.kind\n")
    assert (place.parent / "nobody" / "c.png").exists()


def test_two_files_of_one_name_both_stay(place: Path) -> None:
    for shade in (1, 2):
        lay(place, "scan.png", a_scan(shade))
        looking = PaperFolder(place.parent)
        looking.look(LATER)
        looking.look(LATER)

    assert sorted(one.name for one in (place / "done").iterdir()) == ["scan-2.png", "scan.png"]
    assert papers() == 2
