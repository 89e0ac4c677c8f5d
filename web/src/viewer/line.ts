/** How fast the line is, as far as the frames that came tell; and how much may be on its way at once. */

/** Until something has come: 20 Mbit/s, a modest home line. */
const FIRST_GUESS = 2500;
const WINDOW_MS = 200;
const LEAST_BYTES = 32_768;
/** What is on its way must not keep the next wish waiting longer than this. */
const AHEAD_MS = 150;
const LEAST_AHEAD = 128 * 1024;
const MOST_AHEAD = 4 * 1024 * 1024;
/** A single picture that takes longer than this is shown coarse first. */
const PICTURE_MS = 100;
/** Stacks that come sooner than this whole need no coarse pictures first. */
const SOON_MS = 1500;

export class LineMeter {
  private bytesPerMs = FIRST_GUESS;
  private isMeasured = false;
  private onTheWay = 0;
  private since = 0;
  private bytes = 0;

  begin(at: number): void {
    if (this.onTheWay === 0) this.restart(at);
    this.onTheWay += 1;
  }

  /** So many bytes of something that was begun. */
  came(at: number, bytes: number): void {
    this.bytes += bytes;
    if (at - this.since >= WINDOW_MS) this.judge(at);
  }

  end(at: number): void {
    this.onTheWay -= 1;
    if (this.onTheWay === 0) this.judge(at);
  }

  private restart(at: number): void {
    this.since = at;
    this.bytes = 0;
  }

  /** A line that has become slow is believed at once, one that has become faster by halves. */
  private judge(at: number): void {
    const ms = at - this.since;
    if (this.bytes >= LEAST_BYTES && ms > 0) {
      const rate = this.bytes / ms;
      const isNews = !this.isMeasured || rate < this.bytesPerMs / 2;
      this.bytesPerMs = isNews ? rate : (this.bytesPerMs + rate) / 2;
      this.isMeasured = true;
    }
    if (this.bytes >= LEAST_BYTES || this.onTheWay === 0) this.restart(at);
  }

  /** Megabits a second, once something was measured. */
  get mbit(): number | null {
    return this.isMeasured ? (this.bytesPerMs * 8) / 1000 : null;
  }

  /** Bytes that may be on their way at once without making a new wish wait. */
  get aheadBytes(): number {
    return Math.min(MOST_AHEAD, Math.max(LEAST_AHEAD, this.bytesPerMs * AHEAD_MS));
  }

  /** Whether a stack of so many bytes takes long enough that coarse pictures of it are worth their requests. */
  isSlowForStack(bytes: number): boolean {
    return bytes / this.bytesPerMs > SOON_MS;
  }

  isSlowForPicture(bytes: number): boolean {
    return bytes / this.bytesPerMs > PICTURE_MS;
  }
}

/** One line, however many cases are read over it. */
export const line = new LineMeter();
