import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Prior, PriorList, ReadingDetail } from '@/api/contract';
import { readings } from '@/api/hub';
import { isProblem } from '@/api/problem';
import { openCommands } from '@/ui/commands';
import { Trouble, tellProblem } from '@/ui/feedback';
import { Tag } from '@/ui/marks';
import { useStore } from '@/ui/store';
import type { ViewerCase } from '@/viewer/case';
import type { StudyView } from '@/viewer/state';
import { useWords } from '@/words';
import './priors.css';

const dayText = (day: string): string => day.replaceAll('-', '/');

const TONES: Partial<Record<Prior['state'], 'amber' | 'grey' | 'accent'>> = {
  wanted: 'amber',
  fetching: 'amber',
  failed: 'amber',
  not_found: 'amber',
  contradicts: 'amber',
};

/** Reports found among the images of a prior: each is opened in the active pane. */
function Documents({ study, viewer }: { study: StudyView; viewer: ViewerCase }) {
  const words = useWords();
  const found = study.series.flatMap(({ documents }) => documents);
  const open = (uid: string): void => {
    const { active } = viewer.store.get();
    viewer.film.stop(active);
    viewer.changePane(active, { documentUid: uid });
  };
  return found.map((one) => (
    <Button
      key={one.sopInstanceUid}
      size="compact-xs"
      variant="default"
      onClick={() => open(one.sopInstanceUid)}
    >
      {words.priors.document(words.pictures.document.kind[one.kind], one.title)}
    </Button>
  ));
}

/** A prior that is here: its reports, or that its pictures came after the case was opened. */
function InViewer({
  one,
  viewer,
  onReload,
}: {
  one: Prior;
  viewer: ViewerCase;
  onReload: (() => void) | undefined;
}) {
  const p = useWords().priors;
  const study = useStore(viewer.store, ({ studies }) =>
    studies.find(({ source }) => source.study.id === one.study_id),
  );
  const isOpened = useStore(viewer.store, ({ studies }) => studies.length > 0);
  if (study) return <Documents study={study} viewer={viewer} />;
  if (!isOpened || one.study_id === null || one.state !== 'arrived' || !onReload) return null;
  return (
    <Button size="compact-xs" onClick={onReload}>
      {p.reload}
    </Button>
  );
}

function Line(props: {
  one: Prior;
  viewer: ViewerCase | null;
  onFetch: (candidate: number) => void;
  onReload?: (() => void) | undefined;
}) {
  const { one, viewer } = props;
  const p = useWords().priors;
  const images =
    one.expected_count && one.expected_count !== one.instance_count
      ? p.imagesOf(one.instance_count, one.expected_count)
      : one.instance_count > 0
        ? p.images(one.instance_count)
        : '';
  const { candidate_id: candidate } = one;
  return (
    <li data-state={one.state} data-prior={one.study_instance_uid}>
      <span className="row">
        <b className="num">{one.study_on ? dayText(one.study_on) : p.noDate}</b>
        <b>{one.modalities.join('/')}</b>
        <span className="clip" title={one.body_part}>
          {one.description || one.body_part}
        </span>
      </span>
      <span className="row muted">
        {one.elsewhere && <Tag tone="violet">{p.elsewhere(one.elsewhere)}</Tag>}
        <span>{one.chosen_for}</span>
        <span className="num">{images}</span>
        {one.state !== 'arrived' && <Tag tone={TONES[one.state] ?? 'grey'}>{p.standing[one.state]}</Tag>}
      </span>
      {one.why && <span className="why">{one.why}</span>}
      <span className="row acts">
        {viewer && <InViewer one={one} viewer={viewer} onReload={props.onReload} />}
        {one.may_fetch && candidate !== null && (
          <Button size="compact-xs" variant="default" onClick={() => props.onFetch(candidate)}>
            {one.state === 'spare' ? p.fetch : p.fetchAgain}
          </Button>
        )}
      </span>
    </li>
  );
}

/** The state in words: what is known, who was asked, what does not agree with the request. */
function Standing({ list }: { list: PriorList }) {
  const p = useWords().priors;
  const said = [
    p.state[list.state],
    list.state === 'elsewhere' ? list.where_when : '',
    list.answer === 'received' && list.arrived === 0 ? p.saidSent : '',
    list.answer === 'none' && list.state !== 'none' ? p.saidNone : '',
  ];
  const isSilent = list.search === 'asking' && list.silent.length > 0;
  const asked = isSilent ? p.silent(list.silent.join('、')) : p.search[list.search];
  return (
    <>
      <p>{said.filter(Boolean).join(' ')}</p>
      {asked && <p className="search">{asked}</p>}
    </>
  );
}

const askFacility = () => openCommands().find(({ id }) => id === 'reading.ask-back');

/** The priors of the case: where each stands, why it was chosen, and what can be done. */
export function Priors(props: { reading: ReadingDetail; viewer: ViewerCase | null; onReload?: () => void }) {
  const { reading } = props;
  const p = useWords().priors;
  const cache = useQueryClient();
  const queryKey = ['priors', reading.id];
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: ({ signal }) => readings.priors(reading.id, signal),
    gcTime: 0,
  });
  const ask = async (candidate: number | null): Promise<void> => {
    try {
      cache.setQueryData(queryKey, await readings.fetchPrior(reading.id, candidate));
    } catch (fault) {
      tellProblem(fault);
    }
  };
  const mayAskFacility = data && data.state !== 'received' && askFacility() !== undefined;
  return (
    <section className="side-section priors" id="priors" tabIndex={-1} aria-label={p.title}>
      <h2>
        {p.title}
        {data && data.wanted > 0 && (
          <span className="num count" aria-live="polite">
            {data.wanted > data.arrived ? p.arrivedOf(data.arrived, data.wanted) : p.arrived(data.arrived)}
          </span>
        )}
        <span className="spacer" />
        {mayAskFacility && (
          <Button size="compact-xs" variant="default" onClick={() => void askFacility()?.run()}>
            {p.askFacility}
          </Button>
        )}
        {data?.may_ask && data.search !== 'answered' && (
          <Button size="compact-xs" variant="default" onClick={() => void ask(null)}>
            {p.askAgain}
          </Button>
        )}
      </h2>
      {error && !isProblem(error, 'not_found') ? (
        <Trouble error={error} onRetry={() => void refetch()} />
      ) : null}
      {data && <Standing list={data} />}
      <ul className="prior-list">
        {data?.items.map((one) => (
          <Line
            key={one.study_instance_uid}
            one={one}
            viewer={props.viewer}
            onFetch={(candidate) => void ask(candidate)}
            onReload={props.onReload}
          />
        ))}
      </ul>
      {data?.report_text && (
        <details className="prior-report">
          <summary>{p.pasted}</summary>
          <p>{data.report_text}</p>
        </details>
      )}
    </section>
  );
}
