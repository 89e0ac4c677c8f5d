export type FrameFault = 'refused' | 'unreachable' | 'undecodable' | 'incomplete';

/** Why a frame cannot be shown. */
export class FrameError extends Error {
  readonly fault: FrameFault;

  constructor(fault: FrameFault) {
    super(fault);
    this.name = 'FrameError';
    this.fault = fault;
  }
}
