"""Values of a plane or slab out of a volume: the sampling of `web/src/viewer/model/reformat.ts`, in numpy.

Values are trilinear between the eight voxels around a point, in the lattice as it leans. A slab along an axis of an
upright volume is looked at where it passes voxels and at both faces; any other slab every half voxel at most.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dokuei.imaging.planes.plane import Plane, Vector
from dokuei.imaging.planes.volume import Volume

EDGE_MM = 1e-4
"""A rounding error of the sender must not push a slice out of its own volume."""
STRAIGHT = 1e-9
PART_OF_A_VOXEL = 0.5
HELD_BYTES = 96 * 1024**2
"""Of decoded slices at a time."""
BLOCK_PIXELS = 1 << 16
MOST_SAMPLES = 300_000_000
"""Pixels times places in the slab; about half a minute of one core."""

Stored = NDArray[Any]
Load = Callable[[int], tuple[Stored, float, float]]
"""Stored numbers of a slice in the volume's order, and its slope and intercept."""


@dataclass(frozen=True)
class Sample:
    """A place in the slab, and what it counts in a mean."""

    mm: float
    weight: float


def samples_of(volume: Volume, plane: Plane) -> list[Sample]:
    """Both faces of the slab and what lies between; the weights are those of the trapezoid rule."""
    if plane.mode == "single" or not plane.slab_mm > 0:
        return [Sample(0.0, 1.0)]
    reach = plane.slab_mm / 2
    within = _passages(volume, plane, reach)
    if within is None:
        within = _evenly(volume, plane, reach)
    places = [-reach, *sorted(within), reach]
    ends = zip([places[0], *places[:-1]], [*places[1:], places[-1]], strict=True)
    return [
        Sample(mm, (after - before) / (2 * plane.slab_mm))
        for mm, (before, after) in zip(places, ends, strict=True)
    ]


def is_upright(volume: Volume) -> bool:
    """Whether the slices lie straight above each other."""
    return all(bool((np.abs(one - one[0]) < EDGE_MM).all()) for one in (volume.left, volume.top))


def _passages(volume: Volume, plane: Plane, reach: float) -> list[float] | None:
    """Where a slab along one axis of an upright volume passes voxels: between them values run straight."""
    axes = (volume.row, volume.column, volume.normal)
    shares = [float(np.dot(plane.normal, one)) for one in axes]
    axis = next((n for n, share in enumerate(shares) if abs(share) > 1 - STRAIGHT), None)
    if axis is None or not is_upright(volume):
        return None
    here = float(np.dot(plane.origin, axes[axis]))
    if axis == 2:
        places = volume.at
    elif axis == 0:
        places = volume.left[0] + np.arange(volume.columns) * volume.between_columns
    else:
        places = volume.top[0] + np.arange(volume.rows) * volume.between_rows
    offsets = np.sign(shares[axis]) * (places - here)
    return [float(one) for one in offsets if abs(one) < reach - EDGE_MM]


def _evenly(volume: Volume, plane: Plane, reach: float) -> list[float]:
    voxels_per_mm = max(
        abs(float(np.dot(plane.normal, axis))) / mm
        for axis, mm in (
            (volume.row, volume.between_columns),
            (volume.column, volume.between_rows),
            (volume.normal, volume.step_mm),
        )
    )
    parts = max(1, int(np.ceil(2 * reach * voxels_per_mm / PART_OF_A_VOXEL)))
    return [-reach + n * 2 * reach / parts for n in range(1, parts)]


@dataclass(frozen=True)
class _Axis:
    """How a coordinate of the volume changes over the plane."""

    start: float
    down: float
    across: float
    through: float

    def at(self, rows: NDArray[Any], columns: NDArray[Any], mm: float) -> Vector:
        found: Vector = (self.start + mm * self.through) + rows * self.down + columns * self.across
        return found


