import { expect, it } from 'vitest';
import { clipOf, frameAfter, framesASecond, lengthMs, nextSpeed, resumeMs, usualClip } from './cine';
import type { DicomJson } from './metadata';

const one = (...Value: unknown[]) => ({ vr: 'DS', Value });
const clip = (change: DicomJson) => clipOf({ '00280008': one(4), ...change });
const taken = (...times: string[]): DicomJson => ({
  '52009230': {
    vr: 'SQ',
    Value: times.map((at) => ({ '00209111': { vr: 'SQ', Value: [{ '00189074': one(at) }] } })),
  },
});

it.each<[string, DicomJson, string, number[]]>([
  ['a frame time', { '00181063': one('33.333') }, 'frame_time', [33.333, 33.333, 33.333, 33.333]],
  [
    'a vector',
    { '00181065': one(0, 50, 40, 30), '00280009': one('00181065') },
    'frame_time_vector',
    [50, 40, 30, 30],
  ],
  [
    'a vector beside a frame time it does not point to',
    { '00181065': one(0, 50, 40, 30), '00181063': one(20) },
    'frame_time',
    [20, 20, 20, 20],
  ],
  [
    'a vector of another length',
    { '00181065': one(0, 50), '00180040': one(25) },
    'cine_rate',
    [40, 40, 40, 40],
  ],
  [
    'a recommended rate before a cine rate',
    { '00082144': one(20), '00180040': one(10) },
    'recommended_rate',
    [50, 50, 50, 50],
  ],
  [
    'times of the frames',
    taken('20240101000000.00', '20240101000000.10', '20240101000000.30', '20240101000000.40'),
    'frame_instants',
    [100, 200, 100, 100],
  ],
  [
    'times that fall',
    taken('20240101000001', '20240101000000', '20240101000002', '20240101000003'),
    'usual',
    [100, 100, 100, 100],
  ],
  ['a frame time of nothing', { '00181063': one(0) }, 'usual', [100, 100, 100, 100]],
  ['nothing', {}, 'usual', [100, 100, 100, 100]],
])('plays by %s', (_, change, source, standsMs) => {
  const found = clip(change);

  expect(found?.source).toBe(source);
  found?.standsMs.forEach((ms, i) => {
    expect(ms).toBeCloseTo(standsMs[i] ?? 0, 3);
  });
});

it('one frame is no film', () => {
  expect(clipOf({ '00280008': one(1) })).toBeNull();
  expect(clipOf({})).toBeNull();
});

it('shows each frame as long as it stands, and begins anew', () => {
  const film = { frames: 3, source: 'frame_time_vector' as const, standsMs: [100, 50, 25] };

  const shown = [0, 99, 100, 149, 150, 174, 175, 274, 275].map((ms) => frameAfter(film, ms, 'loop'));

  expect(shown).toEqual([0, 0, 1, 1, 2, 2, 0, 0, 1]);
  expect(lengthMs(film)).toBe(175);
});

it('goes there and back without standing at the ends', () => {
  const film = usualClip(4);
  const shown = Array.from({ length: 8 }, (_, i) => frameAfter(film, i * 100, 'there_and_back'));
  expect(shown).toEqual([0, 1, 2, 3, 2, 1, 0, 1]);
});

it('goes on from the frame it stands at', () => {
  const film = usualClip(5);
  expect(frameAfter(film, resumeMs(film, 3), 'loop')).toBe(3);
  expect(frameAfter(usualClip(1), 12_345, 'loop')).toBe(0);
});

it('knows how fast it is', () => {
  expect(framesASecond(usualClip(7), 2)).toBeCloseTo(20, 6);
  expect([nextSpeed(1, 1), nextSpeed(1, -1), nextSpeed(4, 1), nextSpeed(0.1, -1)]).toEqual([
    1.5, 0.75, 4, 0.1,
  ]);
});
