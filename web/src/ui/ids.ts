/** 128 random bits in words that go anywhere. Also where the page did not come over https, which `crypto.randomUUID` refuses. */
export const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
