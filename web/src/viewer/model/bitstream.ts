/** Does a compressed frame end where it should? Some decoders fill what is missing with black and say nothing. */

/** Transfer syntaxes whose code stream ends with the marker FF D9 (JPEG, JPEG-LS, JPEG 2000, HTJ2K). */
const ENDS_WITH_MARKER = /^1\.2\.840\.10008\.1\.2\.4\.(50|51|57|70|80|81|90|91|201|202|203)$/;

/**
 * True when a code stream lacks its end marker. Padding zeros after the marker are allowed (PS3.5 A.4). Uncompressed frames are
 * judged by their length after decoding, not here.
 */
export function endsTooEarly(bytes: Uint8Array, syntax: string): boolean {
  if (!ENDS_WITH_MARKER.test(syntax)) return false;
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end < 2 || bytes[end - 2] !== 0xff || bytes[end - 1] !== 0xd9;
}
