import { Button, Group, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ConfirmLinkIn, ElsewhereCandidate, PatientLinkRow, PatientPage } from '@/api/contract';
import { patients } from '@/api/patients';
import { confirm } from '@/ui/confirm';
import { tellProblem } from '@/ui/feedback';
import { Tag, type Tone } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';
import { attempt } from './attempt';

const TONES: Record<ElsewhereCandidate['confidence'], Tone> = { high: 'green', middle: 'amber', low: 'grey' };
const BASES = ['consent', 'emergency', 'contract'] as const;

/** Two identifiers written down from a document, and the legal basis. */
function ConfirmLink(props: { page: PatientPage; other: ElsewhereCandidate; onClose: () => void }) {
  const { page, other, onClose } = props;
  const words = useWords();
  const w = words.patients.elsewhere;
  const [said, setSaid] = useState<ConfirmLinkIn>({
    other_id: other.patient_id,
    name: '',
    birth_on: '',
    basis: 'consent',
    consented_on: null,
    consent_by: '',
    request_id: null,
    reason: '',
  });
  const requests = useQuery({
    queryKey: ['patients', 'requests', page.patient.id],
    queryFn: ({ signal }) => patients.requests(page.patient.id, signal),
  });
  const change = (part: Partial<ConfirmLinkIn>): void => setSaid({ ...said, ...part });
  const save = async (): Promise<void> => {
    if (await attempt(() => patients.confirmLink(page.patient.id, said), w.done)) onClose();
  };
  return (
    <Modal opened onClose={onClose} title={w.confirmTitle} size="lg">
      <div className="stack">
        <p>
          <b>{other.facility_name}</b> {other.reasons.join('。')}
        </p>
        <div className="field-grid">
          <TextInput
            label={w.name}
            value={said.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
            data-autofocus
          />
          <TextInput
            type="date"
            label={w.born}
            value={said.birth_on}
            onChange={(event) => change({ birth_on: event.currentTarget.value })}
          />
        </div>
        <NativeSelect
          label={w.basis}
          value={said.basis}
          onChange={(event) => change({ basis: event.currentTarget.value as ConfirmLinkIn['basis'] })}
          data={BASES.map((one) => ({ value: one, label: w.bases[one] }))}
        />
        {said.basis === 'consent' && (
          <div className="field-grid">
            <TextInput
              type="date"
              label={w.consentedOn}
              value={said.consented_on ?? ''}
              onChange={(event) => change({ consented_on: event.currentTarget.value || null })}
            />
            <TextInput
              label={w.consentBy}
              value={said.consent_by ?? ''}
              onChange={(event) => change({ consent_by: event.currentTarget.value })}
            />
          </div>
        )}
        {said.basis === 'emergency' && (
          <NativeSelect
            label={w.request}
            value={String(said.request_id ?? '')}
            onChange={(event) => change({ request_id: Number(event.currentTarget.value) || null })}
            data={[
              { value: '', label: '–' },
              ...(requests.data?.items ?? []).map((one) => ({
                value: String(one.id),
                label: `${one.exam.modality} ${one.exam.description || one.exam.body_part}`,
              })),
            ]}
          />
        )}
        <Textarea
          label={w.reason}
          required
          value={said.reason}
          onChange={(event) => change({ reason: event.currentTarget.value })}
        />
        <Group justify="flex-end">
          <Button onClick={onClose}>{words.common.cancel}</Button>
          <Button
            variant="filled"
            disabled={!said.reason.trim() || !said.name.trim() || !said.birth_on}
            onClick={() => void save()}
          >
            {w.confirm}
          </Button>
        </Group>
      </div>
    </Modal>
  );
}

function LinkLine({ one }: { one: PatientLinkRow }) {
  const words = useWords();
  const p = words.patients;
  const w = p.elsewhere;
  const now = useNow();
  const revoke = async (): Promise<void> => {
    const reason = await confirm({
      title: w.revokeTitle,
      body: w.revokeLead,
      confirm: w.revoke,
      ask: words.common.reason,
      isGrave: true,
    });
    if (reason) await attempt(() => patients.revokeLink(one.id, reason), w.revoked);
  };
  return (
    <li className={one.revoked_at ? 'is-over' : undefined}>
      <div className="row">
        <Tag tone={one.state === 'confirmed' ? 'accent' : 'grey'}>{w.state[one.state]}</Tag>
        <b>{one.is_outgoing ? w.outgoing(one.other_facility) : w.incoming(one.other_facility)}</b>
        <span className="muted num">
          {w.bases[one.basis]} {one.consented_on} {one.consent_by}
        </span>
        <span className="spacer" />
        {one.may_revoke && (
          <Button size="compact-sm" onClick={() => void revoke()}>
            {w.revoke}
          </Button>
        )}
      </div>
      <div>
        <span className="muted num">
          {p.madeBy(one.confirmed_by_name, whenText(one.confirmed_at, now, words.time))}
        </span>{' '}
        {one.reason}
      </div>
      {one.revoked_at && (
        <div className="muted">
          {p.undoneBy(one.revoked_by_name, whenText(one.revoked_at, now, words.time), one.revoked_reason)}
        </div>
      )}
    </li>
  );
}

/** The same person at other facilities: nothing is asked before support asks, nothing shown before it is confirmed. */
export function Elsewhere({ page }: { page: PatientPage }) {
  const w = useWords().patients.elsewhere;
  const id = page.patient.id;
  const [found, setFound] = useState<ElsewhereCandidate[] | null>(null);
  const [chosen, setChosen] = useState<ElsewhereCandidate | null>(null);
  const { data } = useQuery({
    queryKey: ['patients', 'elsewhere', id],
    queryFn: ({ signal }) => patients.elsewhere(id, signal),
  });
  const seek = async (): Promise<void> => {
    try {
      setFound((await patients.seek(id)).items);
    } catch (error) {
      tellProblem(error);
    }
  };
  if (!data) return null;
  return (
    <section className="sheet padded" aria-label={w.title}>
      <h2>{w.title}</h2>
      <p className="muted">{data.is_on ? w.lead : w.off}</p>
      <ul className="act-list">
        {data.links.map((one) => (
          <LinkLine key={one.id} one={one} />
        ))}
      </ul>
      {data.is_on && data.may_link && <Button onClick={() => void seek()}>{w.seek}</Button>}
      {found?.length === 0 && <p className="muted">{w.none}</p>}
      {found && found.length > 0 && (
        <ul className="act-list" aria-label={w.seek}>
          {found.map((one) => (
            <li key={one.patient_id}>
              <div className="row">
                <Tag tone={TONES[one.confidence]}>{w.confidence[one.confidence]}</Tag>
                <b>{one.facility_name}</b>
                <span className="muted num">{w.studies(one.study_count)}</span>
                <span className="spacer" />
                <Button size="compact-sm" onClick={() => setChosen(one)}>
                  {w.confirm}
                </Button>
              </div>
              <div className="muted">{one.reasons.join('。')}</div>
            </li>
          ))}
        </ul>
      )}
      {chosen && (
        <ConfirmLink
          page={page}
          other={chosen}
          onClose={() => {
            setChosen(null);
            setFound(null);
          }}
        />
      )}
    </section>
  );
}
