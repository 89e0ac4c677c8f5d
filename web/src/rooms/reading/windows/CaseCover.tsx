import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { Cover } from '@/ui/Cover';
import { curtain, saveWork } from '@/ui/curtain';
import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import { whenNext } from './follow';
import type { CaseLink } from './link';
import { addressOf } from './opening';
import type { Blank } from './together';
import { takeOver, useTogether } from './useCaseLink';

function Mismatch({ blank, link }: { blank: Extract<Blank, { why: 'mismatch' }>; link: CaseLink }) {
  const c = useWords().windows.cover;
  const navigate = useNavigate();
  return (
    <>
      <p>{c.mismatchLead}</p>
      <p role="alert">
        <b>{blank.differs.map((one) => c.differs[one]).join('・')}</b>
      </p>
      <p>{c.mismatchNext}</p>
      <div className="row">
        <Button variant="filled" onClick={() => window.location.reload()}>
          {c.reload}
        </Button>
        {link.role === 'main' ? (
          <Button onClick={() => void navigate({ to: '/worklist' })}>{c.toWorklist}</Button>
        ) : (
          <Button onClick={() => window.close()}>{c.closeWindow}</Button>
        )}
      </div>
    </>
  );
}

/** The case is over here; the same reader's next one may come. */
function Closed({ blank, link }: { blank: Extract<Blank, { why: 'closed' }>; link: CaseLink }) {
  const c = useWords().windows.cover;
  const page = useTogether(link, (state) => state.mainPage);
  useEffect(() => {
    if (!page) return;
    return whenNext(page, link.identity.person, (reading) => {
      const go = (): void => window.location.replace(addressOf(reading, link.role));
      void saveWork().then(go);
    });
  }, [page, link]);
  return (
    <>
      {blank.how === 'lost' && <p>{c.lostLead}</p>}
      <p>{c.leftLead}</p>
      <div className="row">
        <Button variant="filled" onClick={() => window.close()}>
          {c.closeWindow}
        </Button>
      </div>
    </>
  );
}

function Gone({ link }: { link: CaseLink }) {
  const c = useWords().windows.cover;
  const [isSaved, setSaved] = useState(true);
  useEffect(() => {
    let isGone = false;
    void saveWork().then((all) => !isGone && setSaved(all));
    return () => {
      isGone = true;
    };
  }, []);
  return (
    <>
      <p>{c.goneLead}</p>
      {!isSaved && <p className="bad">{c.goneUnsaved}</p>}
      <div className="row">
        <Button
          variant="filled"
          onClick={() => window.open(addressOf(link.identity.reading, 'main'), '_blank')}
        >
          {c.reopen}
        </Button>
        <Button onClick={() => window.close()}>{c.closeWindow}</Button>
      </div>
    </>
  );
}

function Taken({ link }: { link: CaseLink }) {
  const c = useWords().windows.cover;
  return (
    <>
      <p>{c.takenLead}</p>
      <div className="row">
        <Button variant="filled" onClick={() => takeOver(link.identity.reading)}>
          {c.takeOver}
        </Button>
      </div>
    </>
  );
}

/** Why this window of a case shows nothing now, and how to go on. Nothing of the patient is said on it. */
export function CaseCover({ link }: { link: CaseLink | null }) {
  const c = useWords().windows.cover;
  const blank = useTogether(link, (state) => state.blank);
  const isAway = useStore(curtain, (state) => state.session !== null);
  /* Who is not there is asked first. */
  if (!link || !blank || isAway) return null;
  const title =
    blank.why === 'closed'
      ? { left: c.left, signed: c.signed, lost: c.lost }[blank.how]
      : { mismatch: c.mismatch, gone: c.gone, taken: c.taken }[blank.why];
  return (
    <Cover title={title} key={blank.why}>
      {blank.why === 'mismatch' && <Mismatch blank={blank} link={link} />}
      {blank.why === 'closed' && <Closed blank={blank} link={link} />}
      {blank.why === 'gone' && <Gone link={link} />}
      {blank.why === 'taken' && <Taken link={link} />}
    </Cover>
  );
}
