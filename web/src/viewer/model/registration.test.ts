import { describe, expect, it } from 'vitest';
import { aStack } from './builders';
import { linkedIndex } from './linking';
import { Registrations } from './registration';

const range = (from: number, step: number, count: number) =>
  Array.from({ length: count }, (_, i) => from + step * i);
const current = aStack(range(0, 5, 41));
const thin = aStack(range(0, 1, 201), { thicknessMm: 1 });
const old = aStack(range(1000, 5, 41), { frameOfReferenceUid: '9' }, 'old');
const upsideDown = aStack(range(1200, -2, 101), { frameOfReferenceUid: '9' }, 'old');
const sagittal = { row: [0, 1, 0], column: [0, 0, -1] } as const;

describe('an alignment between two studies', () => {
  it('is by the middles until somebody says otherwise', () => {
    const link = new Registrations().link(current, old);
    expect(link).toMatchObject({ kind: 'offset', offsetMm: 1000 });
    expect(link.isByHand).toBeUndefined();
  });

  it('holds both ways', () => {
    const said = new Registrations();
    expect(said.align(current, 10, old, 12)).toBe(true);
    expect(said.link(current, old)).toMatchObject({ offsetMm: 1010, isByHand: true });
    expect(said.link(old, current)).toMatchObject({ offsetMm: -1010, isByHand: true });
    expect(linkedIndex(said.link(current, old), current, 20, old)?.index).toBe(22);
    expect(linkedIndex(said.link(old, current), old, 22, current)?.index).toBe(20);
  });

  it('survives another series of either study, also one that runs the other way', () => {
    const said = new Registrations();
    said.align(current, 10, old, 12);
    expect(linkedIndex(said.link(thin, old), thin, 100, old)?.index).toBe(22);
    expect(linkedIndex(said.link(thin, upsideDown), thin, 100, upsideDown)?.index).toBe(45);
  });

  it('says nothing of a direction nobody aligned', () => {
    const said = new Registrations();
    said.align(current, 10, old, 12);
    const [a, b] = ['now', 'old'].map((study) =>
      aStack([0, 0, 0], { ...sagittal, frameOfReferenceUid: study }, study),
    );
    if (!a || !b) throw new Error('no stacks');
    expect(said.link(a, b).isByHand).toBeUndefined();
  });

  it('is not another’s: a third study is not moved', () => {
    const said = new Registrations();
    said.align(current, 10, old, 12);
    const third = aStack(range(500, 5, 41), { frameOfReferenceUid: '9' }, 'third');
    expect(said.link(current, third).isByHand).toBeUndefined();
  });

  it('is not needed, and not taken, inside one space', () => {
    const said = new Registrations();
    expect(said.align(current, 0, thin, 50)).toBe(false);
    expect(said.link(current, thin)).toMatchObject({ kind: 'same_space', offsetMm: 0 });
  });

  it('can be said again and taken back', () => {
    const said = new Registrations();
    said.align(current, 10, old, 12);
    said.align(current, 10, old, 9);
    expect(said.link(current, old).offsetMm).toBe(995);
    said.forget(old, current);
    expect(said.link(current, old).isByHand).toBeUndefined();
  });

  it('leaves what was said of one direction when another is aligned', () => {
    const lean = Math.SQRT1_2;
    const said = new Registrations();
    const oblique = (study: string, z: number) =>
      aStack(
        [0, 0, 0],
        { row: [1, 0, 0], column: [0, lean, lean], frameOfReferenceUid: study, position: [0, 0, z] },
        study,
      );
    said.align(current, 10, old, 12);
    expect(said.align(oblique('study', 0), 0, oblique('old', 40), 0)).toBe(false);
    expect(said.link(current, old).offsetMm).toBe(1010);
  });
});
