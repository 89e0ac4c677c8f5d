/** What a stack is, as far as its headers say: the facts that hanging protocols ask for. Nothing is guessed from pixels. */
import type { SeriesSelector } from '@/api/contract';
import { type DicomJson, number, numbers, text } from '../model/metadata';
import type { DisplaySet } from '../model/stacks';
import { type Wall, wallOf } from './wall';
import { hasWord, plain } from './words';

type Fact<Key extends keyof SeriesSelector> = NonNullable<SeriesSelector[Key]> | null;

export interface SetFacts {
  /** Series description and protocol name. */
  text: string;
  modality: string;
  bodyPart: string;
  plane: Fact<'plane'>;
  thicknessMm: number | null;
  kernel: Fact<'kernel'>;
  phase: Fact<'phase'>;
  weighting: Fact<'weighting'>;
  view: Fact<'view'>;
  laterality: Fact<'laterality'>;
  wall: Wall;
}

const T = {
  description: '0008103E',
  protocol: '00181030',
  bodyPart: '00180015',
  kernel: '00181210',
  agent: '00180010',
  repetition: '00180080',
  echo: '00180081',
  inversion: '00180082',
  bValue: '00189087',
  view: '00185101',
  imageLaterality: '00200062',
  laterality: '00200060',
  orientation: '00200020',
} as const;

const MOST_LEAN = Math.cos((35 * Math.PI) / 180);
const SHARP_WIDTH = 1000;

export function planeOf(set: DisplaySet): SetFacts['plane'] {
  if (!set.normal) return null;
  const planes = ['sagittal', 'coronal', 'axial'] as const;
  const at = set.normal.findIndex((share) => Math.abs(share) >= MOST_LEAN);
  return planes[at] ?? null;
}

/** By the maker's names: GE words, Siemens numbers (H60s, Br64), Canon FC numbers, Philips letters. */
export function kernelOf(name: string, width: number | null): SetFacts['kernel'] {
  const kernel = plain(name);
  const canon = /^FC(\d+)/.exec(kernel);
  if (canon)
    return (Number(canon[1]) >= 30 && Number(canon[1]) < 60) || Number(canon[1]) >= 80 ? 'sharp' : 'soft';
  const siemens = /^[BHUTIJ][A-Z]?(\d{2})/.exec(kernel);
  if (siemens) return Number(siemens[1]) >= 55 ? 'sharp' : 'soft';
  if (/^(BONE|LUNG|EDGE|DETAIL|ULTRA)/.test(kernel) || /^(L|D|E|Y[A-D])$/.test(kernel)) return 'sharp';
  if (/^(STAND|SOFT)/.test(kernel) || /^(A|B|C|U[A-C])$/.test(kernel)) return 'soft';
  return width === null ? null : width >= SHARP_WIDTH ? 'sharp' : 'soft';
}

const PHASES: readonly [NonNullable<SetFacts['phase']>, readonly string[]][] = [
  [
    'plain',
    ['単純', '造影前', 'PLAIN', 'NON CONTRAST', 'NON-CONTRAST', 'NONCON', 'PRE CONTRAST', 'C-', 'CE-', 'PRE'],
  ],
  ['arterial', ['動脈', '早期', 'ARTERIAL', 'ART', 'HAP', 'EARLY']],
  ['portal', ['門脈', 'PORTAL', 'PVP', 'PV', 'VENOUS']],
  ['late', ['平衡', '遅延', '後期', 'LATE', 'DELAY', 'EQUILIBRIUM', 'EQ']],
  ['enhanced', ['造影', 'ENHANCED', 'CE', 'C+', 'CE+', 'POST']],
];

export function phaseOf(name: string, agent: string): SetFacts['phase'] {
  const named = PHASES.find(([, words]) => words.some((word) => hasWord(name, word)))?.[0];
  return named ?? (agent.trim() ? 'enhanced' : null);
}

