import { Button } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { queries } from '@/api/cache';
import type { RequestIn, RequestOut } from '@/api/contract';
import { requests } from '@/api/hub';
import { confirm } from '@/ui/confirm';
import { tell, tellProblem } from '@/ui/feedback';
import { useWords } from '@/words';
import { contentOf } from './blank';
import { RequestForm } from './RequestForm';

/** A request that was sent says something else from now on; patient and studies stay as they are. */
export function Changing({ request, onDone }: { request: RequestOut; onDone: () => void }) {
  const words = useWords();
  const c = words.request.change;
  const [first] = useState(() => ({ ...contentOf(request), stated: null }));
  const [revision] = useState(request.revision);
  const [content, setContent] = useState<RequestIn>(first);
  const [isBusy, setBusy] = useState(false);
  const isOver = useRef(false);
  const isChanged = JSON.stringify(content) !== JSON.stringify(first);
  const mayLeave = async (): Promise<boolean> => {
    if (isOver.current || !isChanged) return true;
    return (await confirm({ title: c.discardTitle, body: c.discardLead, confirm: c.discard })) !== null;
  };
  useBlocker({
    enableBeforeUnload: () => isChanged && !isOver.current,
    shouldBlockFn: async () => !(await mayLeave()),
  });
  const send = async (): Promise<void> => {
    setBusy(true);
    try {
      await requests.change(request.id, content, revision);
      isOver.current = true;
      tell(c.done);
      await queries.invalidateQueries({ queryKey: ['request', request.id] });
      void queries.invalidateQueries({ queryKey: ['requests'] });
      onDone();
    } catch (error) {
      tellProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const leave = async (): Promise<void> => {
    if (await mayLeave()) onDone();
  };
  const draft = { content, change: (part: Partial<RequestIn>) => setContent((now) => ({ ...now, ...part })) };
  return (
    <div className="request-layout">
      <RequestForm draft={draft} request={request} />
      <aside className="request-side">
        <p className="note">{c.lead}</p>
        {request.revision !== revision && (
          <p className="note amber" role="alert">
            {c.stale}
          </p>
        )}
        <Button
          variant="filled"
          size="sm"
          loading={isBusy}
          disabled={!isChanged || request.revision !== revision}
          onClick={() => void send()}
        >
          {c.send}
        </Button>
        <Button size="sm" onClick={() => void leave()}>
          {words.common.cancel}
        </Button>
      </aside>
    </div>
  );
}
