/** What windows of one case say of what hangs in them: whether it is well formed. */
import { ORIENTATIONS } from '@/viewer/model/cuts';
import { SLAB_MODES } from '@/viewer/model/reformat';
import { PANES } from '@/viewer/state';
import {
  type Fields,
  isBool,
  isCount,
  isListOf,
  isNothingOr,
  isNumber,
  isOneOf,
  isRecord,
  isText,
} from './plain';

const LAYOUTS = ['1x1', '1x2', '2x1', '2x2', '2x3'] as const;
const FURTHER_MOST = 2;
const WORDS_MOST = 40;
const STAGES_MOST = 8;
const REGISTRATIONS_MOST = 200;

const isWord = (value: unknown): boolean => isText(value, 60);
const isWords = (value: unknown): boolean => isListOf(value, WORDS_MOST, isWord);
const isPlainValue = (value: unknown): boolean => isText(value) || isNumber(value) || isBool(value);

/** A criterion nobody knows is fulfilled by nothing; only its form is looked at here. */
const isSelector = (value: unknown): boolean =>
  isRecord(value) &&
  isWords(value.words) &&
  isWords(value.without) &&
  Object.entries(value).every(
    ([name, one]) => name === 'words' || name === 'without' || isNothingOr(one, isPlainValue),
  );

const isReformat = (value: unknown): boolean =>
  isRecord(value) &&
  isOneOf(value.plane, ORIENTATIONS) &&
  isOneOf(value.mode, SLAB_MODES) &&
  isNumber(value.slab_mm);

const isPane = (value: unknown): boolean =>
  isRecord(value) &&
  isOneOf(value.role, ['current', 'prior']) &&
  isListOf(value.selectors, 8, isSelector) &&
  isNothingOr(value.preset, isText) &&
  isNothingOr(value.start, (one) => isNumber(one) && one >= 0 && one <= 1) &&
  isNothingOr(value.reformat, isReformat) &&
  isNothingOr(value.fusion, isBool);

const isLayout = (value: unknown): value is (typeof LAYOUTS)[number] => isOneOf(value, LAYOUTS);

const isScreen = (value: unknown): boolean =>
  isRecord(value) &&
  isLayout(value.layout) &&
  isListOf(value.panes, PANES[value.layout], isPane) &&
  (value.panes as unknown[]).length === PANES[value.layout];

const isStage = (value: unknown): boolean =>
  isRecord(value) &&
  isText(value.name) &&
  isScreen(value) &&
  isNothingOr(value.further, (one) => isListOf(one, FURTHER_MOST, isScreen));

const isWhen = (value: unknown): boolean =>
  isRecord(value) &&
  isWords(value.modalities) &&
  isWords(value.words) &&
  isWords(value.without) &&
  isOneOf(value.prior, ['any', 'with', 'without']) &&
  isCount(value.screens_least);

const isProtocol = (value: unknown): boolean =>
  isRecord(value) &&
  isText(value.name) &&
  isWhen(value.when) &&
  isListOf(value.stages, STAGES_MOST, isStage) &&
  (value.stages as unknown[]).length > 0;

export const isCandidate = (value: unknown): boolean =>
  isRecord(value) &&
  isText(value.id) &&
  isOneOf(value.owner, ['mine', 'shared', 'default']) &&
  isProtocol(value.protocol);

export const isWish = (value: unknown): boolean => {
  if (!isRecord(value)) return false;
  if (value.kind === 'choose') return isNothingOr(value.id, isText) && isCount(value.scene);
  if (value.kind === 'scene') return isOneOf(value.way, [1, -1]);
  return isOneOf(value.kind, ['protocol', 'again']);
};

export const isFarPane = (value: unknown): boolean =>
  isRecord(value) && isText(value.set) && isCount(value.at);

const isVector = (value: unknown): boolean =>
  isListOf(value, 3, isNumber) && (value as unknown[]).length === 3;

const isRegistration = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length === 2 &&
  isText(value[0], 500) &&
  isRecord(value[1]) &&
  isVector(value[1].shift) &&
  isListOf(value[1].ways, 20, isVector);

export const areLinks = ({ isLinked, registrations }: Fields): boolean =>
  isBool(isLinked) && isListOf(registrations, REGISTRATIONS_MOST, isRegistration);

const isHung = (value: unknown): boolean =>
  isRecord(value) &&
  isNothingOr(value.set, isText) &&
  isNothingOr(value.preset, isText) &&
  isBool(value.isFused) &&
  isNothingOr(value.reformat, isReformat);

export const isArrangement = (value: unknown): boolean =>
  isRecord(value) &&
  isLayout(value.layout) &&
  isListOf(value.panes, PANES[value.layout], isHung) &&
  (value.panes as unknown[]).length === PANES[value.layout];
