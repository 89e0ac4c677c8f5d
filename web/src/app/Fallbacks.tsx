import { Button } from '@mantine/core';
import { Problem } from '@/api/problem';
import { Empty, problemText, Skeleton } from '@/ui/feedback';
import { useWords } from '@/words';

export const Waiting = () => <Skeleton rows={10} />;

export function Missing() {
  const words = useWords();
  return (
    <Empty title={words.problems.notFound}>
      <a href="/">{words.problems.toStart}</a>
    </Empty>
  );
}

export function Crashed({ error }: { error: unknown }) {
  const words = useWords();
  const text = error instanceof Problem ? problemText(error, words) : words.problems.crashed;
  return (
    <Empty title={words.problems.title}>
      {text}
      <br />
      <br />
      <Button onClick={() => window.location.reload()}>{words.problems.reload}</Button>
    </Empty>
  );
}
