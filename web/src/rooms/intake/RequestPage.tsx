import { Button, Progress } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { queries, usePerson } from '@/api/cache';
import type { Completeness, RequestOut } from '@/api/contract';
import { requests } from '@/api/hub';
import { resolution } from '@/api/resolution';
import { confirm } from '@/ui/confirm';
import { problemText, Skeleton, Trouble, tell, tellProblem } from '@/ui/feedback';
import { Tag, UrgencyMark } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { PatientFacts, patientName } from '@/ui/patient';
import { clockText, whenText } from '@/ui/time';
import { useWords } from '@/words';
import { RequestAskBacks } from '../askbacks/RequestAskBacks';
import { PaperOriginals } from '../paper/PaperSources';
import { Cautions } from './Cautions';
import { Changes } from './Changes';
import { Changing } from './Changing';
import { goToField } from './parts';
import { RequestForm } from './RequestForm';
import { RequestRead } from './RequestRead';
import { RequestStateTag } from './Requests';
import { StatedFacts } from './StatedPatient';
import { type RequestDraft, useRequestDraft } from './useRequestDraft';
import './intake.css';

function Score({ completeness, isDraft = false }: { completeness: Completeness; isDraft?: boolean }) {
  const { intake: w, request: r } = useWords();
  return (
    <section className="score" aria-live="polite">
      <div className="row">
        <b>{w.completeness}</b>
        <span className="spacer" />
        <b className="num score-number">{completeness.score}</b>
      </div>
      <Progress value={completeness.score} size="sm" aria-label={w.completeness} />
      {completeness.missing.length === 0 ? (
        <p className="muted">{w.complete}</p>
      ) : (
        <>
          <p className="muted">{w.missingLead}</p>
          <div className="row">
            {completeness.missing.map(({ field, label }) => (
              <Tag key={field} tone="violet">
                {isDraft ? (
                  <button
                    type="button"
                    className="bare"
                    aria-label={r.goTo(label)}
                    onClick={() => goToField(field)}
                  >
                    {label}
                  </button>
                ) : (
                  label
                )}
              </Tag>
            ))}
          </div>
        </>
      )}
      <Cautions cautions={completeness.cautions ?? []} />
    </section>
  );
}

function SavedLine({ draft }: { draft: RequestDraft }) {
  const words = useWords();
  const r = words.reading;
  if (draft.state === 'failed') {
    return (
      <div className="trouble" role="alert">
        <div>
          {r.saveFailed}
          <div className="muted">{problemText(draft.error, words)}</div>
        </div>
        <Button onClick={() => void draft.flush()}>{words.common.retry}</Button>
      </div>
    );
  }
  const text = {
    saved: r.saved(clockText(draft.savedAt)),
    dirty: r.unsaved,
    saving: r.saving,
    conflict: words.intake.conflict,
  };
  return (
    <span className="muted num" role="status" data-testid="save-state" data-state={draft.state}>
      {text[draft.state]}
    </span>
  );
}

function Studies({ request }: { request: RequestOut }) {
  const words = useWords();
  const now = useNow();
  return (
    <ul className="study-list">
      {request.studies.map((study) => (
        <li key={study.id}>
          <Link to="/studies/$id/images" params={{ id: study.id }}>
            {study.modalities.join(' ')} {study.description || study.body_part}
          </Link>{' '}
          <span className="muted num">
            {study.study_at && whenText(study.study_at, now, words.time)} ·{' '}
            {words.common.images(study.instance_count)}
          </span>
          {study.notes.map((note) => (
            <div key={note} className="muted">
              {note}
            </div>
          ))}
        </li>
      ))}
    </ul>
  );
}

async function refreshRequest(id: number): Promise<void> {
  await queries.invalidateQueries({ queryKey: ['request', id] });
  void queries.invalidateQueries({ queryKey: ['requests'] });
  void queries.invalidateQueries({ queryKey: ['studies'] });
}

function useCancel(request: RequestOut) {
  const words = useWords();
  const w = words.intake;
  return async (): Promise<void> => {
    const reason = await confirm({
      title: w.cancelTitle,
      body: w.cancelLead,
      confirm: w.cancelRequest,
      ask: words.common.reason,
      isGrave: true,
    });
    if (reason === null) return;
    try {
      await requests.cancel(request.id, reason);
      tell(w.cancelled);
    } catch (error) {
      tellProblem(error);
    }
    await refreshRequest(request.id);
  };
}

function CancelButton({ request }: { request: RequestOut }) {
  const words = useWords();
  const cancel = useCancel(request);
  if (!request.acts.includes('cancel')) return null;
  return (
    <Button variant="subtle" color="red" onClick={() => void cancel()}>
      {words.intake.cancelRequest}
    </Button>
  );
}

