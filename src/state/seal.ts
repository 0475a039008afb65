// Encryption at rest: what is sealed here can be read again only with the same key, and only in the place it was sealed for.
import { createCipheriv, createDecipheriv, createSecretKey, randomFillSync } from 'node:crypto';

export interface Seal {
  /** @param place what the text belongs to, e.g. person and server; it is bound to the text, not stored with it */
  seal(text: string, place: readonly string[]): string;
  /** Undefined for anything that was not sealed with this key for this very place. */
  open(sealed: string, place: readonly string[]): string | undefined;
}

export const keyBytes = 32;
const ivBytes = 12; // NIST SP 800-38D §8.2.2
const tagBytes = 16;

// Asked of the system for many at once: each asking takes as long as sealing.
const ivs = Buffer.alloc(ivBytes * 512);
let usedIvs = ivs.length;

function freshIv(): Buffer {
  if (usedIvs === ivs.length) {
    randomFillSync(ivs);
    usedIvs = 0;
  }
  usedIvs += ivBytes;
  return Buffer.from(ivs.subarray(usedIvs - ivBytes, usedIvs));
}

/** AES-256-GCM. */
export function createSeal(key: Buffer): Seal {
  if (key.length !== keyBytes) throw new TypeError(`a sealing key has ${keyBytes} bytes`);
  const secret = createSecretKey(key); // four times as fast as bytes, which are made into one each time
  // JSON keeps ["a","bc"] and ["ab","c"] apart.
  const bind = (place: readonly string[]): Buffer => Buffer.from(JSON.stringify(place));
  return {
    seal(text, place) {
      const iv = freshIv();
      const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(bind(place));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed, 'base64');
      if (bytes.length < ivBytes + tagBytes) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
        .setAAD(bind(place))
        .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
      try {
        return decipher.update(bytes.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
