import { Button, Modal } from '@mantine/core';
import { tell } from '@/ui/feedback';
import { useWords } from '@/words';

/** A secret that is shown this one time. It can be copied, and is gone when the dialog closes. */
export function Once(props: {
  title: string;
  lead: string;
  secret: string;
  note?: string;
  onClose: () => void;
}) {
  const words = useWords();
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(props.secret);
    tell(words.common.copied);
  };
  return (
    <Modal opened onClose={props.onClose} title={props.title} closeOnClickOutside={false} size="lg">
      <div className="stack">
        <p style={{ margin: 0 }}>{props.lead}</p>
        <code className="secret-box">{props.secret}</code>
        {props.note && <span className="muted">{props.note}</span>}
        <div className="row">
          {navigator.clipboard && <Button onClick={() => void copy()}>{words.common.copy}</Button>}
          <Button variant="filled" onClick={props.onClose}>
            {words.common.close}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