function Draft({ request }: { request: RequestOut }) {
  const words = useWords();
  const w = words.intake;
  const navigate = useNavigate();
  const draft = useRequestDraft(request);
  const send = async (): Promise<void> => {
    if (!(await draft.flush())) return;
    const { exam, urgency } = draft.content;
    const isSure = await confirm({
      title: w.sendTitle,
      body: (
        <div className="stack">
          <span>{w.sendLead}</span>
          {request.patient && <PatientFacts patient={request.patient} facility={request.facility.name} />}
          {draft.content.stated && (
            <StatedFacts stated={draft.content.stated} facility={request.facility.name} />
          )}
          <span>
            <b>
              {exam.modality} {exam.description}
            </b>{' '}
            <UrgencyMark urgency={urgency} />
          </span>
        </div>
      ),
      confirm: w.send,
    });
    if (isSure === null) return;
    try {
      await requests.send(request.id);
      tell(w.sent);
      await refreshRequest(request.id);
      await navigate({ to: '/requests' });
    } catch (error) {
      tellProblem(error);
    }
  };
  const isBlocked = draft.missingToSend.length > 0;
  return (
    <div className="request-layout">
      <RequestForm draft={draft} request={request} />
      <aside className="request-side">
        <Score completeness={draft.completeness} isDraft />
        <Studies request={request} />
        {draft.state === 'conflict' && (
          <Button onClick={() => void refreshRequest(request.id)}>{words.problems.reload}</Button>
        )}
        <SavedLine draft={draft} />
        {isBlocked && (
          <p className="muted" style={{ margin: 0 }}>
            {w.neededToSend} {draft.missingToSend.map(({ label }) => label).join('、')}
          </p>
        )}
        <Button variant="filled" size="sm" disabled={isBlocked} onClick={() => void send()}>
          {w.send}
        </Button>
        <CancelButton request={request} />
      </aside>
    </div>
  );
}

/** Somebody knows that the images are here, and the rules do not. */
function LookForImages({ request }: { request: RequestOut }) {
  const words = useWords();
  const navigate = useNavigate();
  const mayLook = usePerson().permissions.includes('resolution:write');
  const isOpen = request.state === 'sent' || request.state === 'accepted';
  if (!isOpen || !mayLook) return null;
  const look = async (): Promise<void> => {
    try {
      const { id } = await resolution.begin(request.id);
      await navigate({ to: '/resolution', search: { case: id } });
    } catch (error) {
      tellProblem(error);
    }
  };
  return (
    <Button size="compact-sm" onClick={() => void look()}>
      {words.resolution.search.button}
    </Button>
  );
}

function OneRequest({ request }: { request: RequestOut }) {
  const words = useWords();
  const [isChanging, setChanging] = useState(false);
  const mayChange = request.acts.includes('change');
  const isDraft = request.acts.includes('edit');
  const name = request.patient ? patientName(request.patient, words) : '';
  return (
    <div className="page">
      <header>
        <h1>
          {words.intake.form} <span className="sr">{name}</span>
        </h1>
        <RequestStateTag state={request.state} />
        <span className="spacer" />
        {mayChange && !isChanging && (
          <Button onClick={() => setChanging(true)}>{words.request.change.button}</Button>
        )}
      </header>
      {(request.patient || (request.stated && !isDraft)) && (
        <div className="sheet padded" style={{ marginBottom: 16 }}>
          {request.patient && <PatientFacts patient={request.patient} facility={request.facility.name} />}
          {request.stated && !isDraft && (
            <StatedFacts stated={request.stated} facility={request.facility.name} isQuiet />
          )}
        </div>
      )}
      {isDraft && request.stated && <p className="note">{words.request.before.lead}</p>}
      {!isDraft && request.studies.length === 0 && request.state !== 'cancelled' && (
        <div className="note">
          {words.request.before.waiting} <LookForImages request={request} />
        </div>
      )}
      {!isDraft && <Changes request={request} />}
      {!isDraft && <RequestAskBacks request={request} />}
      {isDraft ? (
        <Draft key={`${request.id}-${request.state}`} request={request} />
      ) : isChanging && mayChange ? (
        <Changing request={request} onDone={() => setChanging(false)} />
      ) : (
        <RequestRead request={request} score={<Score completeness={request.completeness} />}>
          <PaperOriginals papers={request.papers} />
          <Studies request={request} />
          <CancelButton request={request} />
        </RequestRead>
      )}
    </div>
  );
}

export function RequestPage() {
  const { id } = useParams({ from: '/inside/requests/$id' });
  const { data, error, refetch } = useQuery({
    queryKey: ['request', id],
    queryFn: () => requests.get(id),
    gcTime: 0,
  });
  if (error && !data) {
    return (
      <div className="page">
        <Trouble error={error} onRetry={() => void refetch()} />
      </div>
    );
  }
  return data ? <OneRequest key={id} request={data} /> : <Skeleton rows={10} />;
}
