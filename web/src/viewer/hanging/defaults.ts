/** What hangs where when nobody said otherwise, as is usual in Japanese reading rooms. Names are words of the interface. */
import type { HangingPane, HangingProtocol, HangingStage, SeriesSelector } from '@/api/contract';
import { pane, protocol, stage, when } from './build';
import type { Candidate } from './choose';

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
  ];
}

function abdomen(): HangingProtocol[] {
  const phase = (one: SeriesSelector['phase']): HangingPane =>
    pane([...axial({ phase: one, kernel: 'soft' }), ...axial({ phase: one })], { preset: 'abdomen' });
  const phases = stage('2x2', [phase('plain'), phase('arterial'), phase('portal'), phase('late')], 'phases');
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
    protocol('abdomen-ct', when({ modalities: ['CT'], prior: 'without', ...without }), [
      stage('1x2', [phase('plain'), main], 'contrast'),
    ]),
    protocol('abdomen-ct-prior', when({ modalities: ['CT'], prior: 'with', ...without }), [
      beside(main, 'compare'),
      stage('1x2', [phase('plain'), main], 'contrast'),
    ]),
  ];
}

const weighted = (weighting: SeriesSelector['weighting'], plane: Said['plane'] = 'axial'): HangingPane =>
  pane([{ weighting, plane }, ...(plane === 'axial' ? [{ weighting }] : [])]);

function brainMr(): HangingProtocol[] {
  const applies = { modalities: ['MR'], words: HEAD, without: NOT_BRAIN };
  const [dwi, adc, flair, t2] = [weighted('dwi'), weighted('adc'), weighted('flair'), weighted('t2')];
  const acute = stage('2x2', [dwi, adc, flair, t2], 'acute');
  const star = pane([{ weighting: 't2star' }, { weighting: 'swi' }]);
  const further = stage('2x2', [weighted('t1'), star, weighted('mra'), weighted('t1ce')], 'further');
  const change = stage('2x2', [flair, dwi, before(flair), before(dwi)], 'compare');
  return [
    protocol('brain-mr', when({ ...applies, prior: 'without' }), [acute, further]),
    protocol('brain-mr-prior', when({ ...applies, prior: 'with' }), [acute, change, further]),
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
  ];
}

/** The right breast hangs on the left, so that the chest walls stand together in the middle. */
function mammography(): HangingProtocol[] {
  const of = (view: 'CC' | 'MLO', laterality: 'R' | 'L'): HangingPane => pane([{ view, laterality }]);
  const pair = (view: 'CC' | 'MLO'): [HangingPane, HangingPane] => [of(view, 'R'), of(view, 'L')];
  const all = stage('2x2', [...pair('CC'), ...pair('MLO')], 'views');
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
  ];
}

/** First side by side, then the one over the other. Without a PET that shares its space, the CT hangs alone. */
function petCt(): HangingProtocol[] {
  const base = [...axial({ modality: 'CT', kernel: 'soft' }), ...axial({ modality: 'CT' })];
  const below = pane(base, { preset: 'mediastinum' });
  const uptake = pane([{ modality: 'PT' }], { preset: 'suv5' });
  const pair = (one: HangingPane, name: string): HangingStage => stage('1x2', [one, uptake], name);
  const stages = [pair(below, 'pet-ct'), pair({ ...below, fusion: true }, 'fused')];
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
