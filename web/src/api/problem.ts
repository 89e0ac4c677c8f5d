/** An answer of the hub that says no, or no answer at all. `detail` is a Japanese sentence fit to show. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, detail: string, body: Record<string, unknown> = {}) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.body = body;
  }

  /** True when the hub could not be reached or is unwell: the same act may be tried again. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

export const isProblem = (error: unknown, code?: string): error is Problem =>
  error instanceof Problem && (code === undefined || error.code === code);

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Reads an answer that is not 2xx. Understands problem+json and falls back to the status alone. */
export async function problemFrom(answer: Response): Promise<Problem> {
  const body = asRecord(await answer.json().catch(() => null));
  const code = typeof body.code === 'string' ? body.code : `http.${answer.status}`;
  const detail = typeof body.detail === 'string' ? body.detail : '';
  return new Problem(answer.status, code, detail, body);
}
