// The key that signs checkpoints: made with the log, kept beside the data, its public half in a file for whoever verifies.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { keyFile } from '../state/key-files.ts';
import { generateSigningKey } from './note.ts';

const publicFile = (keysDirectory: string): string => path.join(keysDirectory, 'audit.vkey');

/**
 * The signing key of the log, created on first use.
 * @param origin name of a new log; one that exists keeps the name it was made with
 */
export const signingKey = (keysDirectory: string, origin: string): string =>
  keyFile(path.join(keysDirectory, 'audit.key'), () => `${generateSigningKey(origin)}\n`).trim();

/** Publishes the verifier key of a log once that log exists: from then on its absence is a loss, not a beginning. */
export function publishVerifierKey(keysDirectory: string, verifierKey: string): void {
  keyFile(publicFile(keysDirectory), () => `${verifierKey}\n`);
}

export const isPublished = (keysDirectory: string): boolean => existsSync(publicFile(keysDirectory));

/**
 * The published verifier key, to check a copy of the data offline.
 * @throws when there is none
 */
export const storedVerifierKey = (keysDirectory: string): string =>
  readFileSync(publicFile(keysDirectory), 'utf8').trim();
