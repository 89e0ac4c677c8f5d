import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { usePerson } from '@/api/cache';
import type { HangingProtocol, HangingStage, SharedProtocol } from '@/api/contract';
import { hangingProtocols } from '@/api/hub';
import { act } from '@/ui/act';
import { confirm } from '@/ui/confirm';
import { tell } from '@/ui/feedback';
import { Tag } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { settings, useSettings } from '@/ui/settings';
import { whenText } from '@/ui/time';
import { DEFAULTS } from '@/viewer/hanging/defaults';
import { protocolName, sharedQuery } from '@/viewer/hanging/known';
import { savingStore } from '@/viewer/hanging/savingStore';
import { sharesOf } from '@/viewer/hanging/scenes';
import { ProtocolDialog } from '@/viewer/parts/ProtocolDialog';
import { useWords, type Words } from '@/words';
import { AdminPage } from './AdminPage';
import './admin.css';

interface Line {
  id: string;
  owner: 'mine' | 'shared' | 'default';
  protocol: HangingProtocol;
  shared: SharedProtocol | null;
  mine: number | null;
}

function setHidden(id: string, isHidden: boolean): void {
  settings.change((document) => {
    const rest = document.hanging.hidden.filter((one) => one !== id);
    return { ...document, hanging: { ...document.hanging, hidden: isHidden ? [...rest, id] : rest } };
  });
}

function linesOf(mine: readonly HangingProtocol[], shared: readonly SharedProtocol[]): Line[] {
  return [
    ...mine.map(
      (protocol, at): Line => ({ id: `mine.${at}`, owner: 'mine', protocol, shared: null, mine: at }),
    ),
    ...shared.map(
      (one): Line => ({
        id: `shared.${one.id}`,
        owner: 'shared',
        protocol: one.protocol,
        shared: one,
        mine: null,
      }),
    ),
    ...DEFAULTS.map(
      ({ id, protocol }): Line => ({ id, owner: 'default', protocol, shared: null, mine: null }),
    ),
  ];
}

function useRemove() {
  const words = useWords();
  const h = words.hanging;
  return async (line: Line): Promise<void> => {
    const body = line.shared ? h.removeShared : h.removeMine;
    const title = h.removeTitle(line.protocol.name);
    if ((await confirm({ title, body, confirm: h.remove, isGrave: true })) === null) return;
    const { shared } = line;
    if (shared) {
      await act('hanging', () => hangingProtocols.remove(shared.id), h.removed);
      return;
    }
    const gone = JSON.stringify(line.protocol);
    settings.change((document) => {
      const at = document.hanging.protocols.findIndex((one) => JSON.stringify(one) === gone);
      const protocols = document.hanging.protocols.filter((_, i) => i !== at);
      return { ...document, hanging: { ...document.hanging, protocols } };
    });
    tell(h.removed);
  };
}

function Acts({ line, isHidden, mayManage }: { line: Line; isHidden: boolean; mayManage: boolean }) {
  const words = useWords();
  const h = words.hanging;
  const remove = useRemove();
  const name = protocolName(line, words);
  const { protocol, shared, mine } = line;
  const mayChange = line.owner === 'mine' || (line.owner === 'shared' && mayManage);
  return (
    <>
      {line.owner !== 'mine' && (
        <Button
          variant="subtle"
          aria-label={`${isHidden ? h.show : h.hide}: ${name}`}
          onClick={() => setHidden(line.id, !isHidden)}
        >
          {isHidden ? h.show : h.hide}
        </Button>
      )}
      {mayChange && (
        <Button
          variant="subtle"
          aria-label={`${words.common.command.change}: ${name}`}
          onClick={() => savingStore.set({ editing: { protocol, shared, mine } })}
        >
          {words.common.command.change}
        </Button>
      )}
      {mayChange && (
        <Button variant="subtle" aria-label={`${h.remove}: ${name}`} onClick={() => void remove(line)}>
          {h.remove}
        </Button>
      )}
    </>
  );
}

/** Screen by screen. */
const layoutsOf = (stage: HangingStage, words: Words): string =>
  sharesOf(stage)
    .map(({ layout }) => words.viewer.layout[layout])
    .join(' ＋ ');

function Row({ line, isHidden, mayManage }: { line: Line; isHidden: boolean; mayManage: boolean }) {
  const words = useWords();
  const now = useNow();
  const h = words.hanging;
  const { when, stages } = line.protocol;
  return (
    <tr>
      <td>
        <b>{protocolName(line, words)}</b> {isHidden && <Tag>{h.hidden}</Tag>}
      </td>
      <td>{h.owner[line.owner]}</td>
      <td>{when.modalities.join(' ')}</td>
      <td className="wrap">{when.words.slice(0, 8).join('・')}</td>
      <td>{h.form.priorOf[when.prior]}</td>
      <td>{h.form.screensLeast(when.screens_least)}</td>
      <td className="num">{stages.map((one) => layoutsOf(one, words)).join(' → ')}</td>
      <td className="num muted">
        {line.shared && h.changedBy(line.shared.author, whenText(line.shared.saved_at, now, words.time))}
      </td>
      <td className="right">
        <Acts line={line} isHidden={isHidden} mayManage={mayManage} />
      </td>
    </tr>
  );
}

/** Every hanging protocol one has: changed, removed, or not used. */
export function Hanging() {
  const words = useWords();
  const h = words.hanging;
  const me = usePerson();
  const query = useQuery(sharedQuery);
  const own = useSettings(({ hanging }) => hanging);
  const mayManage = me.permissions.includes('hanging:manage');
  return (
    <AdminPage title={h.protocols} lead={h.lead} query={query}>
      {(shared) => (
        <>
          <table className="dense">
            <thead>
              <tr>
                <th>{h.form.name}</th>
                <th>{h.form.scope}</th>
                <th>{h.form.modalities}</th>
                <th>{h.form.words}</th>
                <th>{h.form.prior}</th>
                <th>{h.form.screens}</th>
                <th>{h.form.panes}</th>
                <th />
                <th>
                  <span className="sr">{words.common.command.change}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {linesOf(own.protocols, shared).map((line) => (
                <Row
                  key={line.id}
                  line={line}
                  isHidden={own.hidden.includes(line.id)}
                  mayManage={mayManage}
                />
              ))}
            </tbody>
          </table>
          <ProtocolDialog />
        </>
      )}
    </AdminPage>
  );
}