const WEIGHTINGS: readonly [NonNullable<SetFacts['weighting']>, readonly string[]][] = [
  ['adc', ['ADC', '拡散係数']],
  ['dwi', ['DWI', 'DIFFUSION', '拡散', 'TRACE', 'TRACEW']],
  ['flair', ['FLAIR']],
  ['swi', ['SWI', 'SWAN', 'VEN BOLD', '磁化率']],
  ['t2star', ['T2*', 'T2STAR', 'T2 STAR', 'T2S', 'GRE']],
  ['stir', ['STIR', '脂肪抑制']],
  ['mra', ['MRA', 'TOF', '血管']],
  ['pd', ['PD', 'PROTON', 'プロトン']],
];
const ENHANCED = ['造影', 'GD', 'CE', 'C+', '+C', 'POST'];

export interface Timing {
  repetition: number | null;
  echo: number | null;
  inversion: number | null;
  bValue: number | null;
}

/** What the description says; where it says nothing, what the times of the sequence leave no doubt about. */
export function weightingOf(
  name: string,
  { repetition, echo, inversion, bValue }: Timing,
): SetFacts['weighting'] {
  const named = WEIGHTINGS.find(([, words]) => words.some((word) => hasWord(name, word)))?.[0];
  if (named) return named;
  if (hasWord(name, 'T1') || hasWord(name, 'MPRAGE') || hasWord(name, 'SPGR'))
    return ENHANCED.some((word) => hasWord(name, word)) || hasWord(name, 'T1CE') ? 't1ce' : 't1';
  if (hasWord(name, 'T1CE') || hasWord(name, 'T1GD')) return 't1ce';
  if (hasWord(name, 'T2')) return 't2';
  if (bValue !== null && bValue >= 500) return 'dwi';
  if (repetition === null || echo === null) return null;
  if (inversion !== null && inversion >= 1500 && echo >= 70) return 'flair';
  if (repetition >= 2000 && echo >= 70 && !inversion) return 't2';
  return repetition >= 300 && repetition <= 900 && echo <= 25 && !inversion ? 't1' : null;
}

export function viewOf(position: string, name: string): SetFacts['view'] {
  const told = plain(position);
  if (told === 'CC' || told === 'MLO') return told;
  if (told === 'PA' || told === 'AP') return 'PA';
  if (/^(LL|RL|LAT|LATERAL|LLD|RLD)$/.test(told)) return told.endsWith('D') ? null : 'LAT';
  if (told) return null;
  if (hasWord(name, 'MLO')) return 'MLO';
  if (hasWord(name, 'CC')) return 'CC';
  if (['LAT', '側面', 'LATERAL'].some((word) => hasWord(name, word))) return 'LAT';
  return ['PA', 'AP', '正面', 'FRONTAL'].some((word) => hasWord(name, word)) ? 'PA' : null;
}

const sideOf = (told: string): SetFacts['laterality'] => (told === 'L' || told === 'R' ? told : null);

/** The facts of one stack out of the description of its first image. */
export function factsOf(set: DisplaySet, json: DicomJson | undefined): SetFacts {
  const name = [text(json, T.description), text(json, T.protocol)].filter(Boolean).join(' / ');
  const frame = set.frames[0];
  const modality = frame?.modality ?? '';
  const laterality = sideOf(text(json, T.imageLaterality)) ?? sideOf(text(json, T.laterality));
  const timing = {
    repetition: number(json, T.repetition),
    echo: number(json, T.echo),
    inversion: number(json, T.inversion),
    bValue: number(json, T.bValue) ?? (numbers(json, T.bValue)[0] || null),
  };
  return {
    text: name,
    modality,
    bodyPart: text(json, T.bodyPart),
    plane: planeOf(set),
    thicknessMm: frame?.thicknessMm ?? set.spacingMm,
    kernel: modality === 'CT' ? kernelOf(text(json, T.kernel), frame?.windows[0]?.width ?? null) : null,
    phase: phaseOf(text(json, T.description) || name, text(json, T.agent)),
    weighting: modality === 'MR' ? weightingOf(text(json, T.description) || name, timing) : null,
    view: viewOf(text(json, T.view), text(json, T.description)),
    laterality,
    wall: modality === 'MG' ? wallOf(text(json, T.orientation), laterality) : null,
  };
}
