/** The arrangement on screen as a protocol: each stack described by what made it the one to hang there. */
import type {
  HangingPane,
  HangingProtocol,
  HangingReformat,
  HangingScreen,
  SeriesSelector,
} from '@/api/contract';
import { selector } from './build';
import type { Occasion } from './choose';
import type { SetFacts } from './facts';

type Preset = NonNullable<HangingPane['preset']>;

export interface Hung {
  role: 'current' | 'prior';
  facts: SetFacts | null;
  description: string;
  preset: Preset | null;
  /** Another volume lies over it. */
  isFused: boolean;
  reformat: HangingReformat | null;
}

export interface HungScreen {
  layout: HangingScreen['layout'];
  panes: readonly Hung[];
}

const THICK_MM = 2.5;
const WORD_MOST = 60;

/** First the very series by its name, then whatever is of its kind. */
export function selectorsFor(facts: SetFacts, description: string): SeriesSelector[] {
  const { modality, plane, kernel, phase, weighting, view, laterality, thicknessMm } = facts;
  const thickness =
    modality !== 'CT' || thicknessMm === null
      ? {}
      : thicknessMm >= THICK_MM
        ? { thinnest_mm: THICK_MM }
        : { thickest_mm: THICK_MM };
  const kind = selector({
    modality: modality || null,
    plane,
    kernel,
    phase: phase === 'enhanced' ? null : phase,
    weighting,
    view,
    laterality,
    ...thickness,
  });
  const name = description.trim();
  return name && name.length <= WORD_MOST ? [{ ...kind, words: [name] }, kind] : [kind];
}

const paneOf = ({ role, facts, description, preset, isFused, reformat }: Hung): HangingPane => ({
  role,
  selectors: facts ? selectorsFor(facts, description) : [],
  preset,
  fusion: isFused,
  reformat,
});

const screenOf = ({ layout, panes }: HungScreen): HangingScreen => ({ layout, panes: panes.map(paneOf) });

/**
 * A draft to be named and looked over by the person who saves it. What was arranged on several screens is for as many: on fewer it
 * would take the place of what was made for those.
 */
export function protocolOf(name: string, hung: readonly HungScreen[], about: Occasion): HangingProtocol {
  const hasPrior = hung.some(({ panes }) => panes.some(({ role }) => role === 'prior'));
  const words = [...new Set([...about.bodyParts, about.studyText])]
    .map((one) => one.trim())
    .filter((one) => one && one.length <= WORD_MOST);
  const [first, ...further] = hung.map(screenOf);
  return {
    version: 1,
    name,
    when: {
      modalities: [...about.modalities].filter((one) => /^[A-Z0-9]{1,16}$/.test(one)),
      words: words.slice(0, 40),
      without: [],
      prior: hasPrior ? 'with' : 'any',
      screens_least: hung.length,
    },
    stages: first ? [{ name: '', ...first, further }] : [],
  };
}
