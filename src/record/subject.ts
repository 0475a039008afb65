// What the key of one person does for their records: a pseudonym that nobody can undo without it, seals, and digests that cannot be guessed.
import { createHmac, createSecretKey, hkdfSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createSeal } from '../state/seal.ts';
import type { Seal } from '../state/seal.ts';

export interface Subject extends Seal {
  /** Stands in the log in the place of the person. */
  readonly pseudonym: string;
  /** HMAC-SHA-256, base64url. */
  digest(text: string): string;
}

export function createSubject(key: Buffer): Subject {
  // RFC 5869: one key for each purpose.
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', key, '', `genkan record ${purpose}`, 32));
  const digestKey = createSecretKey(derive('digest'));
  const { seal, open } = createSeal(derive('seal'));
  const mac = (by: Buffer | KeyObject, text: string): string =>
    createHmac('sha256', by).update(text).digest('base64url');
  return {
    pseudonym: `subject:${mac(derive('pseudonym'), '').slice(0, 22)}`,
    seal,
    open,
    digest: (text) => mac(digestKey, text),
  };
}

// What Genkan does by itself, what its machine's operator does and what nobody signed in for is no person's to have forgotten.
const nobody = new Set(['', 'genkan', 'operator', 'schedule']);

/** Whether what is said in this name tells of no person: it stays readable, also while the keys of people are not at hand. */
export const isGenkansOwn = (user: string): boolean => user !== '' && nobody.has(user);

/** Whether an id may be that of a person or agent. */
export const isSomebody = (user: string): boolean => !nobody.has(user) && !isPseudonym(user);

export const isPseudonym = (user: string): boolean => user.startsWith('subject:');
