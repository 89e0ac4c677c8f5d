import type { Words } from '../ja';

/** Fused display, as of PET over CT. */
export const fusion: Words['fusion'] = {
  toggle: 'Fusion (PET/CT)',
  wider: 'Fusion: wider range',
  narrower: 'Fusion: narrower range',
  more: 'Fusion: more opaque',
  less: 'Fusion: less opaque',
  nextTable: 'Fusion: next colour table',
  on: (modalities, series) => `Fusion ${modalities}: ${series}`,
  waiting: (here, all) => `Fetching the overlay (${here} of ${all}): nothing is laid over yet`,
  failed: (failed, all) =>
    failed > 0
      ? `${failed} of ${all} cannot be shown: nothing is laid over`
      : 'The values cannot be vouched for: nothing is laid over',
  drawn: (range, percent) => `${range} · opacity ${percent}% · nothing at or below the lower end`,
  interpolated: 'Colours are interpolated',
  interpolatedSlab: (slab) => `Colours are interpolated, of the same slab (${slab})`,
  apart: (minutes) =>
    minutes === 0
      ? 'Acquisitions began within a minute'
      : `acquired ${Math.abs(minutes)} min ${minutes > 0 ? 'later' : 'earlier'}`,
  apartUnknown: 'Time between acquisitions unknown',
  stored: (why) => `Stored values, not SUV (${why})`,
  noSuvKnown: 'no SUV for this modality',
  settings: 'Fusion settings',
  high: (unit) => `Upper end ${unit}`,
  low: (unit) => `Lower end ${unit}`,
  opacity: (percent) => `Opacity ${percent}%`,
  table: 'Colours',
  tables: {
    hot_iron: 'Hot Iron',
    hot_metal_blue: 'Hot Metal Blue',
    pet_20_step: 'PET 20 Step',
    inverse_grey: 'Inverse grey',
  },
  overlay: 'Overlay series',
  off: 'End fusion',
  scale: (unit, low, high) => `Colour scale ${unit} ${low} to ${high}. Opens the fusion settings`,
  scaleHint: 'Drag up or down for the upper end, click for settings',
  noUnit: 'no unit',
  noValue: 'no overlay value',
  of: (modality) => modality,
  point: (name, value) => `${name} ${value} (interpolated)`,
  outside: (name) => `${name}: outside`,
  region: (name, max, mean) => `${name} max ${max} · mean ${mean}`,
  voxels: (count, mm) => `${count} voxels (centres within ${mm} mm of the plane)`,
  noVoxel: (name) => `${name}: no voxel centre inside`,
  unkept: 'Overlay values are not saved',
  whyKeyImage:
    'A fused display cannot be a key image: the hub cannot draw its colours again. Switch fusion off (Shift+F) to keep the image.',
  refused: {
    base: 'Fusion is for panes of CT or MR, not for the PET or NM that is laid over.',
    none: 'This study has no PET or NM series to lay over.',
    space: 'Another frame of reference: where the images lie to each other is not known.',
  },
  baseShape: (why) => `No fusion: this stack ${why}.`,
  overlayShape: (why) => `No fusion: the PET or NM ${why}.`,
  shape: {
    too_few: 'has fewer than five slices',
    unordered: 'has no positions',
    duplicated: 'has slices in the same place',
    colour: 'is in colour',
    no_spacing: 'has no Pixel Spacing',
    mixed: 'changes its pixel size',
    orientation: 'has slices of several orientations',
    frame_of_reference: 'has no Frame of Reference',
    projection: 'is no tomographic stack',
    values: 'uses a Modality LUT',
    gap: 'lacks slices in between',
    tilted: 'was taken with a tilted gantry',
    uneven: 'has uneven slice spacing',
  },
};
