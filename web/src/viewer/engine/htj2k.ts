/** HTJ2K decoding by a few workers; each frame goes to the one with the least to do. */
import { FrameError } from './fault';

export interface DecodeJob {
  id: number;
  bytes: Uint8Array<ArrayBuffer>;
  /** Resolutions left out at the top: 0 decodes everything. */
  skip: number;
}

export interface Decoded {
  id: number;
  /** Samples as they were stored, little endian, 1 or 2 bytes each. */
  pixels: Uint8Array<ArrayBuffer>;
  rows: number;
  columns: number;
  bits: number;
  isSigned: boolean;
  samples: number;
}

type Answer = Decoded | { id: number; error: string };

interface Bench {
  worker: Worker;
  waiting: Map<number, { resolve: (decoded: Decoded) => void; reject: (error: FrameError) => void }>;
}

const HTJ2K = /^1\.2\.840\.10008\.1\.2\.4\.20[123]$/;

export const isHtj2k = (syntax: string): boolean => HTJ2K.test(syntax);

const MOST_WORKERS = 4;
const benches: Bench[] = [];
let lastId = 0;

function newBench(): Bench {
  const worker = new Worker(new URL('./htj2k.worker.ts', import.meta.url), { type: 'module' });
  const bench: Bench = { worker, waiting: new Map() };
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    const waiting = bench.waiting.get(data.id);
    bench.waiting.delete(data.id);
    if ('error' in data) waiting?.reject(new FrameError('undecodable'));
    else waiting?.resolve(data);
  };
  /* A worker that died takes what it had with it; the next frame gets a new one. */
  worker.onerror = () => {
    benches.splice(benches.indexOf(bench), 1);
    worker.terminate();
    for (const { reject } of bench.waiting.values()) reject(new FrameError('undecodable'));
  };
  benches.push(bench);
  return bench;
}

function leastBusy(): Bench {
  const most = Math.min(MOST_WORKERS, Math.max(1, (navigator.hardwareConcurrency || 2) - 1));
  const [best] = [...benches].sort((a, b) => a.waiting.size - b.waiting.size);
  return best && (best.waiting.size === 0 || benches.length >= most) ? best : newBench();
}

/** Wakes a decoder before the first frame comes. */
export function wakeDecoder(): void {
  if (benches.length === 0) newBench();
}

/** Rejects with a FrameError when the code stream cannot be decoded. The bytes are copied, not taken. */
export function decodeHtj2k(bytes: Uint8Array<ArrayBuffer>, skip = 0): Promise<Decoded> {
  const bench = leastBusy();
  lastId += 1;
  const job: DecodeJob = { id: lastId, bytes, skip };
  return new Promise((resolve, reject) => {
    bench.waiting.set(job.id, { resolve, reject });
    bench.worker.postMessage(job);
  });
}
