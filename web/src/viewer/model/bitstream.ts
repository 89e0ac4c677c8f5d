/** Does a compressed frame end where it should? Some decoders fill what is missing with black and say nothing. */

/** Transfer syntaxes whose code stream ends with the marker FF D9 (JPEG, JPEG-LS, JPEG 2000, HTJ2K). */
const ENDS_WITH_MARKER = /^1\.2\.840\.10008\.1\.2\.4\.(50|51|57|70|80|81|90|91|201|202|203)$/;
const HEADER_BYTES = 1024;
const TAIL_BYTES = 256;

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/**
 * True when a multipart answer with one frame (PS3.18 8.7.3) carries a code stream without its end marker. Padding zeros after the
 * marker are allowed (PS3.5 A.4). Uncompressed frames are judged by their length after decoding, not here.
 */
export function isCutShort(answer: ArrayBuffer): boolean {
  const bytes = new Uint8Array(answer);
  const header = latin1(bytes.subarray(0, HEADER_BYTES)).split('\r\n\r\n')[0] ?? '';
  const syntax = /transfer-syntax="?([0-9.]+)/i.exec(header)?.[1] ?? '';
  if (!ENDS_WITH_MARKER.test(syntax)) return false;
  const tailFrom = Math.max(0, bytes.length - TAIL_BYTES);
  const boundary = latin1(bytes.subarray(tailFrom)).lastIndexOf('\r\n--');
  let end = boundary < 0 ? bytes.length : tailFrom + boundary;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end < 2 || bytes[end - 2] !== 0xff || bytes[end - 1] !== 0xd9;
}
