import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { queries } from '@/api/cache';
import type { Launch } from '@/api/contract';
import { launches } from '@/api/hub';
import { Cover } from '@/ui/Cover';
import { curtain, drawCurtain, saveWork } from '@/ui/curtain';
import { Trouble } from '@/ui/feedback';
import { useStore } from '@/ui/store';
import { fullText } from '@/ui/time';
import { useWords } from '@/words';
import type { Launching } from './launching';

function Both({ launch }: { launch: Launch }) {
  const words = useWords();
  const c = words.launch.cover;
  return (
    <table className="elsewhere" role="alert">
      <thead>
        <tr>
          <td />
          <th scope="col">{c.here}</th>
          <th scope="col">{c.there}</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">{c.name}</th>
          <td>{launch.patient_name}</td>
          <td className="muted">{c.nameUntold}</td>
        </tr>
        <tr className={launch.differs.includes('patient') ? 'bad' : ''}>
          <th scope="row">{c.patientId}</th>
          <td className="num">{launch.patient_id}</td>
          <td className="num">{launch.shown_patient_id || c.nothing}</td>
        </tr>
        <tr className={launch.differs.includes('study') ? 'bad' : ''}>
          <th scope="row">{c.studyUid}</th>
          <td className="num">
            {launch.study_at && <div>{fullText(launch.study_at)}</div>}
            <small>{launch.study_instance_uid}</small>
          </td>
          <td className="num">
            <small>{launch.shown_study_uid || c.nothing}</small>
          </td>
        </tr>
      </tbody>
    </table>
  );
}

function Another({ launch }: { launch: Launch }) {
  const c = useWords().launch.cover;
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    drawCurtain({ viewer: true });
    void saveWork();
    return () => drawCurtain({ viewer: false });
  }, []);
  const clear = async (): Promise<void> => {
    setError(null);
    try {
      await launches.clear(launch.id, launch.revision);
    } catch (fault) {
      setError(fault);
    } finally {
      void queries.invalidateQueries({ queryKey: ['launches'] });
    }
  };
  return (
    <Cover title={launch.differs.includes('patient') ? c.patient : c.study} isGrave>
      <p>{c.lead(launch.viewer)}</p>
      <Both launch={launch} />
      <p>{c.next}</p>
      {error !== null && <Trouble error={error} />}
      <div className="row">
        <Button variant="filled" onClick={() => void clear()}>
          {c.cleared(launch.viewer)}
        </Button>
      </div>
    </Cover>
  );
}

/** A certified viewer opened for this case says that it shows somebody else: nothing goes on here until it was looked at. */
export function ElsewhereCover({ launching }: { launching: Launching }) {
  const { another } = launching;
  /* Who is not there is asked first, and windows that do not agree say so themselves. */
  const isOther = useStore(curtain, ({ session, room }) => session !== null || room);
  return another && !isOther ? <Another launch={another} key={another.id} /> : null;
}
