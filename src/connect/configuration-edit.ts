// Adds servers to genkan.yaml, and leaves every character that stands there.
import { isDeepStrictEqual } from 'node:util';
import { isMap, isNode, isScalar, isSeq, parseDocument, stringify } from 'yaml';
import type { Pair, YAMLMap } from 'yaml';
import { GenkanError } from '../base/errors.ts';
import { checkConfig } from '../config/load.ts';
import { ConfigMistakes } from '../config/mistake.ts';
import { readSource } from '../config/source.ts';

type Servers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * @param text of a configuration without mistakes
 * @throws GenkanError `connect_configuration_shape` when it is written in a way that we cannot add to
 * @throws ConfigMistakes when the servers do not fit into it
 */
export function withServers(file: string, text: string, servers: Servers): string {
  const changed = insert(text, servers);
  const after = changed === undefined ? undefined : readSource(file, changed);
  if (changed === undefined || !isDeepStrictEqual(after?.data, expected(readSource(file, text).data, servers)))
    throw new GenkanError('connect_configuration_shape', { file });
  const checked = checkConfig(file, changed);
  if ('mistakes' in checked) throw new ConfigMistakes(file, checked.mistakes);
  return changed;
}

/** As it will stand there. */
export const serverText = (servers: Servers): string =>
  stringify(servers, { lineWidth: 0, aliasDuplicateObjects: false });

function expected(data: unknown, servers: Servers): unknown {
  const before = data as Readonly<Record<string, unknown>>;
  return { ...before, servers: { ...((before['servers'] as Servers | null | undefined) ?? {}), ...servers } };
}

function insert(text: string, servers: Servers): string | undefined {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = (indent: string): string =>
    serverText(servers)
      .trimEnd()
      .split('\n')
      .map((line) => indent + line + eol)
      .join('');
  const { contents } = parseDocument(text);
  if (contents !== null && (!isMap(contents) || contents.flow === true)) return undefined;
  const pair = contents === null ? undefined : pairAt(contents, 'servers');
  if (pair === undefined) return `${closed(text, eol)}${text.trim() === '' ? '' : eol}servers:${eol}${lines('  ')}`;
  const { key, value } = pair;
  if (isMap(value) && value.items.length > 0) {
    const [first] = value.items;
    if (value.flow === true || !isNode(first?.key)) return undefined;
    const start = first.key.range![0];
    const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
    return /^ +$/.test(indent) ? addAfterLine(text, endOf(value), lines(indent), eol) : undefined;
  }
  if (!isNode(key)) return undefined;
  const end = key.range![1];
  if (isMap(value)) {
    const [from, to] = value.range!;
    const bare = text.slice(0, from).trimEnd() + text.slice(to);
    return addAfterLine(bare, end, lines('  '), eol);
  }
  return value === null || (isScalar(value) && value.value === null)
    ? addAfterLine(text, end, lines('  '), eol)
    : undefined;
}

const pairAt = (map: YAMLMap, name: string): Pair | undefined =>
  map.items.find(({ key }) => isScalar(key) && key.value === name);

/** Where the last thing that says something ends; nodes themselves reach over the comments that follow. */
function endOf(node: unknown): number {
  if (isMap(node) && node.flow !== true && node.items.length > 0) {
    const { key, value } = node.items.at(-1)!;
    return isNode(value) ? Math.max(endOf(value), endOf(key)) : endOf(key);
  }
  if (isSeq(node) && node.flow !== true && node.items.length > 0) return endOf(node.items.at(-1));
  return isNode(node) ? node.range![1] : 0;
}

function addAfterLine(text: string, offset: number, lines: string, eol: string): string {
  const at = text[offset - 1] === '\n' ? offset - 1 : text.indexOf('\n', offset);
  return at < 0 ? closed(text, eol) + lines : text.slice(0, at + 1) + lines + text.slice(at + 1);
}

const closed = (text: string, eol: string): string => (text === '' || text.endsWith('\n') ? text : text + eol);
