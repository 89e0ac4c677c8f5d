import { Modal } from '@mantine/core';
import { useState } from 'react';
import type { PaperMark } from '@/api/contract';
import { useCommands } from '@/ui/commands';
import { Tag } from '@/ui/marks';
import { useWords, type Words } from '@/words';
import { PageView } from './PageView';
import './paper.css';

type Papers = readonly unknown[] | undefined;
type Source = PaperMark['sources'][number];

/** Which fields a line of a request was made of. */
export function fieldsOfLine(label: string, { request: r, intake: w }: Words): string[] {
  const fields: Record<string, string[]> = {
    [w.description]: ['exam.'],
    [w.urgencyReason]: ['urgency', 'urgency_reason'],
    [w.question]: ['question'],
    [w.complaint]: ['complaint'],
    [w.history]: ['history'],
    [w.surgery]: ['surgery', 'surgery_when'],
    [w.labs]: ['labs'],
    [w.contrast]: ['contrast.planned', 'contrast.given', 'contrast.agent', 'contrast.note'],
    [w.comparison]: ['comparison.'],
    [w.requesterName]: ['requester_'],
    [w.phone]: ['callback_phone'],
    [r.course]: ['course'],
    [r.malignancy]: ['malignancy', 'malignancy_note'],
    [r.conditions]: ['contrast.'],
    [r.renal]: ['renal.'],
    [r.risk]: ['risk.'],
    [r.mrSafety]: ['mr_safety.'],
  };
  return fields[label] ?? [];
}

const marksOf = (papers: Papers): PaperMark[] => (papers ?? []) as PaperMark[];

const sourceText = (source: Source, w: Words['papers']): string => {
  const where = source.page ? w.at(source.page) : '';
  if (source.answer === 'told') return `${w.told} ${source.note}`;
  return source.answer === 'unreadable' ? `${w.unreadable} ${where}` : where;
};

/** The original beside its fields, as it came. */
function OriginalDialog(props: { mark: PaperMark; first?: Source; readingId?: number; onClose: () => void }) {
  const { mark, first, readingId, onClose } = props;
  const w = useWords().papers;
  const [page, setPage] = useState(first?.page ?? 1);
  const [chosen, setChosen] = useState(first?.field ?? '');
  const shown = mark.sources.filter((one) => one.answer !== 'not_written');
  const places = shown.flatMap((one) =>
    one.box && one.page === page ? [{ field: one.field, box: one.box, isChosen: one.field === chosen }] : [],
  );
  return (
    <Modal opened onClose={onClose} size="90%" title={`${w.original} ${w.number(mark.id)}`}>
      <div className="paper-columns">
        <PageView
          paper={mark.id}
          pages={mark.pages}
          page={page}
          readingId={readingId}
          places={places}
          onPage={setPage}
        />
        <section aria-label={w.sources}>
          <p className="muted">
            {w.by1} {mark.transcribed_by} {mark.checked_by && `・ ${w.by2} ${mark.checked_by}`}
          </p>
          <ul className="paper-sources">
            {shown.map((one) => (
              <li key={one.field}>
                {w.fields[one.field]}{' '}
                <button
                  type="button"
                  className="paper-place"
                  aria-label={`${w.fields[one.field]} ${sourceText(one, w)}`}
                  onClick={() => {
                    setChosen(one.field);
                    if (one.page) setPage(one.page);
                  }}
                >
                  {sourceText(one, w)}
                </button>
                {mark.corrected.includes(one.field) && <Tag tone="amber">{w.corrected}</Tag>}
              </li>
            ))}
          </ul>
        </section>
      </div>
    </Modal>
  );
}

/** That a request came on paper, who wrote it down, and its original one key away. */
export function PaperOriginals({ papers, readingId }: { papers: Papers; readingId?: number }) {
  const w = useWords().papers;
  const [open, setOpen] = useState<PaperMark | null>(null);
  const marks = marksOf(papers);
  const [first] = marks;
  useCommands(
    first ? [{ id: 'paper.original', title: w.original, keys: ['shift+y'], run: () => setOpen(first) }] : [],
  );
  if (!first) return null;
  return (
    <div className="paper-original">
      {marks.map((mark) => (
        <div key={mark.id} className="row">
          <button type="button" className="paper-place" onClick={() => setOpen(mark)}>
            {w.original} {w.number(mark.id)}
          </button>
          {mark.is_unchecked && (
            <Tag tone="red" title={w.uncheckedLead}>
              {w.unchecked}
            </Tag>
          )}
          <span className="muted">
            {mark.is_joined ? w.joined : `${w.by1} ${mark.transcribed_by}`}
            {mark.checked_by && ` ・ ${w.by2} ${mark.checked_by}`}
          </span>
        </div>
      ))}
      {first.is_unchecked && <p className="note amber">{w.uncheckedLead}</p>}
      {open && <OriginalDialog mark={open} readingId={readingId} onClose={() => setOpen(null)} />}
    </div>
  );
}

/** Where a field stands on its paper; a name that ends in a dot or a line is every field below it. */
export function PaperPlaces(props: { papers: Papers; fields: readonly string[]; readingId?: number }) {
  const w = useWords().papers;
  const [open, setOpen] = useState<Source | null>(null);
  const mark = marksOf(props.papers).find((one) => !one.is_joined);
  if (!mark) return null;
  const belongs = (field: string): boolean =>
    props.fields.some((one) => (/[._]$/.test(one) ? field.startsWith(one) : field === one));
  const found = mark.sources.filter((one) => belongs(one.field) && one.answer !== 'not_written');
  const seen = new Map(found.map((one) => [sourceText(one, w), one]));
  return (
    <>
      {[...seen].map(([text, one]) => (
        <button
          key={text}
          type="button"
          className="paper-place"
          aria-label={w.showAt(w.fields[one.field] ?? '', one.page ?? 1)}
          onClick={() => setOpen(one)}
        >
          {text}
        </button>
      ))}
      {open && (
        <OriginalDialog mark={mark} first={open} readingId={props.readingId} onClose={() => setOpen(null)} />
      )}
    </>
  );
}
