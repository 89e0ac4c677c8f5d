import { Button, FileButton, Select, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { queries, usePerson } from '@/api/cache';
import type { Receipt, StudyOut, UploadOut } from '@/api/contract';
import { requests, studies } from '@/api/hub';
import { countText, sourceText, sourceTitle } from '@/ui/counts';
import { Empty, Skeleton, Trouble, tellProblem } from '@/ui/feedback';
import { Tag, type Tone } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { ageAndSex, patientName } from '@/ui/patient';
import { agoText, whenText } from '@/ui/time';
import { useWords } from '@/words';
import { BeforeImages } from './BeforeImages';
import { blankRequest } from './blank';

const route = getRouteApi('/inside/arrivals');
const TONES: Record<Receipt, Tone> = {
  receiving: 'amber',
  complete: 'green',
  settled: 'grey',
  held: 'violet',
  withdrawn: 'grey',
};

function Arrival({ study, onWrite }: { study: StudyOut; onWrite: () => void }) {
  const words = useWords();
  const w = words.intake;
  const now = useNow();
  const navigate = useNavigate();
  return (
    <tr>
      <td>
        <Tag tone={TONES[study.receipt]}>{w.receipt[study.receipt]}</Tag>
        {study.quarantined_count > 0 && <Tag tone="amber">{w.quarantine(study.quarantined_count)}</Tag>}
      </td>
      <td>
        <b>{patientName(study.patient, words)}</b> <span className="muted">{study.patient.name_kana}</span>
        <div className="muted num">{study.patient.patient_id}</div>
      </td>
      <td className="num hide-narrow">{ageAndSex(study.patient, words)}</td>
      <td className="clip" title={study.notes.join('\n')}>
        <b>{study.modalities.join(' ')}</b> {study.description || study.body_part}
        {study.notes.length > 0 && <div className="muted clip">{study.notes[0]}</div>}
      </td>
      <td className="num hide-narrow">{study.study_at ? whenText(study.study_at, now, words.time) : '–'}</td>
      <td className="num right" title={sourceTitle(study, words)}>
        {countText(study, words)}
        {study.expected_from && <div className="muted">{sourceText(study, words)}</div>}
      </td>
      <td className="num muted hide-narrow">{agoText(study.last_received_at, now, words.time)}</td>
      <td>
        <div className="row" style={{ flexWrap: 'nowrap', justifyContent: 'flex-end' }}>
          <Button
            variant="subtle"
            onClick={() => void navigate({ to: '/studies/$id/images', params: { id: study.id } })}
          >
            {w.look}
          </Button>
          <Button variant="light" onClick={onWrite}>
            {w.write}
          </Button>
        </div>
      </td>
    </tr>
  );
}

/** Files go to one facility; somebody who belongs to several says to which. */
function Upload() {
  const words = useWords();
  const w = words.intake;
  const { facilities } = usePerson();
  const [facility, setFacility] = useState<string | null>(null);
  const target = facilities.length === 1 ? facilities[0]?.id : facility ? Number(facility) : undefined;
  const [sending, setSending] = useState(0);
  const [outcome, setOutcome] = useState<UploadOut | null>(null);
  const send = async (files: File[]): Promise<void> => {
    if (files.length === 0) return;
    setSending(files.length);
    setOutcome(null);
    try {
      setOutcome(await studies.upload(files, target));
      void queries.invalidateQueries({ queryKey: ['studies'] });
    } catch (error) {
      tellProblem(error);
    } finally {
      setSending(0);
    }
  };
  return (
    <>
      {facilities.length > 1 && (
        <Select
          aria-label={w.facility}
          placeholder={w.facility}
          searchable
          data={facilities.map(({ id, name }) => ({ value: String(id), label: name }))}
          value={facility}
          onChange={setFacility}
        />
      )}
      <FileButton onChange={(files) => void send(files)} multiple>
        {(props) => (
          <Button {...props} loading={sending > 0} disabled={target === undefined} title={w.uploadLead}>
            {w.upload}
          </Button>
        )}
      </FileButton>
      {(sending > 0 || outcome) && (
        <div className="note" role="status" style={{ flexBasis: '100%' }}>
          {sending > 0 && w.uploading(sending)}
          {outcome && w.uploaded(outcome.stored, outcome.duplicate)}
          {outcome && outcome.quarantined > 0 && w.quarantined(outcome.quarantined)}
          {outcome && outcome.refused.length > 0 && (
            <details open>
              <summary>
                {w.refused} {words.common.count(outcome.refused.length)}
              </summary>
              <ul>
                {outcome.refused.map(({ name, detail }) => (
                  <li key={name + detail}>
                    {name}: {detail}
                  </li>
                ))}
              </ul>
            </details>
          )}
        </div>
      )}
    </>
  );
}

/** What arrived and waits for somebody to say why it was made. */
export function Arrivals() {
  const words = useWords();
  const w = words.intake;
  const navigate = useNavigate();
  const [q, setQ] = useState(route.useSearch().q ?? '');
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['studies', 'arrivals', q],
    queryFn: () => studies.list({ q, without_request: true, limit: 200 }),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const write = async (study: StudyOut): Promise<void> => {
    try {
      const { id } = await requests.create(blankRequest(study));
      await navigate({ to: '/requests/$id', params: { id } });
    } catch (fault) {
      tellProblem(fault);
    }
  };
  const c = w.columns;
  return (
    <div className="page">
      <header>
        <h1>{w.arrivals}</h1>
        <span className="muted">{w.arrivalsLead}</span>
        <span className="spacer" />
        <TextInput
          aria-label={words.common.search}
          placeholder={words.common.search}
          value={q}
          onChange={(event) => setQ(event.currentTarget.value)}
        />
        <BeforeImages />
        <Upload />
      </header>
      {error && <Trouble error={error} onRetry={() => void refetch()} />}
      <div className="sheet scroll">
        {isPending && <Skeleton />}
        {data?.items.length === 0 && <Empty title={w.noArrivals}>{w.noArrivalsLead}</Empty>}
        {data && data.items.length > 0 && (
          <table className="dense">
            <thead>
              <tr>
                <th>{c.receipt}</th>
                <th>{c.patient}</th>
                <th className="hide-narrow">{c.age}</th>
                <th>{c.exam}</th>
                <th className="hide-narrow">{c.studyAt}</th>
                <th className="right">{c.images}</th>
                <th className="hide-narrow">{c.last}</th>
                <th>
                  <span className="sr">{w.write}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((study) => (
                <Arrival key={study.id} study={study} onWrite={() => void write(study)} />
              ))}
            </tbody>
          </table>
        )}
      </div>
    </div>
  );
}
