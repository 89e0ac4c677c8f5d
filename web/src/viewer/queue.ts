/** Fetches frames a few at a time, the wanted ones first, and remembers for each whether it arrived whole. */
export type FrameFate = { state: 'ready' } | { state: 'failed'; fault: string };

/** Enough to fill a long line, few enough that what the reader turns to next does not wait behind the rest. */
const AT_ONCE = 12;

interface Waiting {
  key: string;
  isUrgent?: boolean;
  settle: ((fate: FrameFate) => void)[];
}

export class FrameQueue<Item extends { imageId: string }> {
  private readonly fates = new Map<string, FrameFate>();
  private readonly items = new Map<string, Item>();
  private readonly running = new Map<string, Waiting>();
  private urgent: Waiting[] = [];
  private background: string[] = [];
  private isClosed = false;
  private readonly load: (item: Item, isUrgent: boolean) => Promise<void>;
  private readonly faultOf: (error: unknown) => string;
  private readonly onChange: (item: Item, fate: FrameFate) => void;
  private readonly atOnce: number;

  constructor(options: {
    load: (item: Item, isUrgent: boolean) => Promise<void>;
    faultOf: (error: unknown) => string;
    onChange: (item: Item, fate: FrameFate) => void;
    atOnce?: number;
  }) {
    this.load = options.load;
    this.faultOf = options.faultOf;
    this.onChange = options.onChange;
    this.atOnce = options.atOnce ?? AT_ONCE;
  }

  fateOf(imageId: string): FrameFate | undefined {
    return this.fates.get(imageId);
  }

  /** Somebody is looking at the place of this frame: it goes before everything else, and a failed one is tried again. */
  want(item: Item, how: 'now' | 'soon' = 'now'): Promise<FrameFate> {
    const known = this.fates.get(item.imageId);
    if (known?.state === 'ready') return Promise.resolve(known);
    return new Promise((resolve) => {
      const running = this.running.get(item.imageId);
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
      this.pump();
    });
  }

  /** Replaces the whole plan of what to fetch quietly, in this order. */
  plan(items: readonly Item[]): void {
    for (const item of items) this.items.set(item.imageId, item);
    this.background = items.map((item) => item.imageId).filter((key) => !this.fates.has(key));
    this.pump();
  }

  close(): void {
    this.isClosed = true;
    this.urgent = [];
    this.background = [];
  }

  private next(): { waiting: Waiting; isUrgent: boolean } | null {
    /* The newest wish first: a reader who has scrolled on no longer waits for what they passed. */
    const wanted = this.urgent.pop();
    if (wanted) return { waiting: { ...wanted, isUrgent: true }, isUrgent: true };
    /* What somebody waits for has the line to itself: nothing quiet begins beside it. */
    if ([...this.running.values()].some((one) => one.isUrgent)) return null;
    let key = this.background.shift();
    while (key !== undefined && (this.running.has(key) || this.fates.has(key))) key = this.background.shift();
    return key === undefined ? null : { waiting: { key, settle: [] }, isUrgent: false };
  }

  private pump(): void {
    while (!this.isClosed && this.running.size < this.atOnce) {
      const next = this.next();
      if (!next) return;
      void this.run(next.waiting, next.isUrgent);
    }
  }

  private async run(waiting: Waiting, isUrgent: boolean): Promise<void> {
    const item = this.items.get(waiting.key);
    if (!item) return;
    this.running.set(waiting.key, waiting);
    let fate: FrameFate = { state: 'ready' };
    try {
      await this.load(item, isUrgent);
    } catch (error) {
      fate = { state: 'failed', fault: this.faultOf(error) };
    }
    this.running.delete(waiting.key);
    if (this.isClosed) return;
    this.fates.set(waiting.key, fate);
    this.onChange(item, fate);
    for (const settle of waiting.settle) settle(fate);
    this.pump();
  }
}

/** Indexes from the middle outwards: what the reader will reach first comes first. */
export function outward(middle: number, count: number): number[] {
  const order: number[] = [];
  for (let step = 0; order.length < count && step <= count; step += 1) {
    const [ahead, behind] = [middle + step, middle - step];
    if (ahead < count) order.push(ahead);
    if (step > 0 && behind >= 0) order.push(behind);
  }
  return order;
}
