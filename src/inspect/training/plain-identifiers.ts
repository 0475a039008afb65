// Identifiers, keys and digests, which stand everywhere and say nothing: nobody takes them for orders.
import { createHash } from 'node:crypto';
import type { Text } from './corpus.ts';

const forms: readonly ((bytes: Buffer) => string)[] = [
  (bytes) => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5'),
  (bytes) => bytes.toString('base64'),
  (bytes) => bytes.subarray(0, 18).toString('base64url'),
  (bytes) => bytes.subarray(0, 20).toString('hex'),
  (bytes) => (bytes.readUInt32BE(0) * 1000).toString(36).toUpperCase(),
  (bytes) => `${bytes.readUInt32BE(0)}`,
];
const settings: readonly ((ids: readonly string[]) => string)[] = [
  ([id]) => id!,
  (ids) => ids.join('\n'),
  (ids) => `id,name\n${ids.map((id, row) => `${id},item-${row}`).join('\n')}`,
  (ids) => JSON.stringify(Object.fromEntries(ids.map((id, place) => [`id${place}`, id]))),
  (ids) => ids.map((id) => `/items/${id}/${id.slice(0, 6)}`).join(' '),
];

/** Deterministic. */
export function plainIdentifiers(): readonly Text[] {
  return Array.from({ length: 600 }, (_, number): Text => {
    const id = `plain-identifiers-${number}`;
    const form = forms[number % forms.length]!;
    const ids = Array.from({ length: 1 + (number % 7) }, (_, place) =>
      form(createHash('sha512').update(`${id}-${place}`).digest()),
    );
    const text = settings[Math.floor(number / forms.length) % settings.length]!(ids);
    return { id, lang: 'en', label: 0, family: 'plain/identifiers', source: 'plain', text, spans: [] };
  });
}
