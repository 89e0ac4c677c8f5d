/** How long an answer nobody has come for is kept. */
const KEPT_MS = 10_000;

/**
 * One kind of question, asked before whoever needs the answer is there to ask. Each answer is given out once; a question that was
 * refused, or never asked, is asked by whoever needs it.
 */
export class Early<Value> {
  private readonly begun = new Map<string | number, Promise<Value>>();

  begin(about: string | number, ask: () => Promise<Value>): void {
    if (this.begun.has(about)) return;
    const answer = ask();
    this.begun.set(about, answer);
    const forget = (): void => {
      if (this.begun.get(about) === answer) this.begun.delete(about);
    };
    answer.then(() => setTimeout(forget, KEPT_MS), forget);
  }

  /** Asked already, and not given out yet. */
  has(about: string | number): boolean {
    return this.begun.has(about);
  }

  take(about: string | number, ask: () => Promise<Value>): Promise<Value> {
    const answer = this.begun.get(about);
    this.begun.delete(about);
    return answer?.catch(ask) ?? ask();
  }

  /** The early answer, or nothing: whoever asks does not ask anew in the same way. */
  async claim(about: string | number): Promise<Value | null> {
    const answer = this.begun.get(about);
    this.begun.delete(about);
    return (await answer?.catch(() => null)) ?? null;
  }
}
