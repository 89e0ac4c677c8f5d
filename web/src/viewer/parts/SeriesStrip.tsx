import { useEffect, useRef, useState } from 'react';
import { useCurtain } from '@/ui/curtain';
import { useNow } from '@/ui/now';
import { useStore } from '@/ui/store';
import { useWords, type Words } from '@/words';
import type { ViewerCase } from '../case';
import { drawThumbnail } from '../engine/door';
import type { DisplaySet } from '../model/stacks';
import { findSet, type SeriesView, type StudyView, sourceOf } from '../state';
import { DocumentCard } from './DocumentCover';
import { carry } from './hanging';
import { studyDate } from './overlay';

function Thumbnail({ viewer, set }: { viewer: ViewerCase; set: DisplaySet }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isDrawn, setDrawn] = useState(false);
  useEffect(() => {
    const frame = set.frames[Math.floor((set.frames.length - 1) / 2)];
    if (!frame) return;
    let isGone = false;
    void viewer.wantThumbnail(frame).then((fate) => {
      if (!isGone && fate.state === 'ready' && canvas.current) setDrawn(drawThumbnail(canvas.current, frame));
    });
    return () => {
      isGone = true;
    };
  }, [viewer, set]);
  return <canvas ref={canvas} width="56" height="56" style={{ opacity: isDrawn ? 1 : 0.25 }} />;
}

const sizeText = (set: DisplaySet, words: Words): string =>
  set.frames[0]?.clip ? words.pictures.films(set.frames.length) : words.common.images(set.frames.length);

function SetCard({ viewer, series, set }: { viewer: ViewerCase; series: SeriesView; set: DisplaySet }) {
  const words = useWords();
  const v = words.viewer;
  const shownIn = useStore(viewer.store, (state) =>
    state.panes.findIndex((pane) => sourceOf(state, findSet(state, pane.setId))?.id === set.id),
  );
  const all = set.part.count > 1 ? set.frames.length : series.declared.frames;
  const isLoading = series.full + series.failed < all && set.part.count === 1;
  return (
    <button
      type="button"
      className={shownIn >= 0 ? 'series-card chosen' : 'series-card'}
      title={v.dragHint}
      draggable
      onDragStart={(event) => carry(event, set)}
      onClick={() => viewer.showSet(viewer.store.get().active, set)}
    >
      <Thumbnail viewer={viewer} set={set} />
      <span className="series-text">
        <b>
          {v.seriesNumber(series.number)} {series.modality}
          {set.part.count > 1 && <span className="muted"> {v.part(set.part.index, set.part.count)}</span>}
        </b>
        <span className="clip">{series.description || '–'}</span>
        <span className="num muted">
          {isLoading ? v.progress(series.full, all) : sizeText(set, words)}
          {set.isLocalizer && ` · ${v.localizer}`}
          {series.failed > 0 && <span className="bad"> · {v.failed(series.failed)}</span>}
        </span>
        {isLoading && <progress value={series.full} max={Math.max(1, all)} aria-label={v.waiting} />}
      </span>
    </button>
  );
}

function SeriesRow({ viewer, series }: { viewer: ViewerCase; series: SeriesView }) {
  const v = useWords().viewer;
  if (series.sets.length > 0 || series.documents.length > 0) {
    return (
      <>
        {series.sets.map((set) => (
          <SetCard key={set.id} viewer={viewer} series={series} set={set} />
        ))}
        {series.documents.map((source) => (
          <DocumentCard key={source.sopInstanceUid} viewer={viewer} series={series} source={source} />
        ))}
      </>
    );
  }
  const why = { waiting: v.describing, failed: v.seriesFailed, ready: v.noPicture }[series.status];
  return (
    <div className="series-card none">
      <span className="series-text">
        <b>
          {v.seriesNumber(series.number)} {series.modality}
        </b>
        <span className={series.status === 'failed' ? 'bad' : 'muted'}>{why}</span>
        {series.withoutPicture > 0 && <span className="muted">{v.noPictureWhy(series.withoutPicture)}</span>}
      </span>
    </div>
  );
}

function StudyGroup({ viewer, study }: { viewer: ViewerCase; study: StudyView }) {
  const words = useWords();
  const now = useNow();
  const { source, role } = study;
  const series = [...study.series].sort((a, b) => (a.number ?? 1e9) - (b.number ?? 1e9));
  return (
    <section className={`study ${role}`}>
      <h2>
        <span className={role === 'prior' ? 'role prior' : 'role'}>
          {role === 'prior' ? words.viewer.prior : words.viewer.current}
        </span>
        <span className="num">{studyDate(study, now, words)}</span>
        <span className="muted">{source.study.modalities.join(' ')}</span>
      </h2>
      {source.study.notes.map((note) => (
        <p key={note} className="study-note">
          {note}
        </p>
      ))}
      {series.map((one) => (
        <SeriesRow key={one.uid} viewer={viewer} series={one} />
      ))}
    </section>
  );
}

export function SeriesStrip({ viewer }: { viewer: ViewerCase }) {
  const studies = useStore(viewer.store, (state) => state.studies);
  if (useCurtain()) return null;
  return (
    <div className="series-strip">
      {studies.map((study) => (
        <StudyGroup key={study.source.study.study_instance_uid} viewer={viewer} study={study} />
      ))}
    </div>
  );
}
