// Makes up how the servers that clients start or reach by themselves today come behind Genkan.
import { isDeepStrictEqual } from 'node:util';
import path from 'node:path';
import { loadConfig } from '../config/load.ts';
import { assertWritable, readGuarded } from './guarded-file.ts';
import { clientsHere, openPlace, planOf } from './plan-connect.ts';
import type { EntryChange, PlaceEdit } from './plan-connect.ts';
import type { FileChange } from './change-book.ts';
import { entryFor } from './clients.ts';
import type { ClientId, Machine, Scope } from './clients.ts';
import { withServers } from './configuration-edit.ts';
import { importServer, serverNameFrom } from './imported-server.ts';
import type { ImportedServer } from './imported-server.ts';

export interface ImportWish {
  readonly clients: readonly ClientId[];
  readonly scope: Scope;
  /** Names, as the client or as Genkan writes them; without any, all that can be. */
  readonly servers: readonly string[];
  /** genkan.yaml to which they are added. */
  readonly configuration: string;
  /** Where clients reach Genkan, without a final slash. */
  readonly publicUrl: string;
  /** Whether the clients' entries then lead to Genkan. */
  readonly replace: boolean;
}

interface FoundServer {
  readonly edit: PlaceEdit;
  /** Its name in the client. */
  readonly written: string;
  readonly entry: unknown;
}

export interface ImportPlan {
  readonly configuration: string;
  readonly servers: readonly (ImportedServer & { readonly from: readonly string[] })[];
  readonly leftOut: readonly { readonly name: string; readonly from: string; readonly reason: string }[];
  readonly entries: readonly EntryChange[];
  readonly changes: readonly FileChange[];
}

/** @throws GenkanError `connect_client_missing`, `connect_configuration_shape`, and what reading the files throws */
export function planImport(wish: ImportWish, machine: Machine): ImportPlan {
  const configuration = path.resolve(wish.configuration);
  const { settings } = loadConfig(configuration);
  const edits = clientsHere(wish.clients, wish.scope, machine).flatMap((places) => places.map(openPlace));
  const chosen = new Map<string, { server: ImportedServer; found: FoundServer[] }>();
  const leftOut: ImportPlan['leftOut'][number][] = [];

  for (const found of edits.flatMap(serversIn)) {
    const { edit, written, entry } = found;
    const name = serverNameFrom(written);
    const isMeant = (each: string): boolean => each === written || each === name;
    if (leadsTo(entry, wish.publicUrl) || (wish.servers.length > 0 && !wish.servers.some(isMeant))) continue;
    const leave = (reason: string): void => void leftOut.push({ name: written, from: edit.place.title, reason });
    if (name === undefined) {
      leave('nothing is left of its name when it is written with lower-case letters, digits and dashes');
      continue;
    }
    const read = importServer(name, entry, { ...machine, inputs: inputsOf(edit) });
    const other = chosen.get(name);
    if ('reason' in read) leave(read.reason);
    else if (Object.hasOwn(settings.servers, name)) leave(`there is a server "${name}" behind Genkan already`);
    else if (other !== undefined && !isDeepStrictEqual(other.server, read))
      leave(`there is a different one of this name, from ${other.found[0]!.edit.place.title}`);
    else if (other !== undefined) other.found.push(found);
    else chosen.set(name, { server: read, found: [found] });
  }
  for (const name of wish.servers) {
    const isThere = [...chosen.values()].some(
      ({ server, found }) => server.name === name || found.some(({ written }) => written === name),
    );
    if (!isThere && !leftOut.some((each) => each.name === name || serverNameFrom(each.name) === name))
      leftOut.push({ name, from: '–', reason: 'no client has it' });
  }

  const servers = [...chosen.values()].map(({ server, found }) => ({
    ...server,
    from: [...new Set(found.map(({ edit }) => edit.place.title))],
  }));
  if (wish.replace) {
    for (const { server, found } of chosen.values()) {
      for (const { edit, written } of found) {
        edit.set(written, entryFor(edit.place.client, `${wish.publicUrl}/mcp/${server.name}`));
      }
    }
  }
  const { entries, changes } = planOf(edits);
  const added = servers.length === 0 ? [] : [configurationChange(configuration, servers)];
  return { configuration, servers, leftOut, entries, changes: [...added, ...changes] };
}

function serversIn(edit: PlaceEdit): FoundServer[] {
  const entries = edit.document.valueAt(edit.place.keys);
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) return [];
  return Object.entries(entries).map(([written, entry]) => ({ edit, written, entry: entry as unknown }));
}

// VS Code: `inputs` beside `servers`, each { id, type, description }.
function inputsOf({ document }: PlaceEdit): ReadonlyMap<string, string> {
  const inputs = document.valueAt(['inputs']);
  if (!Array.isArray(inputs)) return new Map();
  return new Map(
    inputs.flatMap((input: unknown): [string, string][] => {
      const { id, description } = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
      return typeof id === 'string' ? [[id, typeof description === 'string' ? description : id]] : [];
    }),
  );
}

/** Whether an entry leads to Genkan, directly or by a program that is given the address. */
function leadsTo(entry: unknown, publicUrl: string): boolean {
  const { url, args } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
  return [url, ...(Array.isArray(args) ? (args as unknown[]) : [])].some(
    (word) => typeof word === 'string' && URL.parse(word)?.origin === new URL(publicUrl).origin,
  );
}

function configurationChange(file: string, servers: readonly ImportedServer[]): FileChange {
  const place = { root: path.dirname(file), file, mode: 0o600 };
  const found = readGuarded(place);
  assertWritable(file, found);
  const text = found?.bytes.toString('utf8') ?? '';
  const added = Object.fromEntries(servers.map(({ name, settings }) => [name, settings]));
  return { place, title: 'Genkan', found, bytes: Buffer.from(withServers(file, text, added)) };
}
