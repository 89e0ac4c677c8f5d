import { describe, expect, it } from 'vitest';
import { differing, type Identity, messageIn, type Say } from './protocol';

const identity: Identity = { reading: 7, study: '1.2.3', patient: '5 00123', accession: 'A1', person: 2 };
const told = (say: unknown, change: object = {}): unknown => ({
  v: 1,
  identity,
  from: 'one',
  role: 'images-1',
  say,
  ...change,
});
const recipe = {
  sop_instance_uid: '1.2.3.4',
  frame_number: 1,
  window: { center: 40, width: 400, function: 'LINEAR' },
  is_low_white: false,
  rotation_deg: 90,
  is_mirrored: false,
  area: { left: 0, top: 0, right: 512, bottom: 512 },
  marks: [],
};
const mark = {
  id: 'm',
  kind: 'length',
  sop_instance_uid: '1.2.3.4',
  frame_number: 1,
  points: [
    [1, 2],
    [3, 4],
  ],
  is_closed: false,
  text: '',
  lines: ['10 mm'],
};
const plane = {
  series_instance_uid: '1.2.3',
  stack_sha256: 'a'.repeat(64),
  orientation: 'coronal',
  is_turned: false,
  is_agreed: true,
  origin: [1, 2, 3],
  row: [1, 0, 0],
  column: [0, 0, -1],
  between_columns: 0.7,
  between_rows: 0.7,
  columns: 512,
  rows: 300,
  slab: { mode: 'mip', mm: 10 },
};
const onPlane = { sop_instance_uid: null, frame_number: null, plane };
const pane = { role: 'current', selectors: [{ words: ['x'], without: [], plane: 'axial' }], fusion: false };
const screen = { layout: '1x1', panes: [pane] };
const candidate = (stage: object) => ({
  id: 'mine.0',
  owner: 'mine',
  protocol: {
    version: 1,
    name: 'x',
    when: { modalities: ['CT'], words: [], without: [], prior: 'with', screens_least: 2 },
    stages: [stage],
  },
});
const hang = { kind: 'hang', to: null, scene: 0, seats: ['main', 'images-1'], isAct: true };
const one = { name: '', ...screen, further: [screen] };
const lent = { findings: 'a', impression: 'b', revision: 3, isSaved: true };

describe('a well formed word is heard', () => {
  it.each<[string, unknown]>([
    ['hello', { kind: 'hello', page: 'p' }],
    ['closed', { kind: 'closed', how: 'signed' }],
    ['blank', { kind: 'blank', differs: ['patient'] }],
    ['jump', { kind: 'jump', to: '', recipe }],
    ['jump to a colour image', { kind: 'jump', to: 's', recipe: { ...recipe, window: null } }],
    [
      'insert',
      { kind: 'insert', text: '12.3 mm', link: { mark_id: 'm', text: '12.3 mm', points: [[1, 2]] } },
    ],
    ['marks', { kind: 'marks', marks: [mark], isSaved: false }],
    ['a change', { kind: 'marks-change', put: [mark], gone: ['n'] }],
    ['jump to a plane', { kind: 'jump', to: '', recipe: { ...recipe, ...onPlane } }],
    ['marks on planes', { kind: 'marks', marks: [{ ...mark, ...onPlane }], isSaved: true }],
    ['text', { kind: 'draft', ...lent }],
    ['what hangs', { ...hang, fit: candidate(one) }],
    [
      'what hangs, as before there were further screens',
      { ...hang, fit: candidate({ name: '', ...screen }) },
    ],
    ['that no protocol hangs', { ...hang, to: 's', fit: null }],
    ['a wish', { kind: 'hang-ask', wish: { kind: 'choose', id: null, scene: 1 } }],
    ['a slice', { kind: 'places', panes: [{ set: 's#1', at: 3 }], moved: { set: 's#1', at: 3 } }],
    [
      'an alignment',
      { kind: 'links', isLinked: true, registrations: [['a>b', { shift: [0, 0, 300], ways: [[0, 0, 1]] }]] },
    ],
    [
      'an arrangement',
      {
        kind: 'arrangement',
        ask: 'a',
        arrangement: {
          layout: '1x1',
          panes: [
            {
              set: 's#1',
              preset: 'lung',
              isFused: false,
              reformat: { plane: 'coronal', mode: 'mip', slab_mm: 10 },
            },
          ],
        },
      },
    ],
    ['an answer before signing', { kind: 'sign-ready', ask: 'a', isClean: true, marks: 2, fidelity: null }],
  ])('%s', (_name, say) => {
    expect(messageIn(told(say))?.say).toEqual(say);
  });
});

