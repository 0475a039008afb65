// What `genkan config validate` notes of configured roles: lines that match nothing, which is seldom what was meant.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describeUnknown, unknownActions } from '../access/azure/known-operations.ts';
import { collectRoles } from '../access/roles.ts';
import type { GenkanSettings } from './settings.ts';

/** @returns nothing where a role cannot be read: that is a mistake, and told as one */
export async function roleNotes(file: string, { access, variables }: GenkanSettings): Promise<string[]> {
  const folder = path.dirname(path.resolve(file));
  const readFile = (name: string): string => readFileSync(path.resolve(folder, name), 'utf8');
  const notes: string[] = [];
  for (const { name, source, definition } of configuredRoles(access, readFile, variables))
    for (const unknown of await unknownActions(definition))
      notes.push(`role "${name}" in ${source}: ${describeUnknown(unknown)}`);
  return notes;
}

function configuredRoles(...read: Parameters<typeof readRoles>): ReturnType<typeof readRoles> {
  try {
    return readRoles(...read);
  } catch {
    return [];
  }
}

const readRoles = (
  { roles }: GenkanSettings['access'],
  readFile: (file: string) => string,
  variables: GenkanSettings['variables'],
) => [...collectRoles(roles, readFile, variables).values()].filter(({ source }) => source !== 'built-in');
