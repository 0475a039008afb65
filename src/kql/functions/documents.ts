// Texts with parts: URLs, their queries, paths of files, versions, JSON that a path leads into.
import { spend } from '../effort.ts';
import { emptyBag, isArray, memberOf, readJson } from '../json.ts';
import { isConstant, typeProblem } from '../nodes.ts';
import type { Value } from '../values.ts';
import { writeDynamic } from '../write-value.ts';
import { convert } from './conversions.ts';
import { define, prepare } from './define.ts';
import type { Binder } from './define.ts';
import { readPath } from './json-path.ts';
import { typeNamed } from './patterns.ts';

function bagOf(entries: Iterable<readonly [string, Value]>): Value {
  const bag = emptyBag();
  for (const [name, value] of entries) {
    spend(4);
    bag[name] = value;
  }
  return bag;
}

/** The text before and after a sign; without the sign all of it is before. */
function cut(text: string, sign: string): readonly [string, string] {
  const at = text.indexOf(sign);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + sign.length)];
}

function parametersOf(query: string): Value {
  const pairs = query.split('&').filter((pair) => pair !== '');
  return bagOf(pairs.map((pair) => cut(pair, '=')));
}

function parseUrl(text: string): Value {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text);
  const scheme = match?.[1] ?? '';
  const [beforeFragment, fragment] = cut(match === null ? text : text.slice(match[0].length), '#');
  const [beforeQuery, query] = cut(beforeFragment, '?');
  const slash = beforeQuery.indexOf('/');
  const authority = match === null ? '' : slash === -1 ? beforeQuery : beforeQuery.slice(0, slash);
  const path = match === null ? beforeQuery : slash === -1 ? '' : beforeQuery.slice(slash);
  const at = authority.lastIndexOf('@');
  const [user, password] = at === -1 ? ['', ''] : cut(authority.slice(0, at), ':');
  const server = authority.slice(at + 1);
  const colon = server.endsWith(']') ? -1 : server.lastIndexOf(':');
  return bagOf([
    ['Scheme', scheme],
    ['Host', colon === -1 ? server : server.slice(0, colon)],
    ['Port', colon === -1 ? '' : server.slice(colon + 1)],
    ['Path', path],
    ['Username', user],
    ['Password', password],
    ['Query Parameters', parametersOf(query)],
    ['Fragment', fragment],
  ]);
}

function parsePath(text: string): Value {
  const [scheme, rest] = text.includes('://') ? cut(text, '://') : ['', text];
  const path = rest === undefined ? text : rest;
  const last = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  const [file, stream] = cut(path.slice(last + 1), ':');
  const directory = last === -1 ? '' : path.slice(0, last);
  const root = /^[A-Za-z]:/.exec(path)?.[0] ?? '';
  const inner = Math.max(directory.lastIndexOf('/'), directory.lastIndexOf('\\'));
  const dot = file.lastIndexOf('.');
  return bagOf([
    ['Scheme', scheme],
    ['RootPath', root],
    ['DirectoryPath', directory],
    ['DirectoryName', directory.slice(inner + 1)],
    ['Filename', file],
    ['Extension', dot === -1 ? '' : file.slice(dot + 1)],
    ['AlternateDataStreamName', stream],
  ]);
}

/** `extract_json(path, text[, type])` */
const extractJson: Binder = (name, parts, place, scope) => {
  const [, , type] = parts;
  const found = prepare('string!, string', 'string', ([path]) => {
    const steps = isConstant(path!) ? readPath(path.value as string) : undefined;
    if (steps === undefined) throw typeProblem(`${name}() takes a path such as $.name or $.list[0]['a name']`, path!);
    return (_: string, text: string) => {
      let value: Value = readJson(text) ?? null;
      for (const step of steps)
        value = typeof step === 'string' ? memberOf(value, step) : isArray(value) ? (value[step] ?? null) : null;
      return writeDynamic(value);
    };
  })(name, parts.slice(0, 2), place, scope);
  return type === undefined ? found : convert(found, typeNamed(name, type), place);
};

const units = ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];

function formatBytes(size: number, precision = 0, unit = ''): string | null {
  if (!Number.isFinite(size)) return null;
  let power = units.findIndex((each) => each.toLowerCase() === unit.toLowerCase());
  if (power === -1) {
    if (unit !== '') return null;
    power = 0;
    while (power < units.length - 1 && Math.abs(size) >= 1024 ** (power + 1)) power++;
  }
  const scaled = Number((size / 1024 ** power).toFixed(Math.max(0, Math.min(15, precision))));
  return `${scaled} ${units[power]}`;
}

export const documentFunctions: readonly (readonly [string, Binder])[] = [
  ['parse_url', define('string', 'dynamic', parseUrl, { grows: true })],
  [
    'parse_urlquery',
    define(
      'string',
      'dynamic',
      (query: string) => bagOf([['Query Parameters', parametersOf(query.replace(/^\?/, ''))]]),
      {
        grows: true,
      },
    ),
  ],
  ['parse_path', define('string', 'dynamic', parsePath)],
  ['extract_json', extractJson],
  ['format_bytes', define('number, integer?, string?', 'string', formatBytes)],
];
