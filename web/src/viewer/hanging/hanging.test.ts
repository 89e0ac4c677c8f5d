import { describe, expect, it } from 'vitest';
import { pane, prior, protocol, stage, when } from './build';
import { aSeries, kernel, mr, sagittal } from './builders';
import { type Candidate, fitsOf, type Occasion, scoreOf } from './choose';
import { DEFAULTS } from './defaults';
import { protocolOf, selectorsFor } from './saving';
import { sharesOf } from './scenes';
import { assign, type Hangable, isMet, shrunk } from './select';

const occasion = (change: Partial<Occasion>): Occasion => ({
  modalities: ['CT'],
  bodyParts: [],
  studyText: '',
  seriesTexts: [],
  hasPrior: false,
  screens: 1,
  ...change,
});

const defaultFor = (about: Partial<Occasion>): string | undefined =>
  fitsOf(DEFAULTS, [], occasion(about))[0]?.id;
const stageOf = (id: string, at = 0) => {
  const found = DEFAULTS.find((one) => one.id === id)?.protocol.stages[at];
  if (!found) throw new Error(id);
  return found;
};
const hung = (id: string, all: Hangable[], at = 0) =>
  assign(stageOf(id, at), all).map((one) => all.find(({ set }) => set === one?.set)?.facts.text ?? null);

describe('which protocol', () => {
  it.each<[string, Partial<Occasion>, string | undefined]>([
    ['head CT', { bodyParts: ['BRAIN'], studyText: '1A TRAUMA/PLAIN HEAD DM' }, 'default.head-ct'],
    ['頭部単純CT', { studyText: '頭部単純CT' }, 'default.head-ct'],
    ['chest CT', { studyText: 'Chest' }, 'default.chest-ct'],
    ['胸部単純CT', { studyText: '胸部単純CT', hasPrior: true }, 'default.chest-ct-prior'],
    ['肝ダイナミック', { studyText: '肝ダイナミックCT', seriesTexts: ['動脈相'] }, 'default.abdomen-dynamic'],
    ['腹部造影CT', { studyText: '腹部造影CT' }, 'default.abdomen-ct'],
    ['MRT-Kopf', { modalities: ['MR'], bodyParts: ['HEAD'], studyText: 'MRT-Kopf' }, 'default.brain-mr'],
    ['腰椎MRI', { modalities: ['MR'], studyText: '腰椎MRI' }, 'default.spine-mr'],
    ['頸椎MRI', { modalities: ['MR'], bodyParts: ['CSPINE'], studyText: '頸椎MRI' }, 'default.spine-mr'],
    ['胸部X線', { modalities: ['DX'], studyText: '胸部正面', hasPrior: true }, 'default.chest-xray-prior'],
    ['マンモグラフィ', { modalities: ['MG'], studyText: '乳房' }, 'default.mammography'],
    ['a knee', { modalities: ['MR'], bodyParts: ['KNEE'], studyText: '右膝' }, undefined],
    ['ultrasound', { modalities: ['US'], studyText: '腹部' }, undefined],
    ['a report', { modalities: ['SR'], studyText: '頭部' }, undefined],
  ])('hangs for %s', (_, about, expected) => {
    expect(defaultFor(about)).toBe(expected);
  });

  const any = (id: string, owner: Candidate['owner'], said = {}): Candidate => ({
    id,
    owner,
    protocol: protocol(id, when(said), [stage('1x1', [pane([])])]),
  });

  it('one’s own come before everybody’s, these before the program’s; in between the closer fit', () => {
    const all = [
      any('d', 'default', { modalities: ['CT'], words: ['胸'] }),
      any('s', 'shared'),
      any('m', 'mine'),
    ];
    const closer = any('m2', 'mine', { modalities: ['CT'] });
    const about = occasion({ studyText: '胸部' });
    expect(fitsOf([...all, closer], [], about).map(({ id }) => id)).toEqual(['m2', 'm', 's', 'd']);
    expect(fitsOf([...all, closer], ['m2', 's'], about).map(({ id }) => id)).toEqual(['m', 'd']);
  });

  it.each<[string, Parameters<typeof when>[0], Partial<Occasion>, boolean]>([
    ['another modality', { modalities: ['MR'] }, {}, false],
    ['a word that must not stand there', { without: ['胸'] }, { studyText: '胸部' }, false],
    ['no prior', { prior: 'with' }, {}, false],
    ['a prior where none is wanted', { prior: 'without' }, { hasPrior: true }, false],
    ['a screen too few', { screens_least: 2 }, {}, false],
    ['screens enough', { screens_least: 2 }, { screens: 2 }, true],
    ['nothing asked', {}, {}, true],
  ])('%s decides', (_, said, about, fits) => {
    expect(scoreOf(when(said), occasion(about)) !== null).toBe(fits);
  });
});

