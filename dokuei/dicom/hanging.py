"""A hanging protocol as a document: when it applies, and what hangs where.

Ours, after the ideas of PS3.3 C.23. Words are compared as plain words, never as expressions, so no document can keep
a viewer busy; every number has bounds. What does not fit this shape is refused at every door.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

PANES = {"1x1": 1, "1x2": 2, "2x1": 2, "2x2": 4, "2x3": 6}
"""Rows by columns, and how many panes that is. Layouts of planes cut here are not saved: they hang what they cut."""

SCREENS_MOST = 3
"""The main window of a case and two of images."""

SLAB_MOST_MM = 500

Word = Annotated[str, Field(min_length=1, max_length=60)]
Words = Annotated[list[Word], Field(max_length=40)]
Code = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,16}$")]
Millimetres = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
Layout = Literal["1x1", "1x2", "2x1", "2x2", "2x3"]
Weighting = Literal["dwi", "adc", "flair", "t2star", "swi", "stir", "mra", "pd", "t2", "t1", "t1ce"]
Preset = Literal[
    "dicom",
    "brain",
    "stroke",
    "bone",
    "lung",
    "mediastinum",
    "abdomen",
    "liver",
    "vessel",
    "full",
    "suv5",
    "suv10",
]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Selector(_Document):
    """What a series must be. Everything that is said must hold; of `words` at least one."""

    words: Words = []
    without: Words = []
    modality: Code | None = None
    plane: Literal["axial", "coronal", "sagittal"] | None = None
    thinnest_mm: Millimetres | None = None
    thickest_mm: Millimetres | None = None
    kernel: Literal["soft", "sharp"] | None = None
    phase: Literal["plain", "arterial", "portal", "late", "enhanced"] | None = None
    weighting: Weighting | None = None
    view: Literal["CC", "MLO", "PA", "LAT"] | None = None
    laterality: Literal["L", "R"] | None = None


class Reformat(_Document):
    """A plane cut out of the stack that was found, shown instead of its own slices."""

    plane: Literal["axial", "coronal", "sagittal"]
    mode: Literal["single", "mip", "minip", "mean"] = "single"
    slab_mm: Annotated[float, Field(gt=0, le=SLAB_MOST_MM, allow_inf_nan=False)] = 10
    """How thick, of every mode but the single plane."""


class Pane(_Document):
    """One place: whose series, which (the first selector that finds one), and how it is shown first."""

    role: Literal["current", "prior"] = "current"
    selectors: Annotated[list[Selector], Field(max_length=8)] = []
    """Empty: the next best series that hangs nowhere else; beside a current one, the prior that is most like it."""
    preset: Preset | None = None
    start: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    """Which slice first: 0 the first, 1 the last. None: where the panes beside it are."""
    reformat: Reformat | None = None
    """Where the stack is no volume that can be cut, it hangs itself and the reason is told."""
    fusion: bool = False
    """Whether the PET or NM of the same study lies over it, where both share a space. Otherwise it hangs alone."""


class Screen(_Document):
    """What hangs on one screen."""

    layout: Layout
    panes: Annotated[list[Pane], Field(min_length=1, max_length=6)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.panes) != PANES[self.layout]:
            raise ValueError("as many panes as the layout has")
        return self


class Stage(Screen):
    """One arrangement; a protocol is stepped through stage by stage. Its layout and panes are the first screen's."""

    name: Annotated[str, Field(max_length=60)] = ""
    further: Annotated[list[Screen], Field(max_length=SCREENS_MOST - 1)] = []
    """What hangs on the second and third screen at the same time. Older documents have none: for one screen."""


class When(_Document):
    """Which studies a protocol is for. An empty list asks nothing; of each other at least one must hold."""

    modalities: Annotated[list[Code], Field(max_length=16)] = []
    words: Words = []
    """Of the body part, the study's description or those of its series."""
    without: Words = []
    prior: Literal["any", "with", "without"] = "any"
    screens_least: Annotated[int, Field(ge=1, le=8)] = 1


class Protocol(_Document):
    """A hanging protocol, version 1 of its shape."""

    version: Literal[1] = 1
    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S")]
    when: When
    stages: Annotated[list[Stage], Field(min_length=1, max_length=8)]
