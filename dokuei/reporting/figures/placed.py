"""What a mark or a recipe lies on: a stored frame, or a plane cut out of a stack. As it comes through the door."""

import math
from typing import Annotated, Literal, Self

from ninja import Schema
from pydantic import ConfigDict, Field, model_validator

PERPENDICULAR = 1e-4
MOST_SIDE = 1024
"""More would show nothing the voxels hold; the viewer cuts no larger ones."""
LONGEST_PIXEL = 20.0
THICKEST_MM = 200.0

Uid = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*$", max_length=64)]
Millimetres = Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=-1.001, le=1.001, allow_inf_nan=False)]
Distance = Annotated[float, Field(ge=0.01, le=50, allow_inf_nan=False)]
Side = Annotated[int, Field(ge=1, le=MOST_SIDE)]
Way = tuple[Share, Share, Share]


class Strict(Schema):
    model_config = ConfigDict(extra="forbid")


class SlabIn(Strict):
    """How thick a plane is: a single one is not."""

    mode: Literal["single", "mip", "minip", "mean"]
    mm: Annotated[float, Field(ge=0, le=THICKEST_MM, allow_inf_nan=False)]

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        if (self.mode == "single") != (self.mm == 0):
            raise ValueError("a single plane has no thickness, a slab has one")
        return self


class PlaneIn(Strict):
    """A reformatted plane: the stack it is cut from, and where it lies in the patient, in mm."""

    series_instance_uid: Uid
    stack_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Over the instances and frames of the stack: a series that grew or falls apart otherwise has another."""
    orientation: Literal["axial", "coronal", "sagittal"]
    """What it was before it was turned."""
    is_turned: bool
    is_agreed: bool
    """The reader read what is unusual about the stack and wanted planes all the same."""
    origin: tuple[Millimetres, Millimetres, Millimetres]
    """The centre of the first pixel."""
    row: Way
    """Unit direction of rising column."""
    column: Way
    """Unit direction of rising row."""
    between_columns: Distance
    between_rows: Distance
    columns: Side
    rows: Side
    slab: SlabIn

    @model_validator(mode="after")
    def _is_a_plane(self) -> Self:
        if any(abs(math.hypot(*way) - 1) > PERPENDICULAR for way in (self.row, self.column)):
            raise ValueError("a direction that is no unit vector")
        if abs(sum(a * b for a, b in zip(self.row, self.column, strict=True))) > PERPENDICULAR:
            raise ValueError("directions that are not at right angles")
        if not 1 / LONGEST_PIXEL <= self.between_rows / self.between_columns <= LONGEST_PIXEL:
            raise ValueError("pixels like needles")
        return self


class Placed(Strict):
    """On a frame of an instance, or on a plane; never on both or on nothing."""

    sop_instance_uid: Uid | None = None
    frame_number: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    plane: PlaneIn | None = None

    @model_validator(mode="after")
    def _lies_on_one_thing(self) -> Self:
        is_on_frame = self.sop_instance_uid is not None
        if is_on_frame != (self.frame_number is not None) or is_on_frame == (self.plane is not None):
            raise ValueError("a frame or a plane")
        return self
