/** What we use of the HTJ2K decoder; its package has no types. */
declare module '@cornerstonejs/codec-openjph/wasmjs' {
  interface FrameInfo {
    width: number;
    height: number;
    bitsPerSample: number;
    isSigned: boolean;
    componentCount: number;
  }

  /** Lives in the memory of the module until it is deleted; both buffers are views that the next call may move. */
  class HTJ2KDecoder {
    getEncodedBuffer(length: number): Uint8Array;
    decodeSubResolution(skip: number): void;
    getFrameInfo(): FrameInfo;
    getDecodedBuffer(): Uint8Array<ArrayBuffer>;
  }

  export default function createModule(options: {
    locateFile: (name: string) => string;
  }): Promise<{ HTJ2KDecoder: typeof HTJ2KDecoder }>;
}

declare module '@cornerstonejs/codec-openjph/wasm?url' {
  const address: string;
  export default address;
}
