import type { Words } from '@/words';
import { angleText, areaText, lengthText, meanText, valueText } from '../model/digits';
import type { MarkKind, Measured } from '../model/marks';

const withUnit = (number: string, unit: string): string => (unit ? `${number} ${unit}` : number);

function sizes(kind: MarkKind, m: Measured, words: Words): string[] {
  const w = words.viewer.marks;
  const lengths = m.lengths.map((one) => lengthText(one, m.unit)).join(' × ');
  const isAngle = kind === 'angle' || kind === 'cobb';
  return [
    lengths,
    m.area === null ? '' : w.area(areaText(m.area, m.unit)),
    m.perimeter === null ? '' : w.perimeter(lengthText(m.perimeter, m.unit)),
    m.angleDeg === null ? '' : angleText(m.angleDeg),
    isAngle && m.angleDeg === null ? w.noAngle : '',
    m.isCrossing ? w.crossing : '',
  ];
}

function values(m: Measured, words: Words): string[] {
  const w = words.viewer.marks;
  const { statistics: s, valueUnit: unit } = m;
  return [
    s ? withUnit(w.meanAndSd(meanText(s.mean), meanText(s.sd)), unit) : '',
    s ? withUnit(w.range(valueText(s.min), valueText(s.max)), unit) : '',
    s ? w.pixels(s.count) : '',
    m.value === null ? '' : withUnit(valueText(m.value), unit),
    m.noValues ? w.noValues[m.noValues] : '',
  ];
}

/** What stands beside a mark. Numbers come with what they are numbers of, or with why there are none. */
export function markLines(kind: MarkKind, m: Measured | null, words: Words): string[] {
  const w = words.viewer.marks;
  if (kind === 'arrow') return [];
  if (!m) return [w.whyNotFull];
  const hasSize = m.lengths.length > 0 || m.area !== null || m.perimeter !== null;
  return [
    ...sizes(kind, m, words),
    hasSize ? w.basis[m.basis] : '',
    ...values(m, words),
    m.isLossy ? words.viewer.lossy : '',
  ].filter(Boolean);
}

/** How a report says a measurement, in one line; empty where there is nothing true to say. */
export function reportText(kind: MarkKind, m: Measured | null, words: Words): string {
  const f = words.figures;
  if (!m || kind === 'arrow' || m.isCrossing) return '';
  const [long, short] = m.lengths.map((one) => lengthText(one, m.unit));
  const { statistics: s, valueUnit: unit } = m;
  const parts = [
    long && short ? f.twoDiameters(long, short) : (long ?? ''),
    m.angleDeg === null
      ? ''
      : kind === 'cobb'
        ? f.cobb(angleText(m.angleDeg))
        : f.angle(angleText(m.angleDeg)),
    m.area === null ? '' : words.viewer.marks.area(areaText(m.area, m.unit)),
    s ? withUnit(f.meanAndSd(meanText(s.mean), meanText(s.sd)), unit) : '',
    m.value === null ? '' : withUnit(valueText(m.value), unit),
  ].filter(Boolean);
  const hasSize = m.lengths.length > 0 || m.area !== null;
  const basis = hasSize ? words.viewer.marks.basis[m.basis] : '';
  return parts.length === 0 ? '' : parts.join(f.comma) + (basis ? f.inBrackets(basis) : '');
}
