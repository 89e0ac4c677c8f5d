import { expect, it } from 'vitest';
import { type Grey, paintGrey, wholeRange } from './paint';

const PLAIN: Grey = { slope: 1, intercept: 0, center: 128, width: 256, isInverted: false };

function painted(stored: readonly number[], change: Partial<Grey>): number[] {
  const rgba = new Uint8ClampedArray(stored.length * 4);
  paintGrey(stored, { ...PLAIN, ...change }, rgba);
  return stored.map((_, i) => rgba[i * 4] ?? -1);
}

it.each([
  ['eight bits as they are', [0, 1, 127, 128, 255], {}, [0, 1, 127, 128, 255]],
  ['nothing beyond the window', [-10, 300], {}, [0, 255]],
  [
    'the rescale before the window',
    [0, 1024, 2048],
    { intercept: -1024, center: 0, width: 2049 },
    [0, 128, 255],
  ],
  ['the slope too', [0, 100], { slope: 2, center: 100.5, width: 201 }, [0, 255]],
  ['MONOCHROME1 the other way round', [0, 255], { isInverted: true }, [255, 0]],
  ['a window of one value as a threshold', [9, 10], { center: 10, width: 1 }, [0, 255]],
])('%s', (_, stored, change, greys) => {
  expect(painted(stored, change)).toEqual(greys);
});

it('paints opaque', () => {
  const rgba = new Uint8ClampedArray(4);
  paintGrey([5], PLAIN, rgba);

  expect([...rgba]).toEqual([5, 5, 5, 255]);
});

it('finds the window that shows everything', () => {
  expect(wholeRange([0, 100, 50], 1, -50)).toEqual({ center: 0.5, width: 101 });
  expect(wholeRange([], 1, 0)).toEqual({ center: 0.5, width: 1 });
});