describe('what hangs where', () => {
  it('head: brain beside bone, the thick ones before the thin', () => {
    const all = [
      aSeries({ name: 'scout', count: 1, frame: { imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] } }),
      aSeries({ name: 'STD BRAIN 1MM', frame: { thicknessMm: 1 }, tags: kernel('UB') }),
      aSeries({ name: 'STD BRAIN 5MM', tags: kernel('UB') }),
      aSeries({ name: 'BONE BRAIN 1MM', frame: { thicknessMm: 1 }, tags: kernel('YA') }),
    ];
    expect(hung('default.head-ct', all)).toEqual(['STD BRAIN 5MM', 'BONE BRAIN 1MM']);
  });

  it('chest: lung beside mediastinum; with a prior the one most like it', () => {
    const old = (name: string, k: string) => aSeries({ name, role: 'prior', tags: kernel(k) });
    const all = [
      aSeries({ name: '縦隔', tags: kernel('FC13') }),
      aSeries({ name: '肺野', tags: kernel('FC52') }),
      old('前 縦隔', 'FC13'),
      old('前 肺野', 'FC52'),
    ];
    expect(hung('default.chest-ct', all)).toEqual(['肺野', '縦隔']);
    expect(hung('default.chest-ct-prior', all)).toEqual(['肺野', '前 肺野']);
    expect(hung('default.chest-ct-prior', all, 2)).toEqual(['肺野', '縦隔', '前 肺野', '前 縦隔']);
  });

  it('liver: plain, arterial, portal, late, in this order whatever the order of arrival', () => {
    const all = ['平衡相 5mm', '門脈相 5mm', '単純 5mm', '動脈相 5mm'].map((name) =>
      aSeries({ name, tags: kernel('FC13') }),
    );
    expect(hung('default.abdomen-dynamic', all)).toEqual([
      '単純 5mm',
      '動脈相 5mm',
      '門脈相 5mm',
      '平衡相 5mm',
    ]);
  });

  it('brain MR: DWI, ADC, FLAIR, T2, then the others', () => {
    const all = ['T1WI', 'T2WI', 'FLAIR', 'DWI b1000', 'ADC map', 'T2*WI', '3D-TOF'].map((name) => mr(name));
    expect(hung('default.brain-mr', all)).toEqual(['DWI b1000', 'ADC map', 'FLAIR', 'T2WI']);
    expect(hung('default.brain-mr', all, 1)).toEqual(['T1WI', 'T2*WI', '3D-TOF', null]);
  });

  it('spine: sagittal T2 and T1, then axial', () => {
    const all = [mr('T2 Ax'), mr('T1 Sag', sagittal), mr('T2 Sag', sagittal)];
    expect(hung('default.spine-mr', all)).toEqual(['T2 Sag', 'T1 Sag', 'T2 Ax', null]);
  });

  it('mammography: right on the left, CC above MLO', () => {
    const views = [
      ['L', 'MLO'],
      ['L', 'CC'],
      ['R', 'MLO'],
      ['R', 'CC'],
    ].map(([side, view]) =>
      aSeries({
        name: `${side}-${view}`,
        count: 1,
        frame: { modality: 'MG', position: null, row: null, column: null },
        tags: { '00185101': view ?? '', '00200062': side ?? '' },
      }),
    );
    expect(hung('default.mammography', views)).toEqual(['R-CC', 'L-CC', 'R-MLO', 'L-MLO']);
  });

  it('never hangs one stack twice', () => {
    const all = [aSeries({ name: 'only' }), aSeries({ name: 'other' })];
    const same = stage('2x2', [pane([{ modality: 'CT' }]), pane([{ modality: 'CT' }]), pane([]), pane([])]);
    const ids = assign(same, all).map((one) => one?.set.id);
    expect(ids.filter(Boolean)).toHaveLength(2);
    expect(new Set(ids.filter(Boolean)).size).toBe(2);
  });

  it('leaves a pane without selectors to the next best, a prior’s to what is most like its neighbour', () => {
    const all = [
      aSeries({ name: 'soft', tags: kernel('B30f') }),
      aSeries({ name: 'old thin', role: 'prior', frame: { thicknessMm: 1 } }),
      aSeries({ name: 'old like it', role: 'prior' }),
    ];
    const placed = assign(stage('1x2', [pane([]), prior()]), all);
    expect(placed.map((one) => one?.reason.kind)).toEqual(['next', 'like']);
    expect(placed[1]?.set).toBe(all[2]?.set);
  });

  it('a protocol that finds nothing it asks for is none for this study', () => {
    const asked = stage('1x2', [pane([{ words: ['ない'] }]), pane([{ words: ['ない'] }])]);
    expect(isMet(asked, assign(asked, [aSeries()]))).toBe(false);
    const open = stage('1x2', [pane([]), pane([])]);
    expect(isMet(open, assign(open, [aSeries()]))).toBe(true);
  });

  it('shows no empty places beside one or two that are filled', () => {
    const [a, b] = [aSeries({ tags: kernel('UB') }), aSeries({ tags: kernel('YA') })];
    const one = assign(stageOf('default.head-ct'), [a]);
    expect(shrunk('1x2', one).layout).toBe('1x1');
    const two = assign(stageOf('default.chest-ct-prior', 2), [a, b]);
    expect(shrunk('2x2', two).layout).toBe('1x2');
  });
});

