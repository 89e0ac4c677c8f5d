import { describe, expect, it } from 'vitest';
import type { HangingStage } from '@/api/contract';
import { pane, prior, protocol, screen, screens, stage, when } from './build';
import { aSeries, kernel } from './builders';
import { fitsOf, type Occasion } from './choose';
import { DEFAULTS } from './defaults';
import { protocolOf } from './saving';
import { fill, type Scene, scenesOf, sceneWith, screensWanted, sharesOf } from './scenes';

const one = (name: string): HangingStage => stage('1x1', [pane([])], name);
const over = (name: string, count: number): HangingStage =>
  screens(
    name,
    screen('1x1', [pane([])]),
    ...Array.from({ length: count - 1 }, () => screen('1x1', [pane([])])),
  );

/** Scenes in short: `a` a stage for one screen, `b2` the second screen of stage b, `-` nothing asked. */
const short = (stages: readonly HangingStage[], scenes: readonly Scene[]): string[] =>
  scenes.map((scene) =>
    scene
      .map((part) => {
        const found = part && stages[part.stage];
        if (!part || !found) return '-';
        return sharesOf(found).length > 1 ? `${found.name}${part.share + 1}` : found.name;
      })
      .join(' '),
  );

describe('a protocol over the screens there are', () => {
  it.each<[string, HangingStage[], number, string[]]>([
    ['one screen, stages for one', [one('a'), one('b')], 1, ['a', 'b']],
    ['stages for one stand side by side', [one('a'), one('b'), one('c')], 2, ['a b', 'c -']],
    ['more screens than stages', [one('a')], 3, ['a - -']],
    ['as many screens as drawn for', [over('a', 2), over('b', 2)], 2, ['a1 a2', 'b1 b2']],
    ['one screen too many', [over('a', 2)], 3, ['a1 a2 -']],
    ['one screen for two: the second follows', [over('a', 2), over('b', 2)], 1, ['a1', 'a2', 'b1', 'b2']],
    ['two screens for three', [over('a', 3)], 2, ['a1 a2', 'a3 -']],
    ['one screen for three', [over('a', 3), one('b')], 1, ['a1', 'a2', 'a3', 'b']],
    ['several and one do not mix', [over('a', 3), one('b'), one('c')], 2, ['a1 a2', 'a3 -', 'b c']],
    ['one before several', [one('a'), over('b', 2), one('c')], 2, ['a -', 'b1 b2', 'c -']],
  ])('%s', (_name, stages, count, expected) => {
    const scenes = scenesOf(stages, count);
    expect(short(stages, scenes)).toEqual(expected);
    /* Nothing is lost and nothing is shown twice, whatever the number of screens. */
    const shares = stages.flatMap((each, at) => sharesOf(each).map((_, share) => `${at}.${share}`));
    expect(scenes.flat().flatMap((part) => (part ? [`${part.stage}.${part.share}`] : []))).toEqual(shares);
  });

  it('finds the scene a stage begins in', () => {
    const stages = [over('a', 2), one('b'), one('c')];
    expect([0, 1, 2].map((at) => sceneWith(scenesOf(stages, 2), at))).toEqual([0, 1, 1]);
    expect([0, 1, 2].map((at) => sceneWith(scenesOf(stages, 1), at))).toEqual([0, 2, 3]);
  });

  it('reads a document from before there were further screens as one for one screen', () => {
    const { further: _further, ...old } = one('a');
    expect(sharesOf(old as HangingStage)).toHaveLength(1);
    expect(screensWanted(protocol('x', when({}), [old as HangingStage]))).toBe(1);
    expect(short([one('a')], scenesOf([old as HangingStage], 2))).toEqual(['a -']);
  });
});

