import { Button, Textarea } from '@mantine/core';
import { useRef, useState } from 'react';
import { askBacks } from '@/api/askbacks';
import type { AskBack } from '@/api/contract';
import { tell, tellProblem } from '@/ui/feedback';
import { useWords } from '@/words';
import { refreshAskBacks } from './useAskBacks';

/** One tap on an option answers; words are sent with their own button, and stay when the sending failed. */
export function AnswerBox({ one }: { one: AskBack }) {
  const a = useWords().askBacks;
  const [text, setText] = useState('');
  const [isBusy, setBusy] = useState(false);
  const isUnderWay = useRef(false);
  if (!one.acts.includes('answer')) return null;
  const answer = async (given: { option: string; text: string }): Promise<void> => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    setBusy(true);
    try {
      await askBacks.answer(one.id, given);
      setText('');
      tell(a.answerSent);
    } catch (error) {
      tellProblem(error);
    } finally {
      isUnderWay.current = false;
      setBusy(false);
    }
    await refreshAskBacks();
  };
  return (
    <div className="answer-box">
      {one.options.length > 0 && (
        <fieldset>
          <legend>{a.choose}</legend>
          <div className="answer-options">
            {one.options.map((option) => (
              <Button
                key={option}
                size="md"
                disabled={isBusy}
                onClick={() => void answer({ option, text: '' })}
              >
                {option}
              </Button>
            ))}
          </div>
        </fieldset>
      )}
      <div className="answer-words">
        <Textarea
          label={a.words}
          autosize
          minRows={1}
          maxLength={1000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button
          disabled={!text.trim() || isBusy}
          onClick={() => void answer({ option: '', text: text.trim() })}
        >
          {a.sendAnswer}
        </Button>
      </div>
    </div>
  );
}
