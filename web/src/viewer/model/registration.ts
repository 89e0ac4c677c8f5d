/** How the spaces of two studies lie to each other along the directions in which somebody said so. */
import { type Link, linkStacks, mayLink } from './linking';
import { type DisplaySet, middleOf } from './stacks';
import { along, angleBetween, dot, opposite, type Vector } from './vectors';

const SAME_WAY_DEG = 15;

export interface Registration {
  /** Added to a point of the one space to get the point of the other. */
  shift: Vector;
  /** Directions the shift was said for; of any other nothing is known. */
  ways: readonly Vector[];
}

const isSameWay = (a: Vector, b: Vector): boolean =>
  angleBetween(a, b) <= SAME_WAY_DEG || angleBetween(a, opposite(b)) <= SAME_WAY_DEG;

/** A space is a Frame of Reference of one study: an equal UID elsewhere is not trusted. */
const spaceOf = (set: DisplaySet): string =>
  `${set.studyUid}|${set.frames[0]?.frameOfReferenceUid ?? set.id}`;

/** Alignments made by hand. They belong to the studies, not to panes or series, and last as long as the case. */
export class Registrations {
  private readonly kept = new Map<string, Registration>();

  /** Declares two slices to be the same place of the patient. Stacks of one space need no declaration. */
  align(source: DisplaySet, at: number, target: DisplaySet, to: number): boolean {
    const link = linkStacks(source, at, target, to);
    const [way, back] = [target.normal, source.normal];
    if (link.kind !== 'offset' || !way || !back) return false;
    this.keep(source, target, way, link.offsetMm);
    this.keep(target, source, back, -link.sign * link.offsetMm);
    return true;
  }

  private keep(source: DisplaySet, target: DisplaySet, way: Vector, offsetMm: number): void {
    const key = `${spaceOf(source)}>${spaceOf(target)}`;
    const now = this.kept.get(key) ?? { shift: [0, 0, 0], ways: [] };
    const shift = along(now.shift, way, offsetMm - dot(now.shift, way));
    this.kept.set(key, { shift, ways: [...now.ways.filter((one) => !isSameWay(one, way)), way] });
  }

  /** As plain values, for other windows of the case. */
  told(): [string, Registration][] {
    return [...this.kept];
  }

  /** As another window of the case tells them: one reader aligns, whichever window it was done in. */
  hear(all: readonly (readonly [string, Registration])[]): void {
    this.kept.clear();
    for (const [key, one] of all) this.kept.set(key, one);
  }

  /** Undoes what was said of the spaces of two stacks. */
  forget(source: DisplaySet, target: DisplaySet): void {
    this.kept.delete(`${spaceOf(source)}>${spaceOf(target)}`);
    this.kept.delete(`${spaceOf(target)}>${spaceOf(source)}`);
  }

  /** As aligned by hand; where nobody has, the middles of both stacks are taken for the same place. */
  link(source: DisplaySet, target: DisplaySet): Link {
    const usual = linkStacks(source, middleOf(source), target, middleOf(target));
    const known = this.kept.get(`${spaceOf(source)}>${spaceOf(target)}`);
    const way = target.normal;
    if (usual.kind !== 'offset' || !known || !way || !mayLink(source, target)) return usual;
    if (!known.ways.some((one) => isSameWay(one, way))) return usual;
    return { ...usual, offsetMm: dot(known.shift, way), isByHand: true };
  }
}
