/** Fetches frames a few at a time, the wanted ones first, and remembers for each whether it arrived whole. */
export type FrameFate = { state: 'ready' } | { state: 'failed'; fault: string };

/** Requests that are on their way at most, however small each is. */
const AT_ONCE = 12;
/** Below this many, size does not matter: one is being decoded while the next is on the line. */
const LEAST_AT_ONCE = 2;

export interface Asked {
  isUrgent: boolean;
  /** Aborted when nobody waits for it any more. */
  signal: AbortSignal;
}

interface Waiting {
  key: string;
  isUrgent?: boolean;
  settle: ((fate: FrameFate) => void)[];
  end?: AbortController;
}

export interface QueueOptions<Item> {
  load: (item: Item, how: Asked) => Promise<void>;
  faultOf: (error: unknown) => string;
  onChange: (item: Item, fate: FrameFate) => void;
  atOnce?: number;
  /** Bytes an item takes, and how many may be on their way at once. */
  sizeOf?: (item: Item) => number;
  aheadBytes?: () => number;
  /** Whether so many bytes on their way would keep somebody waiting who looks at something else now. */
  isInTheWay?: (bytes: number) => boolean;
  /** After how many milliseconds a frame that failed so for the nth time is asked for again; null: it has failed. */
  againAfter?: (fault: string, failures: number) => number | null;
  /** Hears whether anything is on its way, each time that may have changed. */
  onPace?: (isBusy: boolean) => void;
}

export class FrameQueue<Item extends { imageId: string }> {
  private readonly fates = new Map<string, FrameFate>();
  private readonly items = new Map<string, Item>();
  private readonly running = new Map<string, Waiting>();
  /** What failed on a fault that passes, until it is asked for again; who waits for it goes on waiting. */
  private readonly resting = new Map<string, { waiting: Waiting; timer: ReturnType<typeof setTimeout> }>();
  /** How often each has failed on a fault that passes, since it last came or was given up. */
  private readonly failures = new Map<string, number>();
  private urgent: Waiting[] = [];
  private background: string[] = [];
  private isClosed = false;
  private readonly options: QueueOptions<Item>;

  constructor(options: QueueOptions<Item>) {
    this.options = options;
  }

  fateOf(imageId: string): FrameFate | undefined {
    return this.fates.get(imageId);
  }

  isRunning(imageId: string): boolean {
    return this.running.has(imageId);
  }

  /** Somebody is looking at the place of this frame: it goes before everything else, and a failed one is tried again. */
  want(item: Item, how: 'now' | 'soon' = 'now'): Promise<FrameFate> {
    const known = this.fates.get(item.imageId);
    if (known?.state === 'ready') return Promise.resolve(known);
    return new Promise((resolve) => {
      const running = this.running.get(item.imageId) ?? this.resting.get(item.imageId)?.waiting;
      if (running) {
        running.isUrgent = true;
        running.settle.push(resolve);
        return;
      }
      this.items.set(item.imageId, item);
      const waiting = this.urgent.find((one) => one.key === item.imageId);
      if (waiting) waiting.settle.push(resolve);
      else if (how === 'now') this.urgent.push({ key: item.imageId, settle: [resolve] });
      else this.urgent.unshift({ key: item.imageId, settle: [resolve] });
      if (how === 'now') this.clearTheWay();
      this.pump();
    });
  }

  /** The one who looked has moved on. Unless somebody else waits for it too, it gives up its place, and the line if it had it. */
  release(imageId: string): void {
    this.urgent = this.urgent.filter(({ key, settle }) => key !== imageId || settle.length > 1);
    const resting = this.resting.get(imageId)?.waiting;
    if (resting && resting.settle.length <= 1) resting.settle = [];
    const running = this.running.get(imageId);
    if (!running?.isUrgent || running.settle.length > 1) return;
    running.settle = [];
    running.end?.abort();
  }

  /** Replaces the whole plan of what to fetch quietly, in this order. */
  plan(items: readonly Item[]): void {
    for (const item of items) this.items.set(item.imageId, item);
    this.background = items.map((item) => item.imageId).filter((key) => !this.fates.has(key));
    this.pump();
  }

