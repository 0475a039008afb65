// Where local mode keeps what it records and remembers: one root for a person, and in it a place for every process.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { GenkanError } from '../base/errors.ts';
import { lockFolder } from '../state/folder-lock.ts';

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The person's data directory for Genkan (XDG Base Directory Specification, and what other systems have in its place). */
export function localRoot({ platform, home, env }: Machine): string {
  const absolute = (folder: string | undefined): string | undefined =>
    folder !== undefined && path.isAbsolute(folder) ? folder : undefined;
  const data =
    platform === 'win32'
      ? (absolute(env['LOCALAPPDATA']) ?? path.join(home, 'AppData', 'Local'))
      : platform === 'darwin'
        ? path.join(home, 'Library', 'Application Support')
        : (absolute(env['XDG_DATA_HOME']) ?? path.join(home, '.local', 'share'));
  return path.join(data, 'genkan');
}

export interface Place {
  readonly folder: string;
  release(): void;
}

/** Of one server at the same time; each has an audit log of its own. */
const maxPlaces = 64;

/**
 * The first place of a server that no other process has: an audit log has one writer, and a person may have the same server
 * open in several clients. A later process goes on with the log of an earlier one.
 * @throws GenkanError `local_places_full`
 */
export function takePlace(root: string, server: string): Place {
  for (let number = 1; number <= maxPlaces; number++) {
    const folder = path.join(root, 'local', server, String(number));
    const release = lockFolder(folder, 'place.lock');
    if (release !== undefined) return { folder, release };
  }
  throw new GenkanError('local_places_full', { server, limit: maxPlaces });
}

/** Folders below a root that hold an audit log, by server and number. */
export function placesOf(root: string): { readonly server: string; readonly folder: string }[] {
  const names = (folder: string): string[] =>
    existsSync(folder)
      ? readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : []))
      : [];
  const local = path.join(root, 'local');
  return names(local).flatMap((server) =>
    names(path.join(local, server))
      .sort((one, other) => Number(one) - Number(other))
      .map((number) => ({ server, folder: path.join(local, server, number) }))
      .filter(({ folder }) => existsSync(path.join(folder, 'audit.db'))),
  );
}
