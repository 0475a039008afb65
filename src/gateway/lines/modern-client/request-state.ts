// Seals what a client carries for us between two requests, so that it can neither read nor change it: hostile input on return.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** What a `requestState` says about the call that it stands for. */
export interface RequestState {
  /** Names the call that is parked; absent where the server has not begun, so that the request is made again. */
  readonly handle?: string;
  readonly owner: string;
  /** Digest of the request that was interrupted. */
  readonly request: string;
  readonly expiresAtMs: number;
}

export interface StateSeal {
  seal(state: RequestState): string;
  /** Undefined for anything that this seal did not make. */
  open(sealed: unknown): RequestState | undefined;
}

const ivBytes = 12; // NIST SP 800-38D §8.2.2
const tagBytes = 16;
const maxLength = 2048;

/** AES-256-GCM under a key of its own, which ends with the process, as the calls do that it protects. */
export function createStateSeal(): StateSeal {
  const key = randomBytes(32);
  return {
    seal(state) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const sealed = Buffer.concat([cipher.update(JSON.stringify(state), 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    open(sealed) {
      if (typeof sealed !== 'string' || sealed.length > maxLength) return undefined;
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length <= ivBytes + tagBytes) return undefined;
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
        decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
        const opened = decipher.update(bytes.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
        return JSON.parse(opened) as RequestState;
      } catch {
        return undefined; // changed, or another process's
      }
    },
  };
}
