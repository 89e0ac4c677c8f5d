/** Decodes HTJ2K off the main thread. One decoder for the life of the worker: a new one for each frame would never be freed. */

import wasmAddress from '@cornerstonejs/codec-openjph/wasm?url';
import createModule from '@cornerstonejs/codec-openjph/wasmjs';
import type { Decoded, DecodeJob } from './htj2k';

type Decoder = InstanceType<Awaited<ReturnType<typeof createModule>>['HTJ2KDecoder']>;

let ready: Promise<Decoder> | null = null;

function decoder(): Promise<Decoder> {
  ready ??= createModule({
    locateFile: (name: string) => (name.endsWith('.wasm') ? wasmAddress : name),
  }).then((module) => new module.HTJ2KDecoder());
  return ready;
}

/** Sizes are those of the decoded resolution: each skipped level halves them, rounding up (ITU-T T.800 B.5). */
async function decode({ bytes, skip }: DecodeJob): Promise<Omit<Decoded, 'id'>> {
  const one = await decoder();
  one.getEncodedBuffer(bytes.length).set(bytes);
  one.decodeSubResolution(skip);
  const { width, height, bitsPerSample, isSigned, componentCount } = one.getFrameInfo();
  const scale = 2 ** skip;
  return {
    pixels: one.getDecodedBuffer().slice(),
    columns: Math.ceil(width / scale),
    rows: Math.ceil(height / scale),
    bits: bitsPerSample,
    isSigned,
    samples: componentCount,
  };
}

/* The first frame should find a decoder that is awake. A failure is told to the frame that needs it. */
decoder().catch(() => undefined);

self.onmessage = async ({ data: job }: MessageEvent<DecodeJob>): Promise<void> => {
  try {
    const decoded = await decode(job);
    self.postMessage({ id: job.id, ...decoded }, { transfer: [decoded.pixels.buffer] });
  } catch (error) {
    self.postMessage({ id: job.id, error: String(error) });
  }
};
