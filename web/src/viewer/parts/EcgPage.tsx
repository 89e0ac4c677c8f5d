import { useWords, type Words } from '@/words';
import { bytesOf } from '../engine/bulk';
import type { DocumentSource } from '../model/documents';
import { type EcgGroup, ecgGroups, type Lead, pathOf, tracesOf } from '../model/ecg';
import { useAsked } from './useAsked';

/** Millimetres of paper. Three rows of four leads would hide most of each: every lead has a line of its own, whole. */
const ROW_MM = 26;
const NAME_MM = 18;
const PULSE_MM = 7;

const same = (leads: readonly Lead[], pick: (lead: Lead) => number | null): number | null | 'different' => {
  const values = new Set(leads.map(pick));
  return values.size > 1 ? 'different' : (values.values().next().value ?? null);
};

function filterText(leads: readonly Lead[], words: Words): string {
  const e = words.pictures.document.ecg;
  const said = (pick: (lead: Lead) => number | null): string => {
    const value = same(leads, pick);
    return value === 'different' ? e.different : value === null ? e.unknown : e.hz(value);
  };
  return e.filter(
    said((one) => one.lowHz),
    said((one) => one.highHz),
    said((one) => one.notchHz),
  );
}

function Grid() {
  return (
    <defs>
      <pattern id="ecg-small" width="1" height="1" patternUnits="userSpaceOnUse">
        <path d="M1 0H0V1" className="ecg-small" />
      </pattern>
      <pattern id="ecg-large" width="5" height="5" patternUnits="userSpaceOnUse">
        <rect width="5" height="5" fill="url(#ecg-small)" />
        <path d="M5 0H0V5" className="ecg-large" />
      </pattern>
    </defs>
  );
}

/** One millivolt, as the paper of an electrocardiograph begins. */
const PULSE = `M${NAME_MM - PULSE_MM} 0h1v-10h5v10h1`;

function Traces({ group, traces }: { group: EcgGroup; traces: readonly Float32Array[] }) {
  const seconds = group.samples / group.hz;
  const [width, height] = [NAME_MM + seconds * 25 + 2, traces.length * ROW_MM];
  return (
    <svg
      className="ecg-paper"
      viewBox={`0 0 ${width} ${height}`}
      style={{ width: `${width * 4}px` }}
      role="img"
      aria-label={group.leads.map(({ name }) => name).join(' ')}
    >
      <Grid />
      <rect width={width} height={height} fill="url(#ecg-large)" />
      {group.leads.map((lead, i) => (
        <g key={lead.name} transform={`translate(0 ${(i + 0.6) * ROW_MM})`} data-lead={lead.name}>
          <text x="0.5" y="-6">
            {lead.name}
          </text>
          <path className="ecg-pulse" d={PULSE} />
          <path
            className="ecg-trace"
            transform={`translate(${NAME_MM} 0)`}
            d={pathOf(traces[i] ?? new Float32Array(), group.hz, 0, seconds)}
          />
        </g>
      ))}
    </svg>
  );
}

function Group({ group, number }: { group: EcgGroup; number: number }) {
  const words = useWords();
  const d = words.pictures.document;
  const { answer, fault, again } = useAsked(
    async (signal) => tracesOf(group, (await bytesOf(group.data, signal)) ?? new Uint8Array()),
    group,
  );
  const seconds = (group.samples / group.hz).toFixed(1);
  return (
    <section className="ecg-group" data-testid="ecg">
      <h3>
        {group.label || d.ecg.group(number)} <span>{d.ecg.rate(String(group.hz), seconds)}</span>
      </h3>
      <p>{d.ecg.scale}</p>
      <p>{filterText(group.leads, words)}</p>
      {fault ? (
        <p role="alert">
          {d.failed}{' '}
          <button type="button" onClick={again}>
            {d.retry}
          </button>
        </p>
      ) : answer === undefined ? (
        <p>{d.reading}</p>
      ) : answer ? (
        <Traces group={group} traces={answer} />
      ) : (
        <p role="alert">{d.ecg.refused}</p>
      )}
    </section>
  );
}

export function EcgPage({ source }: { source: DocumentSource }) {
  const e = useWords().pictures.document.ecg;
  const groups = ecgGroups(source.json);
  if (groups.length === 0) return <p role="alert">{e.none}</p>;
  return groups.map((group, i) => (
    <Group key={`${group.label}/${group.samples}`} group={group} number={i + 1} />
  ));
}
