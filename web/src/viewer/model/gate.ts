/**
 * One case at a time. Opening a case closes the one before; whatever was still under way for it is aborted, and if it answers
 * anyway its answer is dropped, so that nothing of one patient can appear under the banner of another.
 */
export class CaseGate {
  private latest: CaseToken | null = null;

  open(): CaseToken {
    this.latest?.close();
    this.latest = new CaseToken();
    return this.latest;
  }
}

/** Never settles: an answer for a closed case must reach neither `then` nor `catch`. */
const NEVER = new Promise<never>(() => undefined);

export class CaseToken {
  private readonly aborter = new AbortController();

  get signal(): AbortSignal {
    return this.aborter.signal;
  }

  get isOpen(): boolean {
    return !this.aborter.signal.aborted;
  }

  close(): void {
    this.aborter.abort();
  }

  async keep<Answer>(answer: Promise<Answer>): Promise<Answer> {
    try {
      const settled = await answer;
      return this.isOpen ? settled : await NEVER;
    } catch (error) {
      if (!this.isOpen) return NEVER;
      throw error;
    }
  }
}