describe('what is saved', () => {
  it('finds the same stacks again, by name or by kind', () => {
    const [a, b] = [
      aSeries({ name: 'Lung 5.0 B70f', tags: kernel('B70f') }),
      aSeries({ name: 'Med', tags: kernel('B30f') }),
    ];
    const as = (one: Hangable) => ({
      role: one.role,
      facts: one.facts,
      description: one.facts.text,
      preset: null,
      isFused: one === a,
      reformat: null,
    });
    const kept = protocolOf(
      'x',
      [{ layout: '1x2', panes: [as(b), as(a)] }],
      occasion({ studyText: '胸部CT', bodyParts: ['CHEST'] }),
    );
    const again = [
      aSeries({ name: 'Lung 5.0 B70f', tags: kernel('B70f') }),
      aSeries({ name: '縦隔条件', tags: kernel('B31f') }),
    ];
    expect(kept.when.words).toEqual(['CHEST', '胸部CT']);
    expect(kept.stages[0]?.panes.map(({ fusion }) => fusion)).toEqual([false, true]);
    const first = kept.stages[0];
    if (!first) throw new Error('no stage');
    expect(assign(first, again).map((one) => one?.set)).toEqual([again[1]?.set, again[0]?.set]);
  });

  it('says nothing the hub would refuse', () => {
    const long = selectorsFor(aSeries({ name: 'x' }).facts, '長'.repeat(80));
    expect(long).toHaveLength(1);
    expect(long[0]?.words).toEqual([]);
  });
});

describe('the protocols of the program', () => {
  it('have as many panes as their layouts, and each its own name', () => {
    const panes = { '1x1': 1, '1x2': 2, '2x1': 2, '2x2': 4, '2x3': 6 };
    for (const { protocol: one } of DEFAULTS)
      for (const { layout, panes: all } of one.stages.flatMap(sharesOf))
        expect(all).toHaveLength(panes[layout]);
    expect(new Set(DEFAULTS.map(({ id }) => id)).size).toBe(DEFAULTS.length);
  });
});

describe('a PET with its CT', () => {
  it.each([
    ['of a chest', { bodyParts: ['CHEST'], studyText: '胸部 PET/CT' }],
    ['of the whole body', { studyText: 'FDG-PET' }],
  ])('hangs as one, %s', (_name, about) => {
    const all = { ...about, modalities: ['CT', 'PT'] };
    expect(fitsOf(DEFAULTS, [], occasion(all))[0]?.id).toBe('default.pet-ct');
    expect(fitsOf(DEFAULTS, [], occasion({ ...all, modalities: ['CT'] }))[0]?.id).not.toBe('default.pet-ct');
  });

  it('hangs side by side, then the one over the other', () => {
    const ct = aSeries({ name: 'CT AC' });
    const pet = aSeries({ name: 'PET WB', frame: { modality: 'PT' } });
    const stages = DEFAULTS.find(({ id }) => id === 'default.pet-ct')?.protocol.stages ?? [];
    const hung = stages.map((one) => assign(one, [pet, ct]));
    expect(hung.map((all) => all.map((one) => one?.set))).toEqual([
      [ct.set, pet.set],
      [ct.set, pet.set],
      [ct.set, pet.set],
    ]);
    expect(hung.map((all) => all.map((one) => one?.pane.fusion === true))).toEqual([
      [false, false],
      [true, false],
      [true, false],
    ]);
    expect(stages[2]?.panes[1]?.reformat).toMatchObject({ plane: 'coronal', mode: 'mip' });
  });
});