def _axis(plane: Plane, axis: Vector) -> _Axis:
    return _Axis(
        start=float(np.dot(plane.origin, axis)),
        down=float(np.dot(plane.column, axis)) * plane.between_rows,
        across=float(np.dot(plane.row, axis)) * plane.between_columns,
        through=float(np.dot(plane.normal, axis)),
    )


def slices_passed(volume: Volume, plane: Plane) -> range:
    """The slices a plane or slab needs; none if it lies beside the volume."""
    along = _axis(plane, volume.normal)
    reach = plane.slab_mm / 2 if plane.mode != "single" else 0.0
    rows, columns = np.array([0, 0, 1, 1]) * (plane.rows - 1), np.array([0, 1, 0, 1]) * (plane.columns - 1)
    ends = np.concatenate([along.at(rows, columns, mm) for mm in (-reach, reach)])
    if ends.max() < volume.at[0] - EDGE_MM or ends.min() > volume.at[-1] + EDGE_MM:
        return range(0)
    first = int(np.searchsorted(volume.at, ends.min() - EDGE_MM, side="right")) - 1
    last = int(np.searchsorted(volume.at, ends.max() + EDGE_MM, side="left"))
    return range(max(0, first), min(len(volume.at) - 1, last) + 1)


def how_many(volume: Volume, plane: Plane) -> int:
    """How often the volume is looked at for a plane."""
    return plane.rows * plane.columns * len(samples_of(volume, plane))


class _Gatherer:
    """What the samples of each pixel come to; what has no value does not count."""

    def __init__(self, plane: Plane) -> None:
        size = plane.rows * plane.columns
        self.mode = plane.mode
        nothing = {"mip": -np.inf, "minip": np.inf}.get(plane.mode, np.nan)
        self.out = np.full(size, nothing, np.float32)
        is_mean = plane.mode == "mean"
        self.sums = np.zeros(size if is_mean else 0)
        self.weights = np.zeros(size if is_mean else 0)

    def add(self, where: NDArray[Any], values: Vector, weight: float) -> None:
        found = values.astype(np.float32)
        match self.mode:
            case "mip":
                self.out[where] = np.maximum(self.out[where], found)
            case "minip":
                self.out[where] = np.minimum(self.out[where], found)
            case "mean":
                self.sums[where] += weight * found.astype(np.float64)
                self.weights[where] += weight
            case _:
                self.out[where] = found

    def result(self) -> NDArray[np.float32]:
        if self.mode == "mean":
            has = self.weights > 0
            self.out[has] = self.sums[has] / self.weights[has]
        self.out[~np.isfinite(self.out)] = np.nan
        return self.out


def cut(volume: Volume, plane: Plane, load: Load) -> NDArray[np.float32]:
    """Values row by row from the top left, NaN where the volume has none. Slices are read in turn, once each."""
    gatherer, samples = _Gatherer(plane), samples_of(volume, plane)
    for first, stored, scale in _batches(volume, plane, load):
        cutter = _Cutter(volume, plane, first, stored, scale)
        for block in _blocks(plane):
            for one in samples:
                where, values = cutter.values(block, one.mm)
                if where.size:
                    gatherer.add(where, values, one.weight)
    return gatherer.result().reshape(plane.rows, plane.columns)


