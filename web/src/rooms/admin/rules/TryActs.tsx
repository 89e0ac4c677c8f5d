import { Button } from '@mantine/core';
import { useWords } from '@/words';

/** A changed table is tried on what was, or put back. */
export function TryActs(props: {
  trying: { isTrying: boolean; isChanged: boolean; onTry: () => Promise<void> };
  onReset: () => void;
}) {
  const r = useWords().request.rules;
  const { isTrying, isChanged, onTry } = props.trying;
  return (
    <div className="row">
      <Button loading={isTrying} disabled={!isChanged} onClick={() => void onTry()}>
        {r.preview}
      </Button>
      <Button variant="subtle" disabled={!isChanged} onClick={props.onReset}>
        {r.reset}
      </Button>
    </div>
  );
}
