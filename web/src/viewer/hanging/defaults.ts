/** What hangs where when nobody said otherwise, as is usual in Japanese reading rooms. Names are words of the interface. */
import type { HangingPane, HangingProtocol, HangingStage, SeriesSelector } from '@/api/contract';
import { pane, protocol, screen, screens, stage, when } from './build';
import type { Candidate } from './choose';

/** Thicker than anybody from front to back. */
const WHOLE_BODY_MM = 400;

type Said = Partial<SeriesSelector>;

const HEAD = ['頭', '脳', 'HEAD', 'BRAIN', 'SKULL', 'STROKE', '脳梗塞'];
const CHEST = ['胸', '肺', 'CHEST', 'THORAX', 'LUNG'];
const ABDOMEN = ['腹', '肝', '膵', '胆', '腎', '骨盤', 'ABDOMEN', 'PELVIS', 'LIVER', 'PANCREAS', 'KIDNEY'];
const SPINE = ['脊', '頚椎', '頸椎', '胸椎', '腰椎', '仙椎', 'SPINE', 'CSPINE', 'TSPINE', 'LSPINE'];
const NOT_BRAIN = [...SPINE, '胸部', '腹部', '頸部', '頚部', 'NECK', 'CHEST', 'ABDOMEN'];
const DYNAMIC = ['ダイナミック', 'DYNAMIC', '動脈相', '門脈相', '平衡相', 'ARTERIAL', 'PORTAL', '3相', '4相'];

const axial = (said: Said): Said[] => [
  { ...said, plane: 'axial', thinnest_mm: 2.5 },
  { ...said, plane: 'axial' },
];
const brain = pane(axial({ kernel: 'soft' }), { preset: 'brain' });
const bone = pane(axial({ kernel: 'sharp' }), { preset: 'bone' });
const lung = pane(axial({ kernel: 'sharp' }), { preset: 'lung' });
const soft = pane(axial({ kernel: 'soft' }), { preset: 'mediastinum' });
const before = (one: HangingPane): HangingPane => ({ ...one, role: 'prior' });

const beside = (one: HangingPane, name: string): HangingStage => stage('1x2', [one, before(one)], name);
const crossed = (a: HangingPane, b: HangingPane, name: string): HangingStage =>
  stage('2x2', [a, b, before(a), before(b)], name);

type Layout = HangingStage['layout'];

/** The current study on the first screen, the prior in the same places on the second. */
const across = (layout: Layout, panes: HangingPane[], name: string): HangingStage =>
  screens(name, screen(layout, panes), screen(layout, panes.map(before)));

function ct(
  key: string,
  applies: { words: string[]; without?: string[] },
  first: HangingPane,
  second: HangingPane,
  names: [first: string, both: string],
): HangingProtocol[] {
  const both = stage('1x2', [first, second], names[1]);
  return [
    protocol(key, when({ modalities: ['CT'], prior: 'without', ...applies }), [both]),
    protocol(`${key}-prior`, when({ modalities: ['CT'], prior: 'with', ...applies }), [
      beside(first, names[0]),
      both,
      crossed(first, second, 'both'),
    ]),
    protocol(`${key}-prior-2`, when({ modalities: ['CT'], prior: 'with', screens_least: 2, ...applies }), [
      across('1x1', [first], names[0]),
      across('1x2', [first, second], 'both'),
    ]),
  ];
}

