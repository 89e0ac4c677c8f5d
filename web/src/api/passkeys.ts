/** WebAuthn with the JSON shapes of the hub: base64url text on the wire, bytes in the browser. */
export function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const plain = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

export function base64url(buffer: ArrayBuffer): string {
  const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('');
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

interface DescriptorJson {
  id: string;
  type: 'public-key';
  transports?: AuthenticatorTransport[];
}

interface CreationJson
  extends Omit<PublicKeyCredentialCreationOptions, 'challenge' | 'user' | 'excludeCredentials'> {
  challenge: string;
  user: { id: string; name: string; displayName: string };
  excludeCredentials?: DescriptorJson[];
}

interface RequestJson extends Omit<PublicKeyCredentialRequestOptions, 'challenge' | 'allowCredentials'> {
  challenge: string;
  allowCredentials?: DescriptorJson[];
}

export const passkeysWork = (): boolean =>
  typeof PublicKeyCredential !== 'undefined' && window.isSecureContext;

const descriptors = (list: DescriptorJson[] = []): PublicKeyCredentialDescriptor[] =>
  list.map((one) => ({ ...one, id: bytesOf(one.id) }));

/** The hub wraps the options once more under `publicKey`; both shapes are taken. */
const unwrap = <Json>(options: unknown): Json =>
  ((options as { publicKey?: Json }).publicKey ?? options) as Json;

export async function createPasskey(options: unknown): Promise<unknown> {
  const json = unwrap<CreationJson>(options);
  const credential = (await navigator.credentials.create({
    publicKey: {
      ...json,
      challenge: bytesOf(json.challenge),
      user: { ...json.user, id: bytesOf(json.user.id) },
      excludeCredentials: descriptors(json.excludeCredentials),
    },
  })) as PublicKeyCredential | null;
  if (!credential) throw new Error('No passkey was made.');
  const response = credential.response as AuthenticatorAttestationResponse;
  return {
    id: credential.id,
    rawId: base64url(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      clientDataJSON: base64url(response.clientDataJSON),
      attestationObject: base64url(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

export async function provePasskey(options: unknown): Promise<unknown> {
  const json = unwrap<RequestJson>(options);
  const credential = (await navigator.credentials.get({
    publicKey: {
      ...json,
      challenge: bytesOf(json.challenge),
      allowCredentials: descriptors(json.allowCredentials),
    },
  })) as PublicKeyCredential | null;
  if (!credential) throw new Error('No passkey was used.');
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    id: credential.id,
    rawId: base64url(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      clientDataJSON: base64url(response.clientDataJSON),
      authenticatorData: base64url(response.authenticatorData),
      signature: base64url(response.signature),
      userHandle: response.userHandle ? base64url(response.userHandle) : null,
    },
  };
}
