// Makes up what to change so that MCP clients reach Genkan, and says it in words.
import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { GenkanError } from '../base/errors.ts';
import { isLoopback } from '../base/loopback.ts';
import type { FileChange } from './change-book.ts';
import { clientIds, entryFor, placesOf, titleOf } from './clients.ts';
import type { ClientId, Machine, Place, Scope } from './clients.ts';
import { assertWritable, readGuarded } from './guarded-file.ts';
import type { Found } from './guarded-file.ts';
import { readJsonDocument } from './json-document.ts';
import type { JsonDocument } from './json-document.ts';
import { shownEntry } from './secret-values.ts';

export interface EntryChange {
  readonly client: ClientId;
  readonly title: string;
  readonly file: string;
  /** Where the entry stands in the file. */
  readonly path: readonly string[];
  readonly action: 'add' | 'replace' | 'none';
  /** As it may be shown: what may be secret is masked. */
  readonly before?: unknown;
  readonly after: unknown;
}

export interface ConnectWish {
  /** Without any, those that somebody uses on this machine. */
  readonly clients: readonly ClientId[];
  readonly scope: Scope;
  /** Under which the client lists the server. */
  readonly name: string;
  readonly url: string;
}

export interface Plan {
  readonly entries: readonly EntryChange[];
  readonly changes: readonly FileChange[];
}

/** @throws GenkanError `connect_client_missing`, and what reading the files throws */
export function planConnect({ clients, scope, name, url }: ConnectWish, machine: Machine): Plan {
  const edits = clientsHere(clients, scope, machine).map(([place]) => openPlace(place!));
  for (const edit of edits) edit.set(name, entryFor(edit.place.client, url));
  return planOf(edits);
}

export const planOf = (edits: readonly PlaceEdit[]): Plan => ({
  entries: edits.flatMap(({ entries }) => entries()),
  changes: edits.flatMap((edit) => edit.change() ?? []),
});

/** The places of each client that is meant. @throws GenkanError `connect_client_missing` */
export function clientsHere(wanted: readonly ClientId[], scope: Scope, machine: Machine): Place[][] {
  const isHere = (places: readonly Place[]): boolean => places[0]?.traces.some((trace) => existsSync(trace)) === true;
  // In a folder, a client's file is made when it is asked for by name; on the machine, the client is there or not.
  const found = [...new Set(wanted.length > 0 ? wanted : clientIds)]
    .map((client) => ({ client, places: placesOf(client, scope, machine) }))
    .filter(({ places }) => (wanted.length > 0 && scope === 'workspace' ? places.length > 0 : isHere(places)));
  const missing = wanted.filter((client) => !found.some((each) => each.client === client));
  if (found.length === 0 || missing.length > 0) {
    const clients = (missing.length > 0 ? missing : clientIds).map(titleOf).join(', ');
    throw new GenkanError('connect_client_missing', { clients });
  }
  // Two editions of a client share what belongs to a folder.
  const files = found.map(({ places }) => places[0]!.file);
  return found.map(({ places }) => places).filter(([place], index) => files.indexOf(place!.file) === index);
}

/** A file that is read once, and in which entries are then set. */
export interface PlaceEdit {
  readonly place: Place;
  readonly document: JsonDocument;
  set(name: string, entry: unknown): void;
  entries(): EntryChange[];
  change(): FileChange | undefined;
}

/** @throws GenkanError `connect_file_…` */
export function openPlace(place: Place): PlaceEdit {
  const { file, keys, client, title } = place;
  const found = readGuarded(place);
  const document = readJsonDocument(file, textOf(file, found));
  const entries: EntryChange[] = [];
  let text: string | undefined;
  return {
    place,
    document,
    set(name, after) {
      const path = [...keys, name];
      const before = document.valueAt(path);
      const action = before === undefined ? 'add' : isDeepStrictEqual(before, after) ? 'none' : 'replace';
      entries.push({
        client,
        title,
        file,
        path,
        action,
        after,
        ...(before !== undefined && { before: shownEntry(before) }),
      });
      if (action === 'none') return;
      assertWritable(file, found);
      text = readJsonDocument(file, text ?? textOf(file, found)).withEntry(path, after);
    },
    entries: () => entries,
    change: () => (text === undefined ? undefined : { place, title, found, bytes: Buffer.from(text) }),
  };
}

function textOf(file: string, found: Found): string {
  if (found === undefined) return '';
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(found.bytes);
  } catch (cause) {
    throw new GenkanError('connect_file_unusable', { file, reason: 'it is not UTF-8' }, { cause });
  }
}

/** The address that clients are given, from Genkan's origin as a person writes it, or what is wrong with it. */
export function readAddress(text: string): { readonly origin: string } | { readonly problem: string } {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    return { problem: 'write an address such as https://mcp.example.com' };
  const { origin, href, protocol, hostname } = url;
  if (href !== `${origin}/` && href.replace(/\/$/, '') !== `${origin}/mcp`)
    return { problem: 'write an origin alone, such as https://mcp.example.com' };
  // RFC 6750 §5.3: tokens travel over TLS
  if (protocol === 'http:' && !isLoopback(hostname))
    return { problem: 'http:// is only for this machine; use https://' };
  return { origin };
}