function abdomen(): HangingProtocol[] {
  const phase = (one: SeriesSelector['phase']): HangingPane =>
    pane([...axial({ phase: one, kernel: 'soft' }), ...axial({ phase: one })], { preset: 'abdomen' });
  const all = [phase('plain'), phase('arterial'), phase('portal'), phase('late')];
  const phases = stage('2x2', all, 'phases');
  const early = screen('1x2', all.slice(0, 2));
  const late = screen('1x2', all.slice(2));
  const main = pane(
    [
      ...axial({ phase: 'portal', kernel: 'soft' }),
      ...axial({ phase: 'enhanced', kernel: 'soft' }),
      ...axial({ kernel: 'soft' }),
    ],
    { preset: 'abdomen' },
  );
  const without = { words: ABDOMEN };
  const dynamic = { modalities: ['CT'], words: DYNAMIC, without: [...HEAD, 'NECK', '頸', '頚'] };
  return [
    protocol('abdomen-dynamic', when({ ...dynamic, prior: 'without' }), [phases]),
    protocol('abdomen-dynamic-prior', when({ ...dynamic, prior: 'with' }), [phases, beside(main, 'compare')]),
    protocol('abdomen-dynamic-2', when({ ...dynamic, prior: 'without', screens_least: 2 }), [
      screens('phases', early, late),
    ]),
    protocol('abdomen-dynamic-prior-2', when({ ...dynamic, prior: 'with', screens_least: 2 }), [
      screens('phases-compare', screen('2x2', all), screen('1x1', [before(main)])),
      across('1x1', [main], 'compare'),
    ]),
    protocol('abdomen-dynamic-prior-3', when({ ...dynamic, prior: 'with', screens_least: 3 }), [
      screens('phases-compare', early, late, screen('1x1', [before(main)])),
    ]),
    protocol('abdomen-ct', when({ modalities: ['CT'], prior: 'without', ...without }), [
      stage('1x2', [phase('plain'), main], 'contrast'),
    ]),
    protocol('abdomen-ct-prior', when({ modalities: ['CT'], prior: 'with', ...without }), [
      beside(main, 'compare'),
      stage('1x2', [phase('plain'), main], 'contrast'),
    ]),
    protocol(
      'abdomen-ct-prior-2',
      when({ modalities: ['CT'], prior: 'with', screens_least: 2, ...without }),
      [across('1x1', [main], 'compare'), stage('1x2', [phase('plain'), main], 'contrast')],
    ),
  ];
}

const weighted = (weighting: SeriesSelector['weighting'], plane: Said['plane'] = 'axial'): HangingPane =>
  pane([{ weighting, plane }, ...(plane === 'axial' ? [{ weighting }] : [])]);

function brainMr(): HangingProtocol[] {
  const applies = { modalities: ['MR'], words: HEAD, without: NOT_BRAIN };
  const [dwi, adc, flair, t2] = [weighted('dwi'), weighted('adc'), weighted('flair'), weighted('t2')];
  const [first, second] = [
    [dwi, adc, flair, t2],
    [
      weighted('t1'),
      pane([{ weighting: 't2star' }, { weighting: 'swi' }]),
      weighted('mra'),
      weighted('t1ce'),
    ],
  ];
  const acute = stage('2x2', first, 'acute');
  const further = stage('2x2', second, 'further');
  const change = stage('2x2', [flair, dwi, before(flair), before(dwi)], 'compare');
  return [
    protocol('brain-mr', when({ ...applies, prior: 'without' }), [acute, further]),
    protocol('brain-mr-prior', when({ ...applies, prior: 'with' }), [acute, change, further]),
    protocol('brain-mr-2', when({ ...applies, prior: 'without', screens_least: 2 }), [
      screens('all-weightings', screen('2x2', first), screen('2x2', second)),
    ]),
    protocol('brain-mr-prior-2', when({ ...applies, prior: 'with', screens_least: 2 }), [
      across('2x2', first, 'acute'),
      across('2x2', second, 'further'),
    ]),
    protocol('brain-mr-prior-3', when({ ...applies, prior: 'with', screens_least: 3 }), [
      screens(
        'all-weightings',
        screen('2x2', first),
        screen('2x2', second),
        screen('2x2', first.map(before)),
      ),
    ]),
  ];
}

function spineMr(): HangingProtocol[] {
  const applies = { modalities: ['MR'], words: SPINE };
  const sagittal = (weighting: SeriesSelector['weighting']) => weighted(weighting, 'sagittal');
  const cross = pane([{ weighting: 't2', plane: 'axial' }, { plane: 'axial' }]);
  const planes = stage(
    '2x2',
    [sagittal('t2'), sagittal('t1'), cross, pane([{ weighting: 'stir', plane: 'sagittal' }])],
    'planes',
  );
  return [
    protocol('spine-mr', when({ ...applies, prior: 'without' }), [planes]),
    protocol('spine-mr-prior', when({ ...applies, prior: 'with' }), [
      planes,
      beside(sagittal('t2'), 'compare'),
    ]),
  ];
}

