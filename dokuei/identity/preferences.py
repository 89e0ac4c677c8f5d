"""The settings of one person: a document that follows them to any machine. No database, no clock, no network."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dokuei.dicom.hanging import Code, Layout, Protocol

BYTES_MOST = 96 * 1024
"""Of the document as canonical JSON. A few dozen protocols of one's own are a tenth of it."""

Key = Annotated[str, Field(min_length=1, max_length=40)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-zA-Z0-9./_-]{0,59}$")]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Links(_Document):
    """What panes of like modality do together."""

    slice: bool = True
    window: bool = False
    zoom: bool = False


class ViewerSettings(_Document):
    """How the viewer was left."""

    tool: Name | None = None
    layouts: Annotated[dict[Code, Layout], Field(max_length=40)] = {}
    """Chosen last, where no protocol says anything else."""
    links: Links = Links()


class OwnHanging(_Document):
    """Hanging protocols of one's own, and those of the house that are not wanted."""

    protocols: Annotated[list[Protocol], Field(max_length=50)] = []
    hidden: Annotated[list[Name], Field(max_length=200)] = []


class Preferences(_Document):
    """Version 1 of the document. Another kind of setting is another field with a default."""

    version: Literal[1] = 1
    keys: Annotated[dict[Name, Annotated[list[Key], Field(max_length=6)]], Field(max_length=300)] = {}
    """By command; an empty list takes its keys away."""
    viewer: ViewerSettings = ViewerSettings()
    hanging: OwnHanging = OwnHanging()


def readable(kept: object) -> Preferences:
    """What of a kept document makes sense today; a part from another time that does not is left at its default."""
    found = Preferences()
    parts = kept if isinstance(kept, dict) else {}
    for name in ("keys", "viewer", "hanging"):
        try:
            part = Preferences.model_validate({name: parts.get(name, {})})
        except ValidationError:
            continue
        setattr(found, name, getattr(part, name))
    return found


def is_too_large(document: Preferences) -> bool:
    return len(document.model_dump_json().encode()) > BYTES_MOST
