import { describe, expect, it } from 'vitest';
import { type Bounds, keptAs, placeFor, readPlacement, type Screen } from './placement';

const screen = (label: string, left: number, width = 1920, height = 1080): Screen => ({
  label,
  left,
  top: 0,
  width,
  height,
});
const LAPTOP = screen('laptop', 0);
const LEFT = screen('left', 1920, 2560, 1440);
const RIGHT = screen('right', 4480, 2560, 1440);
const opener: Bounds = { left: 0, top: 0, width: 1920, height: 1080 };
const whole = ({ left, top, width, height }: Screen): Bounds => ({ left, top, width, height });
const at = (left: number, width = 800): Bounds => ({ left, top: 100, width, height: 600 });

describe('a window opens', () => {
  it('on a screen of its own, the second on another one', () => {
    const screens = [LAPTOP, LEFT, RIGHT];
    expect(placeFor('images-1', undefined, screens, opener)).toEqual(whole(LEFT));
    expect(placeFor('images-2', undefined, screens, opener)).toEqual(whole(RIGHT));
    expect(placeFor('images-2', undefined, [LAPTOP, LEFT], opener)).toEqual(whole(LEFT));
  });

  it('beside its opener where there is one screen, or none is known', () => {
    expect(placeFor('images-1', undefined, [LAPTOP], opener)).toEqual({
      left: 768,
      top: 0,
      width: 1152,
      height: 1080,
    });
    expect(placeFor('images-1', undefined, [], opener)).toEqual({
      left: 768,
      top: 0,
      width: 1152,
      height: 1080,
    });
  });

  it('where it stood last, also when the screens were plugged in anew', () => {
    const kept = keptAs(at(2000), [LAPTOP, LEFT]);
    expect(placeFor('images-1', kept, [LAPTOP, LEFT], opener)).toEqual(at(2000));
    expect(placeFor('images-1', kept, [screen('left', -2560, 2560, 1440), LAPTOP], opener)).toEqual(
      at(-2480),
    );
  });

  it('on a screen there is, when the one it stood on is gone', () => {
    const kept = keptAs(at(2000), [LAPTOP, LEFT]);
    expect(placeFor('images-1', kept, [LAPTOP], opener).left).toBeLessThan(1920);
    const without = keptAs(at(5000), []);
    expect(placeFor('images-1', without, [LAPTOP], opener)).toEqual(at(1120));
  });
});

it.each([
  ['nothing', null],
  ['no JSON', '{'],
  ['a number', '4'],
  ['a window of no size', '{"main":{"left":0,"top":0,"width":0,"height":0,"screen":null}}'],
  ['a text for a place', '{"main":{"left":"0","top":0,"width":900,"height":900,"screen":null}}'],
])('what is kept and is %s is as if nothing were kept', (_name, text) => {
  expect(readPlacement(text)).toEqual({});
});