def _blocks(plane: Plane) -> Iterator[NDArray[Any]]:
    """Pixels a few lines at a time: what is worked on stays small."""
    size, step = plane.rows * plane.columns, max(1, BLOCK_PIXELS // plane.columns) * plane.columns
    for start in range(0, size, step):
        yield np.arange(start, min(size, start + step))


def _batches(volume: Volume, plane: Plane, load: Load) -> Iterator[tuple[int, Stored, Vector]]:
    """Neighbouring slices, as many as may be held; each batch begins with the last slice of the one before."""
    needed = slices_passed(volume, plane)
    held: list[tuple[Stored, float, float]] = []
    first = needed.start
    for k in needed:
        held.append(load(k))
        room = max(2, HELD_BYTES // max(1, held[0][0].nbytes))
        if len(held) >= room and k != needed[-1]:
            yield _batch(first, held)
            held, first = held[-1:], k
    if held:
        yield _batch(first, held)


def _batch(first: int, held: list[tuple[Stored, float, float]]) -> tuple[int, Stored, Vector]:
    return first, np.stack([one[0] for one in held]), np.array([one[1:] for one in held])


class _Cutter:
    """Cuts out of some neighbouring slices; pixels between others are left to other batches."""

    def __init__(self, volume: Volume, plane: Plane, first: int, stored: Stored, scale: Vector) -> None:
        self.volume, self.plane = volume, plane
        self.first, self.scale = first, scale
        self.count = len(stored)
        self.flat = stored.reshape(-1)
        self.u, self.v, self.d = (_axis(plane, one) for one in (volume.row, volume.column, volume.normal))
        self.is_level = abs(float(np.dot(plane.row, volume.normal)) * plane.between_columns) < STRAIGHT

    def values(self, block: NDArray[Any], mm: float) -> tuple[NDArray[Any], Vector]:
        """Which pixels of a block have a value here, and those values."""
        rows, columns = np.divmod(block, self.plane.columns)
        k, t, is_there = self._between(self.d.at(rows, columns, mm))
        block, rows, columns, k, t = (one[is_there] for one in (block, rows, columns, k, t))
        if not block.size:
            return block, np.empty(0)
        c = self._place(self.u.at(rows, columns, mm), self.volume.left, k, t) / self.volume.between_columns
        r = self._place(self.v.at(rows, columns, mm), self.volume.top, k, t) / self.volume.between_rows
        last_c, last_r = self.volume.columns - 1, self.volume.rows - 1
        inside = (c >= -EDGE_MM) & (c <= last_c + EDGE_MM) & (r >= -EDGE_MM) & (r <= last_r + EDGE_MM)
        block, k, t, c, r = (one[inside] for one in (block, k, t, c, r))
        return block, self._blend(k, np.clip(t, 0, 1), np.clip(c, 0, last_c), np.clip(r, 0, last_r))

    def _between(self, d: Vector) -> tuple[NDArray[Any], Vector, NDArray[np.bool_]]:
        """Between which two slices each place lies, how far on, and whether there is a value."""
        at, volume = self.volume.at, self.volume
        k = np.clip(np.searchsorted(at, d, side="right") - 1, 0, len(at) - 2)
        below, above = d - at[k], at[k + 1] - d
        gap = at[k + 1] - at[k]
        t = below / gap
        near = np.minimum(np.abs(below), np.abs(above)) <= EDGE_MM
        if self.is_level:
            t = np.where(np.abs(below) <= EDGE_MM, 0.0, np.where(np.abs(above) <= EDGE_MM, 1.0, t))
        is_there = (below >= -EDGE_MM) & (above >= -EDGE_MM) & (volume.is_bridged[k] | near)
        is_mine = (k >= self.first) & (k + 1 < self.first + self.count)
        return k, t, is_there & is_mine

    def _place(self, along: Vector, first_pixel: Vector, k: NDArray[Any], t: Vector) -> Vector:
        found: Vector = along - (first_pixel[k] * (1 - t) + first_pixel[k + 1] * t)
        return found

    def _blend(self, k: NDArray[Any], t: Vector, c: Vector, r: Vector) -> Vector:
        columns, size = self.volume.columns, self.volume.rows * self.volume.columns
        ci, ri = c.astype(np.int64), r.astype(np.int64)
        x, y = c - ci, r - ri
        right = np.where(ci < columns - 1, 1, 0)
        down = np.where(ri < self.volume.rows - 1, columns, 0)
        p = ri * columns + ci
        total = np.zeros(len(p))
        for other, share in ((0, 1 - t), (1, t)):
            here = k - self.first + other
            q = here * size + p
            top = (1 - x) * self.flat[q] + x * self.flat[q + right]
            bottom = (1 - x) * self.flat[q + down] + x * self.flat[q + down + right]
            numbers = (1 - y) * top + y * bottom
            total += share * (numbers * self.scale[here, 0] + self.scale[here, 1])
        return total
