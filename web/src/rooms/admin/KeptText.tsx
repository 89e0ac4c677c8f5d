import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Skeleton, Trouble } from '@/ui/feedback';
import { useWords } from '@/words';
import './admin.css';

interface Props {
  name: readonly (string | number)[];
  ask: () => Promise<{ text: string }>;
  onClose: () => void;
}

/** What a machine sent, as it came. Asked for only when somebody wants to see it: looking leaves a trace. */
export function KeptText({ name, ask, onClose }: Props) {
  const h = useWords().hl7;
  const { data, error, isPending } = useQuery({
    queryKey: name,
    queryFn: ask,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Modal opened onClose={onClose} title={h.text} size="xl">
      <p className="muted">{h.textLead}</p>
      {error && <Trouble error={error} />}
      {isPending && <Skeleton rows={3} />}
      {data && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
        <pre className="hl7-text" tabIndex={0}>
          {data.text}
        </pre>
      )}
    </Modal>
  );
}