function chestXray(): HangingProtocol[] {
  const frontal = pane([{ view: 'PA' }, { without: ['側面', 'LAT', 'LATERAL'] }]);
  const applies = { modalities: ['CR', 'DX'], words: CHEST };
  const views = stage('1x2', [frontal, pane([{ view: 'LAT' }])], 'views');
  return [
    protocol('chest-xray', when({ ...applies, prior: 'without' }), [views]),
    protocol('chest-xray-prior', when({ ...applies, prior: 'with' }), [beside(frontal, 'compare'), views]),
    protocol('chest-xray-prior-2', when({ ...applies, prior: 'with', screens_least: 2 }), [
      across('1x1', [frontal], 'compare'),
      views,
    ]),
  ];
}

/** The right breast hangs on the left, so that the chest walls stand together in the middle. */
function mammography(): HangingProtocol[] {
  const of = (view: 'CC' | 'MLO', laterality: 'R' | 'L'): HangingPane => pane([{ view, laterality }]);
  const pair = (view: 'CC' | 'MLO'): [HangingPane, HangingPane] => [of(view, 'R'), of(view, 'L')];
  const views = [...pair('CC'), ...pair('MLO')];
  const all = stage('2x2', views, 'views');
  const over = (view: 'CC' | 'MLO'): HangingStage => crossed(of(view, 'R'), of(view, 'L'), `over-${view}`);
  return [
    protocol('mammography', when({ modalities: ['MG'], prior: 'without' }), [
      all,
      stage('1x2', pair('CC'), 'cc'),
      stage('1x2', pair('MLO'), 'mlo'),
    ]),
    protocol('mammography-prior', when({ modalities: ['MG'], prior: 'with' }), [
      all,
      over('CC'),
      over('MLO'),
    ]),
    protocol('mammography-prior-2', when({ modalities: ['MG'], prior: 'with', screens_least: 2 }), [
      across('2x2', views, 'compare-all'),
      across('1x2', pair('CC'), 'cc'),
      across('1x2', pair('MLO'), 'mlo'),
    ]),
  ];
}

/** First side by side, then the one over the other, then with the whole of the uptake from the front. Without a PET that shares its space, the CT hangs alone. */
function petCt(): HangingProtocol[] {
  const base = [...axial({ modality: 'CT', kernel: 'soft' }), ...axial({ modality: 'CT' })];
  const below = pane(base, { preset: 'mediastinum' });
  const uptake = pane([{ modality: 'PT' }], { preset: 'suv5' });
  const pair = (one: HangingPane, name: string): HangingStage => stage('1x2', [one, uptake], name);
  const fused: HangingPane = { ...below, fusion: true };
  const front: HangingPane = {
    ...uptake,
    reformat: { plane: 'coronal', mode: 'mip', slab_mm: WHOLE_BODY_MM },
  };
  const stages = [pair(below, 'pet-ct'), pair(fused, 'fused'), stage('1x2', [fused, front], 'mip')];
  return [
    protocol('pet-ct', when({ modalities: ['PT'], prior: 'without' }), stages),
    protocol('pet-ct-prior', when({ modalities: ['PT'], prior: 'with' }), [
      ...stages,
      crossed(below, uptake, 'both'),
    ]),
  ];
}

/** Their order settles ties. */
export const DEFAULTS: readonly Candidate[] = [
  ...ct('head-ct', { words: HEAD, without: ['NECK', '頸', '頚'] }, brain, bone, ['brain', 'brain-bone']),
  ...ct('chest-ct', { words: CHEST }, lung, soft, ['compare', 'lung-mediastinum']),
  ...abdomen(),
  ...brainMr(),
  ...spineMr(),
  ...chestXray(),
  ...mammography(),
  ...petCt(),
].map((one) => ({ id: `default.${one.name}`, owner: 'default', protocol: one }));
