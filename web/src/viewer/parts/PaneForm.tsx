import { Checkbox, NumberInput, Select, TagsInput } from '@mantine/core';
import type { HangingPane, HangingReformat } from '@/api/contract';
import { useWords } from '@/words';
import { ORIENTATIONS, USUAL_MM } from '../model/cuts';
import { SLAB_MODES } from '../model/reformat';
import { selectorText } from './hanging';

const PRESETS = [
  'brain',
  'stroke',
  'bone',
  'lung',
  'mediastinum',
  'abdomen',
  'liver',
  'vessel',
  'full',
] as const;
type Preset = (typeof PRESETS)[number];

const SLAB_MOST_MM = 500;

/** Whether the stack hangs itself or as a plane cut from it, and how thick that is. */
function ReformatForm(props: { pane: HangingPane; index: number; onChange: (pane: HangingPane) => void }) {
  const words = useWords();
  const f = words.hanging.form;
  const { pane, index, onChange } = props;
  const now = pane.reformat ?? null;
  const label = words.viewer.pane(index + 1);
  const change = (part: Partial<HangingReformat>): void =>
    onChange({
      ...pane,
      reformat: { plane: 'coronal', mode: 'single', slab_mm: USUAL_MM, ...now, ...part },
    });
  return (
    <div className="pane-reformat">
      <Select
        aria-label={`${label} ${f.reformat}`}
        data={[
          { value: '', label: f.reformatNone },
          ...ORIENTATIONS.map((value) => ({ value, label: f.reformatAs(words.planes.orientation[value]) })),
        ]}
        value={now?.plane ?? ''}
        allowDeselect={false}
        onChange={(plane) =>
          plane ? change({ plane: plane as HangingReformat['plane'] }) : onChange({ ...pane, reformat: null })
        }
      />
      {now && (
        <Select
          aria-label={`${label} ${f.slab}`}
          data={SLAB_MODES.map((value) => ({ value, label: words.planes.slab[value] }))}
          value={now.mode}
          allowDeselect={false}
          onChange={(mode) => mode && change({ mode: mode as HangingReformat['mode'] })}
        />
      )}
      {now && now.mode !== 'single' && (
        <NumberInput
          aria-label={`${label} ${f.slabMm}`}
          min={1}
          max={SLAB_MOST_MM}
          suffix=" mm"
          value={now.slab_mm}
          onChange={(mm) =>
            typeof mm === 'number' && mm > 0 && change({ slab_mm: Math.min(mm, SLAB_MOST_MM) })
          }
        />
      )}
    </div>
  );
}

/** What hangs in one pane of a protocol, and how. */
export function PaneForm(props: { pane: HangingPane; index: number; onChange: (pane: HangingPane) => void }) {
  const words = useWords();
  const f = words.hanging.form;
  const { pane, index, onChange } = props;
  const first = pane.selectors[0];
  const own = first?.words ?? [];
  const setWords = (next: string[]): void => {
    const selectors = first
      ? [{ ...first, words: next }, ...pane.selectors.slice(1)]
      : [{ words: next, without: [] }];
    onChange({ ...pane, selectors });
  };
  return (
    <div className="pane-form">
      <b className="num">{words.viewer.pane(index + 1)}</b>
      <Select
        aria-label={`${words.viewer.pane(index + 1)} ${f.prior}`}
        data={(['current', 'prior'] as const).map((value) => ({ value, label: f.role[value] }))}
        value={pane.role}
        allowDeselect={false}
        onChange={(role) => role && onChange({ ...pane, role: role as HangingPane['role'] })}
      />
      <TagsInput
        aria-label={`${words.viewer.pane(index + 1)} ${f.paneWords}`}
        placeholder={own.length === 0 ? f.paneWords : undefined}
        value={own}
        maxTags={40}
        onChange={setWords}
      />
      <Select
        aria-label={`${words.viewer.pane(index + 1)} ${f.preset}`}
        data={[
          { value: '', label: f.presetNone },
          ...PRESETS.map((value) => ({ value, label: words.viewer.preset[value] })),
        ]}
        value={pane.preset === 'dicom' ? '' : (pane.preset ?? '')}
        allowDeselect={false}
        onChange={(preset) => onChange({ ...pane, preset: (preset || null) as Preset | null })}
      />
      <ReformatForm {...props} />
      <Checkbox
        className="pane-fusion"
        size="xs"
        label={f.fusion}
        aria-label={`${words.viewer.pane(index + 1)} ${f.fusion}`}
        checked={pane.fusion === true}
        onChange={(event) => onChange({ ...pane, fusion: event.currentTarget.checked })}
      />
      <span className="muted">
        {pane.selectors.map((one) => selectorText(one, words)).join(' → ') || words.hanging.anything}
      </span>
    </div>
  );
}
