import { Button, Group, Modal, Textarea } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useWords } from '@/words';
import { createStore, useStore } from './store';

interface Question {
  title: string;
  body: ReactNode;
  confirm: string;
  isGrave?: boolean;
  /** When set, a written answer is required and handed back. */
  ask?: string;
}

interface Asked extends Question {
  answer: (text: string | null) => void;
}

const asked = createStore<{ question: Asked | null }>({ question: null });

/** Resolves with the written reason (or an empty text) when confirmed, with null when not. */
export function confirm(question: Question): Promise<string | null> {
  return new Promise((resolve) => {
    asked.get().question?.answer(null);
    asked.set({ question: { ...question, answer: resolve } });
  });
}

function Ask({ question }: { question: Asked }) {
  const words = useWords();
  const [text, setText] = useState('');
  const finish = (answer: string | null): void => {
    asked.set({ question: null });
    question.answer(answer);
  };
  return (
    <Modal opened onClose={() => finish(null)} title={question.title} size="md">
      <div className="stack">
        <div>{question.body}</div>
        {question.ask && (
          <Textarea
            label={question.ask}
            required
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            data-autofocus
          />
        )}
        <Group justify="flex-end">
          <Button onClick={() => finish(null)}>{words.common.cancel}</Button>
          <Button
            variant="filled"
            color={question.isGrave ? 'red.8' : undefined}
            className={question.isGrave ? 'grave' : undefined}
            disabled={Boolean(question.ask) && !text.trim()}
            onClick={() => finish(text.trim())}
          >
            {question.confirm}
          </Button>
        </Group>
      </div>
    </Modal>
  );
}

export function ConfirmHost() {
  const question = useStore(asked, (state) => state.question);
  return question ? <Ask key={question.title} question={question} /> : null;
}
