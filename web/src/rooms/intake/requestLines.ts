import type { RequestOut, YesNoUnknown } from '@/api/contract';
import type { Words } from '@/words';

type Line = [label: string, text: string];

/** What a request says beside its plain texts; what was not said has no line. */
export function requestLines(request: RequestOut, words: Words): Line[] {
  const { request: r } = words;
  const known = (value: YesNoUnknown, note = ''): string => {
    const text = value === 'unknown' ? '' : words.reading.yesNo[value];
    return text && note ? `${text}（${note}）` : text || note;
  };
  const named = (label: string, text: string): string => (text ? `${label}: ${text}` : '');
  const { contrast, renal, risk, mr_safety: safety } = request;
  const kidneys = [
    renal.egfr === null ? '' : `${r.egfr} ${renal.egfr} ${r.units.egfr}`,
    renal.creatinine === null ? '' : `${r.creatinine} ${renal.creatinine} ${r.units.creatinine}`,
  ].filter(Boolean);
  const lines: Line[] = [
    [r.course, request.course],
    [r.malignancy, known(request.malignancy, request.malignancy_note)],
    [
      r.conditions,
      [
        contrast.concentration,
        contrast.dose_ml ? `${contrast.dose_ml} ${r.units.dose}` : '',
        contrast.rate_ml_s ? `${contrast.rate_ml_s} ${r.units.rate}` : '',
        contrast.phases,
        named(r.reaction, known(contrast.reaction, contrast.reaction_note)),
      ]
        .filter(Boolean)
        .join('・'),
    ],
    [r.renal, kidneys.length > 0 ? `${kidneys.join('・')}（${renal.measured_on ?? r.noDay}）` : ''],
    [
      r.risk,
      [
        named(r.allergy, known(risk.allergy, risk.allergy_note)),
        named(r.asthma, known(risk.asthma)),
        named(r.metformin, known(risk.metformin)),
        named(r.pregnancy, known(risk.pregnancy)),
      ]
        .filter(Boolean)
        .join('・'),
    ],
    [
      r.mrSafety,
      [
        ...(['pacemaker', 'aneurysm_clip', 'cochlear_implant', 'other_metal', 'claustrophobia'] as const).map(
          (name) => named(r.mrItems[name], known(safety[name])),
        ),
        safety.note,
      ]
        .filter(Boolean)
        .join('・'),
    ],
  ];
  return lines.filter(([, text]) => text.trim() !== '');
}

/** The surgery with its time, as one text. */
export const surgeryText = ({ surgery, surgery_when: when }: RequestOut): string =>
  when ? `${surgery}（${when}）` : surgery;
