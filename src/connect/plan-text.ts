// A plan in words: which file, and what stands there before and after; nothing that may be secret.
import { maskSecrets } from '../base/mask.ts';
import { secretReference } from '../base/secret.ts';
import type { Act } from './change-book.ts';
import { serverText } from './configuration-edit.ts';
import type { EntryChange } from './plan-connect.ts';
import type { ImportPlan } from './plan-import.ts';

/** Ends without a line break, as all of these. */
export const connectText = (entries: readonly EntryChange[]): string => entries.map(entryText).join('\n\n');

export function importText({ configuration, servers, leftOut, entries }: ImportPlan): string {
  const added = Object.fromEntries(servers.map(({ name, settings }) => [name, settings]));
  const shown = maskSecrets(added, (value) => secretReference.safeParse(value).success) as typeof added;
  const secrets = servers.flatMap(({ name, secrets: wishes, from }) =>
    wishes.map((wish) => `  ${wish.variable}: ${wish.from} (${name} in ${from.join(', ')})`),
  );
  const dropped = servers.filter((each) => each.dropped.length > 0);
  const sections = [
    servers.length === 0
      ? ['No server to add.']
      : [
          `Genkan (${configuration})`,
          '  added below servers, shut until you approve them:',
          ...signed('+', serverText(shown)),
        ],
    ...(secrets.length === 0
      ? []
      : [['Secrets are not copied. Set these environment variables for Genkan:', ...secrets]]),
    ...(dropped.length === 0
      ? []
      : [
          [
            'Settings that Genkan has no place for:',
            ...dropped.map((each) => `  ${each.name}: ${each.dropped.join(', ')}`),
          ],
        ]),
    ...(leftOut.length === 0
      ? []
      : [['Left out:', ...leftOut.map(({ name, from, reason }) => `  ${name} (${from}): ${reason}`)]]),
    ...entries.map((entry) => [entryText(entry)]),
  ];
  return sections.map((lines) => lines.join('\n')).join('\n\n');
}

export function undoText({ atMs, files }: Act): string {
  const lines = files.map(
    ({ title, file, backup }) =>
      `  ${title} (${file}): ${backup === null ? 'removed, since there was none' : 'as it was'}`,
  );
  return [`Back to before ${new Date(atMs).toISOString()}:`, ...lines].join('\n');
}

function entryText({ title, file, path, action, before, after }: EntryChange): string {
  const place = path.map((key) => JSON.stringify(key)).join(' › ');
  const head = `${title} (${file})`;
  if (action === 'none') return `${head}\n  ${place} stands there already`;
  const old = action === 'replace' ? signed('-', JSON.stringify(before, undefined, 2)) : [];
  const verb = action === 'add' ? 'is added:' : 'is replaced:';
  return [head, `  ${place} ${verb}`, ...old, ...signed('+', JSON.stringify(after, undefined, 2))].join('\n');
}

const signed = (sign: string, text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${sign} ${line}`);
