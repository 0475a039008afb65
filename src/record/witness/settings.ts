// Settings of witnesses: who outside keeps the checkpoints of our log, for which logs we are one ourselves, and who may read hashes.
import { z } from 'zod';
import { isLoopback } from '../../base/loopback.ts';
import { azureCredential } from '../../state/key-vault-settings.ts';
import { isKeyName, readVerifierKey, signatureTypes } from '../note.ts';
import type { SignatureType } from '../note.ts';

const name = z.string().regex(/^[a-z0-9](-?[a-z0-9]){0,39}$/, 'use small letters, digits and single hyphens');

const verifierKey = (type: SignatureType): z.ZodString =>
  z
    .string()
    .max(512)
    .refine(
      (text) => isReadable(text, type),
      type === signatureTypes.cosignature
        ? 'write the verifier key of a witness, as it prints it: NAME+HASH+KEY (c2sp.org/tlog-cosignature, Ed25519)'
        : 'write the verifier key of a log, as "genkan audit checkpoint --key" prints it: NAME+HASH+KEY',
    );

function isReadable(text: string, type: SignatureType): boolean {
  try {
    readVerifierKey(text, type);
    return true;
  } catch {
    return false;
  }
}

/** Whether nobody on the way can answer in the place of a witness. */
function isSafe(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.username !== '' || parsed.password !== '' || parsed.search !== '' || parsed.hash !== '')
    return false;
  return parsed.protocol === 'https:' || (parsed.protocol === 'http:' && isLoopback(parsed.hostname));
}

// Public, US government, China; the Azure documentation names no other endpoints of blobs.
const blobHost = /^[a-z0-9]{3,24}\.blob\.core\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)$/;

/** Whether an address may be given a token for Azure Storage: a container of it, or a stand-in on this machine. */
export function isContainerUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !isSafe(text) || !/^(?:\/[a-z0-9-]{3,63}){1,2}$/.test(url.pathname)) return false;
  if (isLoopback(url.hostname)) return true;
  return url.port === '' && blobHost.test(url.hostname) && url.pathname.lastIndexOf('/') === 0;
}

const witness = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('genkan').describe('Another Genkan, or any witness that speaks c2sp.org/tlog-witness.'),
      url: z
        .string()
        .max(2048)
        .refine(isSafe, 'write an https: address; http: is for this machine alone')
        .describe('Its submission prefix; of a Genkan: https://HOST/audit/witness.'),
      key: verifierKey(signatureTypes.cosignature).describe(
        'Its verifier key. Only what this key has cosigned counts.',
      ),
    })
    .describe('A witness that checks that our log only grows, and cosigns it.'),
  z
    .strictObject({
      type: z.literal('file').describe('A file to which checkpoints are appended.'),
      path: z
        .string()
        .min(1)
        .describe('Path, relative to this file; on a medium that can only be appended to, or on another machine.'),
    })
    .describe('A file elsewhere.'),
  z
    .strictObject({
      type: z.literal('git').describe('A clone of a git repository: one commit for each checkpoint.'),
      path: z.string().min(1).describe('Working tree of the clone, relative to this file.'),
      remote: z
        .union([
          z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'write the name of a remote, such as origin'),
          z.literal(false),
        ])
        .default('origin')
        .describe('Name of the remote of the clone to push to; false if somebody else takes the commits away.'),
    })
    .describe('A git repository.'),
  z
    .strictObject({
      type: z.literal('azure-blob').describe('One blob for each checkpoint in a container of Azure Storage.'),
      container: z
        .string()
        .max(2048)
        .refine(isContainerUrl, 'write https://ACCOUNT.blob.core.windows.net/CONTAINER')
        .describe('Address of the container; give it an immutability policy.'),
      credential: azureCredential
        .optional()
        .describe('As whom Genkan comes; by default whatever @azure/identity finds (DefaultAzureCredential).'),
    })
    .describe('Azure Blob Storage.'),
  z
    .strictObject({
      type: z
        .literal('export')
        .describe('A record of its own in the log: whoever gets the export, such as Microsoft Sentinel, has it.'),
    })
    .describe('Wherever the record is exported to.'),
]);

export type WitnessSettings = z.output<typeof witness>;

export const witnessFields = {
  witnesses: z
    .record(name, witness)
    .refine((all) => Object.keys(all).length <= 16, 'name at most 16')
    .default({})
    .describe(
      'Who outside keeps checkpoints of the log, by a name of your choice. Without any, whoever has this machine and its key can write another history.',
    ),
  witnessQuorum: z
    .int()
    .min(0)
    .max(16)
    .optional()
    .describe(
      'How many of the witnesses must have taken a checkpoint lately; all of them by default. With fewer /readyz says so and people are told.',
    ),
  witnessEverySeconds: z.int().min(60).max(86_400).default(60).describe('How often checkpoints are published.'),
  witnessAlarmMinutes: z
    .int()
    .min(1)
    .max(10_080)
    .default(15)
    .describe('After how long people are told of a witness that takes no checkpoint.'),
  witnessFor: z
    .array(verifierKey(signatureTypes.ed25519))
    .max(1000)
    .default([])
    .describe(
      'Verifier keys of logs that we are a witness for, at /audit/witness; two of one name while its key changes.',
    ),
  witnessName: z
    .string()
    .max(255)
    .refine(isKeyName, 'must contain neither spaces nor "+"')
    .optional()
    .describe('Name of our key as a witness, fixed when it is made; by default made from publicUrl.'),
  tiles: z
    .enum(['nobody', 'readers', 'everybody'])
    .default('nobody')
    .describe(
      'Who may read the checkpoint and the hashes of the log below /audit (c2sp.org/tlog-tiles): nobody, whoever may read the audit log, or everybody. Records themselves are only for whoever may read the audit log.',
    ),
};
