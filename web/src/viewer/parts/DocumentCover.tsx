import { Button } from '@mantine/core';
import { useNow } from '@/ui/now';
import { ageAndSex, patientName } from '@/ui/patient';
import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import type { ViewerCase } from '../case';
import type { DocumentSource } from '../model/documents';
import type { SeriesView, ViewerState } from '../state';
import { EcgPage } from './EcgPage';
import { studyDate } from './overlay';
import { PdfPages } from './PdfPages';
import { ReportTree } from './ReportTree';

function openDocument(state: ViewerState, index: number) {
  const uid = state.panes[index]?.documentUid;
  if (!uid) return null;
  for (const study of state.studies)
    for (const series of study.series) {
      const source = series.documents.find((one) => one.sopInstanceUid === uid);
      if (source) return { study, series, source };
    }
  return null;
}

const CONTENT = {
  pdf: PdfPages,
  ecg: EcgPage,
  sr: ReportTree,
} as const;

/** A document in the place of a picture: whose it is, of when, what kind; then the document itself. */
export function DocumentCover({ viewer, index }: { viewer: ViewerCase; index: number }) {
  const words = useWords();
  const now = useNow();
  const state = useStore(viewer.store, (all) => all);
  const found = openDocument(state, index);
  if (!found) return null;
  const { study, source } = found;
  const isPrior = study.role === 'prior';
  const Content = CONTENT[source.kind];
  const close = (): void => viewer.changePane(index, { documentUid: null });
  return (
    <article
      className="document-cover"
      data-testid="document"
      /* The browser's menu offers to save what is shown. */
      onContextMenu={(event) => event.preventDefault()}
    >
      <header>
        <b>{patientName(study.source.study.patient, words)}</b>
        <span>{ageAndSex(study.source.study.patient, words)}</span>
        <span className={isPrior ? 'role prior' : 'role'}>
          {isPrior ? words.viewer.prior : words.viewer.current} {studyDate(study, now, words)}
        </span>
        <span>
          {words.pictures.document.kind[source.kind]} {source.title}
        </span>
        <Button size="compact-xs" variant="default" onClick={close}>
          {words.pictures.document.close}
        </Button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a page that scrolls must be reachable by keyboard */}
      <div className="document-body" tabIndex={0}>
        <Content key={source.sopInstanceUid} source={source} />
      </div>
    </article>
  );
}

/** In the series strip: a document is opened in the active pane. */
export function DocumentCard({
  viewer,
  series,
  source,
}: {
  viewer: ViewerCase;
  series: SeriesView;
  source: DocumentSource;
}) {
  const words = useWords();
  const d = words.pictures.document;
  const isShown = useStore(viewer.store, ({ panes }) =>
    panes.some((pane) => pane.documentUid === source.sopInstanceUid),
  );
  const show = (): void => {
    const { active } = viewer.store.get();
    viewer.film.stop(active);
    viewer.changePane(active, { documentUid: source.sopInstanceUid });
  };
  return (
    <button
      type="button"
      className={isShown ? 'series-card chosen' : 'series-card'}
      title={words.viewer.dragHint}
      onClick={show}
    >
      <span className="document-sign" aria-hidden="true">
        {source.kind.toUpperCase()}
      </span>
      <span className="series-text">
        <b>
          {words.viewer.seriesNumber(series.number)} {series.modality}
        </b>
        <span className="clip">{source.title || series.description || d.untitled}</span>
        <span className="muted">{d.kind[source.kind]}</span>
      </span>
    </button>
  );
}
