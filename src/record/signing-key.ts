// The key that signs checkpoints: made with the log, kept beside the data, its public half in a file for whoever verifies.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { keyFile } from '../state/key-files.ts';
import { createSigner, generateSigningKey } from './note.ts';

const publicFile = (keysDirectory: string): string => path.join(keysDirectory, 'audit.vkey');

/**
 * The signing key of the log, created on first use.
 * @param origin name of a new log; one that exists keeps the name it was made with
 */
export function signingKey(keysDirectory: string, origin: string): string {
  const key = keyFile(path.join(keysDirectory, 'audit.key'), () => `${generateSigningKey(origin)}\n`).trim();
  keyFile(publicFile(keysDirectory), () => `${createSigner(key).verifierKey}\n`);
  return key;
}

/** The verifier key that lies beside the signing key, to check a copy of the data offline. */
export const storedVerifierKey = (keysDirectory: string): string =>
  readFileSync(publicFile(keysDirectory), 'utf8').trim();