describe('anything else was not said', () => {
  it.each<[string, unknown]>([
    ['nothing', null],
    ['a frame and a plane', told({ kind: 'jump', to: '', recipe: { ...recipe, plane } })],
    ['neither', told({ kind: 'jump', to: '', recipe: { ...recipe, ...onPlane, plane: null } })],
    [
      'a plane without a place',
      told({ kind: 'jump', to: '', recipe: { ...recipe, ...onPlane, plane: { ...plane, origin: [1, 2] } } }),
    ],
    ['a text', 'blank'],
    ['another version', told({ kind: 'bye' }, { v: 2 })],
    ['no identity', told({ kind: 'bye' }, { identity: null })],
    ['half an identity', told({ kind: 'bye' }, { identity: { ...identity, person: undefined } })],
    ['an unknown role', told({ kind: 'bye' }, { role: 'other' })],
    ['an unknown kind', told({ kind: 'sign' })],
    ['a name every object has', told({ kind: 'constructor' })],
    ['a reason that is none', told({ kind: 'closed', how: 'why' })],
    [
      'a window that is no number',
      told({ kind: 'jump', to: '', recipe: { ...recipe, window: { center: 'a' } } }),
    ],
    ['a turn by 45 degrees', told({ kind: 'jump', to: '', recipe: { ...recipe, rotation_deg: 45 } })],
    ['a place that is none', told({ kind: 'marks', marks: [{ ...mark, points: [[1]] }], isSaved: true })],
    ['not a number', told({ kind: 'marks', marks: [{ ...mark, points: [[Number.NaN, 1]] }], isSaved: true })],
    ['too long a text', told({ kind: 'insert', text: 'a'.repeat(1001), link: null })],
    ['a screen with a pane too few', told({ ...hang, fit: candidate({ ...one, layout: '1x2' }) })],
    ['a fourth screen', told({ ...hang, fit: candidate({ ...one, further: [screen, screen, screen] }) })],
    ['a layout of planes', told({ ...hang, fit: candidate({ ...one, layout: 'mpr' }) })],
    ['a protocol without stages', told({ ...hang, fit: { ...candidate(one), protocol: {} } })],
    ['a scene before the first', told({ ...hang, fit: null, scene: -1 })],
    ['a wish nobody knows', told({ kind: 'hang-ask', wish: { kind: 'scene', way: 7 } })],
    ['a slice before the first', told({ kind: 'places', panes: [{ set: 's', at: -1 }], moved: null })],
    [
      'a shift that is none',
      told({ kind: 'links', isLinked: true, registrations: [['a', { shift: [1, 2], ways: [] }]] }),
    ],
    [
      'an arrangement with a pane too many',
      told({ kind: 'arrangement', ask: 'a', arrangement: { layout: '1x1', panes: [{}, {}] } }),
    ],
    ['a text without its revision', told({ kind: 'draft', ...lent, revision: -1 })],
  ])('%s', (_name, data) => {
    expect(messageIn(data)).toBeNull();
  });
});

describe('two windows differ in', () => {
  it.each<[string, Partial<Identity>]>([
    ['reading', { reading: 8 }],
    ['study', { study: '1.2.9' }],
    ['patient', { patient: '6 00124' }],
    ['accession', { accession: 'A2' }],
    ['person', { person: 3 }],
  ])('%s', (name, change) => {
    expect(differing(identity, { ...identity, ...change })).toEqual([name]);
  });

  it('nothing', () => {
    const bye: Say = { kind: 'bye' };
    expect(differing(identity, { ...identity })).toEqual([]);
    expect(messageIn(told(bye))?.identity).toEqual(identity);
  });
});
