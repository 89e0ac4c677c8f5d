import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { AskBacks, Check, ReadingDetail, ReportOut, SignedSight } from '@/api/contract';
import { reports } from '@/api/hub';
import { isProblem } from '@/api/problem';
import { Trouble } from '@/ui/feedback';
import { useNow } from '@/ui/now';
import { PatientFacts } from '@/ui/patient';
import { whenText } from '@/ui/time';
import type { Fidelity } from '@/viewer/fidelity';
import { useWords } from '@/words';
import { UnansweredAtSigning } from '../askbacks/InReport';
import { useAskBacks } from '../askbacks/useAskBacks';
import type { Autosave } from './autosave';
import { ChecksList } from './ReportPane';

function ImageWarnings({ fidelity }: { fidelity: Fidelity | null }) {
  const words = useWords();
  if (!fidelity) return null;
  const open = fidelity.held - fidelity.full;
  const lines = [
    open > 0 ? words.reading.incompleteImages(open) : '',
    fidelity.missing ? words.reading.missingImages(fidelity.missing) : '',
  ].filter(Boolean);
  return lines.map((line) => (
    <div key={line} className="note amber">
      {line}
    </div>
  ));
}

function Overrides(props: {
  checks: readonly Check[];
  reasons: Record<string, string>;
  onReason: (code: string, reason: string) => void;
}) {
  const words = useWords();
  return (
    <div className="stack">
      <p style={{ margin: 0 }}>{words.reading.signWarns}</p>
      {props.checks.map((check) => (
        <TextInput
          key={check.code}
          label={check.sentence}
          placeholder={words.reading.overrideReason}
          value={props.reasons[check.code] ?? ''}
          onChange={(event) => props.onReason(check.code, event.currentTarget.value)}
        />
      ))}
    </div>
  );
}

/** Saves first, then signs exactly the revision that was saved; anything the hub refuses is shown here. */
function useSigning(props: {
  report: ReportOut;
  autosave: Autosave;
  seen: () => SignedSight;
  onSigned: (report: ReportOut) => void;
}) {
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const sign = async (overrides: { code: string; reason: string }[]): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      if (!(await props.autosave.flush())) throw props.autosave.store.get().error;
      const { revision } = props.autosave.store.get();
      props.onSigned(await reports.sign(props.report.id, { revision, ...props.seen() }, overrides));
    } catch (fault) {
      setError(fault);
    } finally {
      setBusy(false);
    }
  };
  return { error, isBusy, sign };
}

/** What was asked and answered as this dialog opened: what comes after it is looked at before it is signed. */
function useAskedAtOpening(readingId: number): { seen: AskBacks | undefined; isChanged: boolean } {
  const { data } = useAskBacks({ kind: 'reading', id: readingId });
  const [first, setFirst] = useState(data);
  if (!first && data) setFirst(data);
  return { seen: first, isChanged: first !== undefined && data?.revision !== first.revision };
}

export function SignDialog(props: {
  reading: ReadingDetail;
  report: ReportOut;
  autosave: Autosave;
  checks: readonly Check[];
  fidelity: Fidelity | null;
  seen: () => Omit<SignedSight, 'ask_backs_revision' | 'request_version'>;
  onClose: () => void;
  onSigned: (report: ReportOut) => void;
}) {
  const { reading, checks } = props;
  const words = useWords();
  const now = useNow();
  const r = words.reading;
  const [reasons, setReasons] = useState<Record<string, string>>({});
  const asked = useAskedAtOpening(reading.id);
  const [request_version] = useState(reading.request.version);
  const seen = () => ({
    ...props.seen(),
    ask_backs_revision: asked.seen?.revision ?? 0,
    request_version,
  });
  const { error, isBusy, sign } = useSigning({ ...props, seen });
  const stops = checks.filter((check) => check.severity === 'stop');
  const warns = checks.filter((check) => check.severity === 'warn');
  const isAnswered = warns.every((check) => reasons[check.code]?.trim());
  const { impression } = props.autosave.store.get();
  return (
    <Modal opened onClose={props.onClose} title={r.signTitle} size="lg" closeOnClickOutside={false}>
      <div className="stack">
        <div className="sign-subject">
          <PatientFacts patient={reading.patient} facility={reading.facility.name} />
          <div>
            <b>
              {reading.modality} {reading.exam_description}
            </b>{' '}
            <span className="num">{reading.study_at ? whenText(reading.study_at, now, words.time) : ''}</span>
          </div>
          <div className="prose sign-impression">{impression}</div>
        </div>
        <p style={{ margin: 0 }}>{r.signLead(reading.facility.name)}</p>
        <ImageWarnings fidelity={props.fidelity} />
        <UnansweredAtSigning items={asked.seen?.items ?? []} />
        {reading.request.version !== request_version && (
          <div className="note amber" role="alert">
            {words.request.change.whileSigning}
          </div>
        )}
        {asked.isChanged && (
          <div className="note amber" role="alert">
            {words.askBacks.changed}
          </div>
        )}
        {stops.length > 0 && (
          <div>
            <p style={{ margin: '0 0 4px' }}>{r.signStops}</p>
            <ChecksList checks={stops} />
          </div>
        )}
        {stops.length === 0 && warns.length > 0 && (
          <Overrides
            checks={warns}
            reasons={reasons}
            onReason={(code, reason) => setReasons((all) => ({ ...all, [code]: reason }))}
          />
        )}
        {error !== null && !isProblem(error, 'auth.elevation_declined') && <Trouble error={error} />}
        <Group justify="flex-end">
          <Button onClick={props.onClose}>{words.common.cancel}</Button>
          <Button
            variant="filled"
            loading={isBusy}
            disabled={stops.length > 0 || !isAnswered || asked.isChanged}
            onClick={() =>
              void sign(warns.map(({ code }) => ({ code, reason: reasons[code]?.trim() ?? '' })))
            }
          >
            {r.signConfirm}
          </Button>
        </Group>
      </div>
    </Modal>
  );
}
