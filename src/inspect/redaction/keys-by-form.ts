// Keys without a prefix: Azure's, which carry a signature within, Entra ID's, Azure DevOps', and those known by their length alone.
import {
  alphanumeric,
  base64,
  classAt,
  dashLine,
  digit,
  dot,
  letter,
  lower,
  runEnd,
  runStart,
  tilde,
  upper,
  variety,
} from './characters.ts';
import type { Report, Rule } from './rules.ts';

// github.com/microsoft/security-utilities, IdentifiableMetadata: signatures near the end of a key in base64, before its checksum.
const signatures = /(?:\+A(?:St|Sb|Eh|Rm|Ba|CR|MC)|AzFu|AzCa|AzSe|ACDb|AIoT|APIM|AZEG|\+SQL)[A-Za-z0-9+/_-]{5,10}$/;
const digestNearby = /(?:sha-?\d+|digest|integrity|checksum|signature|hash|thumbprint|fingerprint|md5|etag)\W{0,4}$/i;

/** For the runs of base64 that are long enough, trailing `=` not counted. */
export function findKeyByForm(text: string, from: number, to: number, awsKeyAt: number, report: Report): boolean {
  const length = to - from;
  const padded = text.charCodeAt(to) === 61 ? (text.charCodeAt(to + 1) === 61 ? 2 : 1) : 0;
  const found = (rule: Rule, mask = '****'): boolean => {
    report(from, to + padded, rule, mask);
    return true;
  };
  if (length >= 40 && length <= 90) {
    const tail = text.slice(to - 16, to);
    const signature = signatures.exec(tail);
    if (signature !== null) return found(tail.includes('+ASt') ? 'azure-storage-key' : 'azure-key');
  }
  // 64 random bytes: keys of storage, Cosmos DB and Batch from before they carried signatures. So are SHA-512 and Ed25519.
  if (length === 86 && padded === 2 && isRandom(text, from, to))
    return !digestNearby.test(text.slice(Math.max(0, from - 24), from)) && found('azure-storage-key');
  if (length === 52 && padded === 0 && isBase32(text, from, to)) return found('azure-devops-token');
  // An access key id says where its secret is: right beside it.
  if (length === 40 && padded === 0 && awsKeyAt >= 0 && from - awsKeyAt < 256 && isRandom(text, from, to))
    return found('aws-secret-key');
  return false;
}

const isRandom = (text: string, from: number, to: number): boolean => {
  let kinds = 0;
  for (let at = from; at < to; at++) kinds |= classAt(text, at);
  return (kinds & digit) !== 0 && (kinds & upper) !== 0 && (kinds & lower) !== 0 && variety(text, from, to) >= 16;
};

/** Personal access tokens of Azure DevOps before 2024 are 52 characters of base32 in small letters. */
function isBase32(text: string, from: number, to: number): boolean {
  let digits = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code >= 50 && code <= 55) digits++;
    else if (code < 97 || code > 122) return false;
  }
  return digits >= 3 && digits <= 26 && variety(text, from, to) >= 14;
}

/** Microsoft's common annotated keys: 52 characters, `JQQJ99` (or `JQQJ9D`), 26 more. @param at where `JQQJ9` stands */
export function findAnnotatedKey(text: string, at: number, report: Report): void {
  const from = runStart(text, at, alphanumeric, 52);
  const to = runEnd(text, at, alphanumeric, at + 34);
  if (at - from < 52 || to - at < 32 || !/^JQQJ9[9D]/.test(text.slice(at, at + 6))) return;
  const padded = text.startsWith('==', to) ? to + 2 : to;
  report(from, padded, text.slice(at + 6, to).includes('AZDO') ? 'azure-devops-token' : 'azure-key', '****');
}

const clientSecret = alphanumeric | dashLine | dot | tilde;

/** Client secrets of Entra ID: three characters, `7Q~` or `8Q~`, 31 to 34 more. @param at where `Q~` stands */
export function findClientSecret(text: string, at: number, report: Report): void {
  const version = text.charCodeAt(at - 1);
  if (version !== 55 && version !== 56) return;
  const to = runEnd(text, at + 2, clientSecret, at + 2 + 40);
  const from = at - 4;
  if (from < 0 || to - at - 2 < 31 || runEnd(text, from, clientSecret, at) < at) return;
  report(from, to, 'entra-client-secret', '****');
}

/** The signature of a shared access signature, alone or in its address. @param at where `sig=` or `sig%3D` begins */
export function findSignature(text: string, at: number, report: Report): number {
  if ((classAt(text, at - 1) & (letter | digit)) !== 0) return at;
  const from = at + 4;
  if (variety(text, from, from + 12) < 6) return at;
  const enough = runEnd(text, from, base64 | 64 | 256, from + 40);
  if (enough - from < 32 || variety(text, from, enough) < 12) return at;
  const to = runEnd(text, enough, base64 | 64 | 256, from + 256);
  report(from, to, 'azure-sas-signature', '****');
  return to;
}
