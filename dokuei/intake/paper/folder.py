"""Slips that scanners and mail lay into a folder: one folder a facility, each whole file one paper.

A file is moved only after its paper is committed. Whoever is killed between the two finds it again, and its bytes say
that it was taken.
"""

import logging
from datetime import datetime, timedelta
from pathlib import Path

from dokuei.base.errors import Invalid, Unavailable
from dokuei.identity import queries as identity
from dokuei.identity.access import system_actor
from dokuei.intake.paper.files import MOST_BYTES, PaperTooLarge, look_at
from dokuei.intake.paper.taking import take_paper
from dokuei.kit.db import system_scope

log = logging.getLogger("dokuei.papers")
FOLDER = system_actor("paper-folder")
QUIET = timedelta(seconds=5)
"""A file is whole when it was the same in two looks and nobody wrote to it for so long."""
UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart")
DONE, REFUSED = "done", "refused"


class PaperFolder:
    """The folder, and how large each file was when it was last looked at."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._seen: dict[Path, tuple[int, int]] = {}

    def look(self, at: datetime) -> int:
        """Take every file that is whole; how many were."""
        taken = 0
        with system_scope("paper-folder"):
            facilities = identity.facility_ids_by_code()
        for folder in sorted(one for one in self.root.iterdir() if one.is_dir() and not one.is_symlink()):
            facility_id = facilities.get(folder.name)
            if facility_id is None:
                log.warning("a folder of papers belongs to no facility", extra={"folder": folder.name})
                continue
            for file in sorted(folder.iterdir()):
                taken += self._looked_at(file, facility_id, at)
        self._seen = {file: facts for file, facts in self._seen.items() if file.exists()}
        return taken

    def _looked_at(self, file: Path, facility_id: int, at: datetime) -> int:
        """Take one file if it is whole; one that cannot be taken now stays where it is and holds up no other."""
        try:
            if self._is_whole(file, at):
                self._take(file, facility_id, at)
                return 1
        except (OSError, Unavailable):
            log.exception("a file of the folder of papers could not be taken now")
        return 0

    def _is_whole(self, file: Path, at: datetime) -> bool:
        if file.name.startswith(".") or file.name.lower().endswith(UNFINISHED):
            return False
        if file.is_symlink() or not file.is_file():
            return False
        facts = file.stat()
        now = (facts.st_size, facts.st_mtime_ns)
        before, self._seen[file] = self._seen.get(file), now
        return before == now and facts.st_mtime <= (at - QUIET).timestamp()

    def _take(self, file: Path, facility_id: int, at: datetime) -> None:
        """Commit first, then move. While the store or the decoders are away the file stays where it is."""
        try:
            if file.stat().st_size > MOST_BYTES:
                raise PaperTooLarge()
            given = look_at(file.name, file.read_bytes())
            with system_scope("paper-folder"):
                take_paper(FOLDER, facility_id=facility_id, files=[given], source="folder", at=at)
        except Invalid as error:
            place = move(file, REFUSED)
            place.with_name(f"{place.name}.txt").write_text(f"{error.error_code}\n{error.detail}\n")
        else:
            move(file, DONE)


def move(file: Path, name: str) -> Path:
    """Move a file into a folder beside it; one of the same name that lies there stays."""
    folder = file.parent / name
    folder.mkdir(exist_ok=True)
    number, place = 1, folder / file.name
    while place.exists():
        number += 1
        place = folder / f"{file.stem}-{number}{file.suffix}"
    return file.replace(place)
