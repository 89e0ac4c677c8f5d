import { describe, expect, it, vi } from 'vitest';
import { CaseGate } from './gate';

const later = <Value>(value: Value, ms: number): Promise<Value> =>
  new Promise((resolve) => setTimeout(() => resolve(value), ms));

describe('one case at a time', () => {
  it('drops the slow answer of the case before', async () => {
    vi.useFakeTimers();
    const gate = new CaseGate();
    const shown: string[] = [];
    const open = (patient: string, ms: number): void => {
      const token = gate.open();
      void token.keep(later(patient, ms)).then((answer) => shown.push(answer));
    };

    open('山田', 500);
    open('鈴木', 50);
    await vi.advanceTimersByTimeAsync(1000);

    expect(shown).toEqual(['鈴木']);
    vi.useRealTimers();
  });

  it('drops the late failure too: no error of one case under the name of another', async () => {
    vi.useFakeTimers();
    const gate = new CaseGate();
    const troubles: unknown[] = [];
    const first = gate.open();
    const failing = later(null, 100).then(() => Promise.reject(new Error('gone')));
    void first.keep(failing).catch((error: unknown) => troubles.push(error));

    gate.open();
    await vi.advanceTimersByTimeAsync(200);

    expect(troubles).toEqual([]);
    vi.useRealTimers();
  });

  it('aborts what is under way when the next case opens', () => {
    const gate = new CaseGate();
    const first = gate.open();
    const second = gate.open();

    expect(first.signal.aborted).toBe(true);
    expect(second.isOpen).toBe(true);
  });
});
