import { useEffect, useState } from 'react';
import { reach } from '@/api/client';
import { useWords } from '@/words';
import type { DocumentSource } from '../model/documents';
import { useAsked } from './useAsked';

/** Drawn by the hub, behind the walls of its decoders: the document itself, its links and its scripts never reach the browser. */
async function pageOf(address: string, number: number, signal: AbortSignal) {
  const answer = await reach(`${address}/frames/${number}/rendered`, {
    headers: { Accept: 'image/png' },
    cache: 'no-store',
    signal,
  });
  if (!answer.ok) throw new Error(`The page was not given: ${answer.status}.`);
  return { blob: await answer.blob(), pages: Number(answer.headers.get('Dokuei-Pages') ?? 1) };
}

function Page({
  address,
  number,
  onPages,
}: {
  address: string;
  number: number;
  onPages: (n: number) => void;
}) {
  const d = useWords().pictures.document;
  const { answer, fault, again } = useAsked(
    (signal) => pageOf(address, number, signal),
    `${address}/${number}`,
  );
  const [url, setUrl] = useState('');
  useEffect(() => {
    if (!answer) return;
    onPages(answer.pages);
    const made = URL.createObjectURL(answer.blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [answer, onPages]);
  if (fault)
    return (
      <p role="alert">
        {d.failed}{' '}
        <button type="button" onClick={again}>
          {d.retry}
        </button>
      </p>
    );
  if (!url) return <p>{d.reading}</p>;
  return <img className="pdf-page" src={url} alt={d.page(number)} draggable={false} />;
}

export function PdfPages({ source }: { source: DocumentSource }) {
  const d = useWords().pictures.document;
  const [pages, setPages] = useState(1);
  return (
    <>
      <p className="pdf-count">{d.pages(pages)}</p>
      {Array.from({ length: pages }, (_, i) => i + 1).map((number) => (
        <Page key={number} address={source.address} number={number} onPages={setPages} />
      ))}
    </>
  );
}