describe('what hangs on each screen', () => {
  const hung = (
    stages: readonly HangingStage[],
    count: number,
    at: number,
    all: ReturnType<typeof aSeries>[],
  ) =>
    scenesOf(stages, count)[at]?.map((part) =>
      part
        ? fill(stages, part, all).placed.map(
            (found) => all.find(({ set }) => set === found?.set)?.facts.text ?? null,
          )
        : null,
    );
  const chest = [
    aSeries({ name: '縦隔', tags: kernel('FC13') }),
    aSeries({ name: '肺野', tags: kernel('FC52') }),
    aSeries({ name: '前 縦隔', role: 'prior', tags: kernel('FC13') }),
    aSeries({ name: '前 肺野', role: 'prior', tags: kernel('FC52') }),
  ];
  const compared = DEFAULTS.find(({ id }) => id === 'default.chest-ct-prior-2')?.protocol.stages ?? [];

  it('the current study on the first, the prior in the same place on the second', () => {
    expect(hung(compared, 2, 0, chest)).toEqual([['肺野'], ['前 肺野']]);
    expect(hung(compared, 2, 1, chest)).toEqual([
      ['肺野', '縦隔'],
      ['前 肺野', '前 縦隔'],
    ]);
  });

  it('one after the other where there is one screen', () => {
    expect([0, 1, 2, 3].map((at) => hung(compared, 1, at, chest))).toEqual([
      [['肺野']],
      [['前 肺野']],
      [['肺野', '縦隔']],
      [['前 肺野', '前 縦隔']],
    ]);
  });

  it('a prior finds its neighbour on another screen, in its own place, and says so', () => {
    const open = [screens('', screen('1x2', [pane([]), pane([])]), screen('1x2', [prior(), prior()]))];
    const thin = { frame: { thicknessMm: 1 } };
    const all = [
      aSeries({ name: 'a' }),
      aSeries({ name: 'b', ...thin }),
      aSeries({ name: 'old b', role: 'prior', ...thin }),
      aSeries({ name: 'old a', role: 'prior' }),
    ];
    const part = scenesOf(open, 2)[0]?.[1];
    if (!part) throw new Error('no part');
    const { placed, isMet } = fill(open, part, all);
    expect(isMet).toBe(true);
    expect(placed.map((found) => found?.set)).toEqual([all[3]?.set, all[2]?.set]);
    expect(placed.map((found) => found?.reason)).toEqual([
      { kind: 'like', of: 0, screen: 0 },
      { kind: 'like', of: 1, screen: 0 },
    ]);
  });

  it('hangs no stack on two screens', () => {
    const same = [
      screens('', screen('1x1', [pane([])]), screen('1x1', [pane([])]), screen('1x1', [pane([])])),
    ];
    const all = [aSeries({ name: 'a' }), aSeries({ name: 'b' })];
    expect(hung(same, 3, 0, all)).toEqual([['a'], ['b'], [null]]);
    const last = scenesOf(same, 3)[0]?.[2];
    if (!last) throw new Error('no part');
    expect(fill(same, last, all).isMet).toBe(false);
  });
});

describe('which protocol, by the number of screens', () => {
  const about = (change: Partial<Occasion>): Occasion => ({
    modalities: ['CT'],
    bodyParts: [],
    studyText: '',
    seriesTexts: [],
    hasPrior: true,
    screens: 1,
    ...change,
  });
  it.each<[string, Partial<Occasion>, string]>([
    ['one, a chest', { studyText: '胸部CT' }, 'chest-ct-prior'],
    ['two, a chest', { studyText: '胸部CT', screens: 2 }, 'chest-ct-prior-2'],
    ['three, a chest', { studyText: '胸部CT', screens: 3 }, 'chest-ct-prior-2'],
    ['two, a chest without prior', { studyText: '胸部CT', screens: 2, hasPrior: false }, 'chest-ct'],
    ['two, a head', { studyText: '頭部CT', screens: 2 }, 'head-ct-prior-2'],
    ['two, a liver', { studyText: '肝ダイナミックCT', screens: 2 }, 'abdomen-dynamic-prior-2'],
    ['three, a liver', { studyText: '肝ダイナミックCT', screens: 3 }, 'abdomen-dynamic-prior-3'],
    [
      'two, a liver for the first time',
      { studyText: '肝ダイナミックCT', screens: 2, hasPrior: false },
      'abdomen-dynamic-2',
    ],
    ['two, a brain', { modalities: ['MR'], studyText: '頭部MRI', screens: 2 }, 'brain-mr-prior-2'],
    ['three, a brain', { modalities: ['MR'], studyText: '頭部MRI', screens: 3 }, 'brain-mr-prior-3'],
    ['two, breasts', { modalities: ['MG'], screens: 2 }, 'mammography-prior-2'],
    ['one, breasts', { modalities: ['MG'], screens: 1 }, 'mammography-prior'],
  ])('%s', (_name, change, expected) => {
    expect(fitsOf(DEFAULTS, [], about(change))[0]?.id).toBe(`default.${expected}`);
  });

  it('what was arranged on two screens is saved for two, each screen with its own panes', () => {
    const as = (found: ReturnType<typeof aSeries>) => ({
      role: found.role,
      facts: found.facts,
      description: found.facts.text,
      preset: null,
      isFused: false,
      reformat: found.role === 'prior' ? ({ plane: 'coronal', mode: 'mip', slab_mm: 20 } as const) : null,
    });
    const [now, old] = [aSeries({ name: 'now' }), aSeries({ name: 'old', role: 'prior' })];
    const kept = protocolOf(
      'x',
      [
        { layout: '1x1', panes: [as(now)] },
        { layout: '1x1', panes: [as(old)] },
      ],
      about({ screens: 2 }),
    );
    expect(kept.when).toMatchObject({ screens_least: 2, prior: 'with' });
    expect(screensWanted(kept)).toBe(2);
    expect(kept.stages[0]?.further[0]?.panes[0]).toMatchObject({
      role: 'prior',
      reformat: { plane: 'coronal', mode: 'mip', slab_mm: 20 },
    });
    const again = scenesOf(kept.stages, 2)[0]?.map(
      (part) => part && fill(kept.stages, part, [old, now]).placed[0]?.set,
    );
    expect(again).toEqual([now.set, old.set]);
  });
});