  /** Nothing more is fetched, and what is on its way is given up. */
  close(): void {
    this.isClosed = true;
    this.urgent = [];
    this.background = [];
    for (const { end } of this.running.values()) end?.abort();
    for (const { timer } of this.resting.values()) clearTimeout(timer);
    this.resting.clear();
  }

  private next(): { waiting: Waiting; isUrgent: boolean } | null {
    /* The newest wish first: a reader who has scrolled on no longer waits for what they passed. */
    const wanted = this.urgent.pop();
    if (wanted) return { waiting: { ...wanted, isUrgent: true }, isUrgent: true };
    /* What somebody waits for has the line to itself: nothing quiet begins beside it. */
    if ([...this.running.values()].some((one) => one.isUrgent) || !this.hasRoom()) return null;
    let key = this.background.shift();
    while (key !== undefined && this.isSeenTo(key)) key = this.background.shift();
    return key === undefined ? null : { waiting: { key, settle: [] }, isUrgent: false };
  }

  private isSeenTo(key: string): boolean {
    return this.running.has(key) || this.fates.has(key) || this.resting.has(key);
  }

  private bytesOf(keys: Iterable<string>): number {
    const items = [...keys].flatMap((key) => this.items.get(key) ?? []);
    return items.reduce((sum, item) => sum + (this.options.sizeOf?.(item) ?? 0), 0);
  }

  private hasRoom(): boolean {
    const { aheadBytes } = this.options;
    return (
      !aheadBytes || this.running.size < LEAST_AT_ONCE || this.bytesOf(this.running.keys()) < aheadBytes()
    );
  }

  /** On a slow line what is fetched quietly stops while somebody waits, and goes on afterwards where it stopped. */
  private clearTheWay(): void {
    const quiet = [...this.running.values()].filter((one) => !one.isUrgent);
    if (!this.options.isInTheWay?.(this.bytesOf(quiet.map(({ key }) => key)))) return;
    for (const { end } of quiet) end?.abort();
  }

  private pump(): void {
    while (!this.isClosed && this.running.size < (this.options.atOnce ?? AT_ONCE)) {
      const next = this.next();
      if (!next) break;
      void this.run(next.waiting, next.isUrgent);
    }
    if (!this.isClosed) this.options.onPace?.(this.running.size > 0);
  }

  private async run(waiting: Waiting, isUrgent: boolean): Promise<void> {
    const item = this.items.get(waiting.key);
    if (!item) return;
    const end = new AbortController();
    waiting.end = end;
    this.running.set(waiting.key, waiting);
    let fate: FrameFate | null = { state: 'ready' };
    try {
      await this.options.load(item, { isUrgent, signal: end.signal });
    } catch (error) {
      fate = end.signal.aborted ? null : { state: 'failed', fault: this.options.faultOf(error) };
    }
    this.running.delete(waiting.key);
    if (this.isClosed) return;
    if (fate === null) this.again(waiting);
    else if (!this.rest(waiting, fate)) this.settle(item, waiting, fate);
    this.pump();
  }

  /** A line that stumbles is no lost image: what failed so is asked for again a little later, before anybody is told. */
  private rest(waiting: Waiting, fate: FrameFate): boolean {
    if (fate.state !== 'failed') return false;
    const { key } = waiting;
    const failures = (this.failures.get(key) ?? 0) + 1;
    const wait = this.options.againAfter?.(fate.fault, failures) ?? null;
    if (wait === null) return false;
    this.failures.set(key, failures);
    const timer = setTimeout(() => {
      this.resting.delete(key);
      if (waiting.settle.length > 0) this.urgent.push({ key, settle: waiting.settle });
      else this.background.unshift(key);
      this.pump();
    }, wait);
    this.resting.set(key, { waiting, timer });
    return true;
  }

  private settle(item: Item, waiting: Waiting, fate: FrameFate): void {
    this.failures.delete(waiting.key);
    this.fates.set(waiting.key, fate);
    this.options.onChange(item, fate);
    for (const settle of waiting.settle) settle(fate);
  }

  /** It was given up. Whoever has asked for it since, while it was ending, still gets it. */
  private again(waiting: Waiting): void {
    if (waiting.settle.length > 0) this.urgent.push({ key: waiting.key, settle: waiting.settle });
    else if (!waiting.isUrgent) this.background.unshift(waiting.key);
  }
}
