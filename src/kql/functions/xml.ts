// XML as dynamic values, as `parse_xml()` makes them. What comes is hostile: no document type is read, so no entity means anything but the five of XML.
import { spend } from '../effort.ts';
import { emptyBag } from '../json.ts';
import type { Value } from '../values.ts';
import { define } from './define.ts';
import type { Binder } from './define.ts';

/** Bytes (documentation of `parse_xml`). */
const maxBytes = 1_048_576;
/** An element may be an array within a bag, and a value may be 200 levels deep. */
const maxElements = 99;

interface Element {
  readonly name: string;
  /** Values by name, several of one name in their order. */
  readonly members: Map<string, Value[]>;
  /** What stands before its first element, between two, and after the last. */
  readonly texts: string[];
}

const begun = (name: string): Element => ({ name, members: new Map(), texts: [''] });

/** Where the reading stands; `undefined` of any step says that this is no XML. */
interface Reader {
  readonly text: string;
  at: number;
}

/** XML 1.0 §2.3 */
const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
const endOfName = new Set([...' \t\r\n<>/=\'"&!?'].map((sign) => sign.charCodeAt(0)));

function nameAt(reader: Reader): string | undefined {
  const from = reader.at;
  const first = reader.text.charCodeAt(from);
  // A name begins neither with a digit nor with - or .
  if ((first >= 0x30 && first <= 0x39) || first === 0x2d || first === 0x2e) return undefined;
  while (reader.at < reader.text.length && !endOfName.has(reader.text.charCodeAt(reader.at))) reader.at++;
  return reader.at === from ? undefined : reader.text.slice(from, reader.at);
}

function skipSpace(reader: Reader): void {
  while (isSpace(reader.text.charCodeAt(reader.at))) reader.at++;
}

/** The text before a sign, which is passed over. */
function until(reader: Reader, sign: string): string | undefined {
  const end = reader.text.indexOf(sign, reader.at);
  if (end === -1) return undefined;
  const text = reader.text.slice(reader.at, end);
  reader.at = end + sign.length;
  return text;
}

const entities: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** XML 1.0 §4.1: characters by number, and the five entities that need no declaration. */
function unescaped(text: string): string | undefined {
  if (!text.includes('&')) return text;
  const [first, ...rest] = text.split('&');
  let written = first!;
  for (const part of rest) {
    const end = part.indexOf(';');
    const character = end === -1 ? undefined : characterOf(part.slice(0, end));
    if (character === undefined) return undefined;
    written += character + part.slice(end + 1);
  }
  return written;
}

function characterOf(reference: string): string | undefined {
  if (!reference.startsWith('#')) return entities.get(reference);
  if (!/^#(?:[0-9]{1,7}|x[0-9a-fA-F]{1,6})$/.test(reference)) return undefined;
  const code = Number(reference.startsWith('#x') ? `0${reference.slice(1)}` : reference.slice(1));
  // XML 1.0 §2.2
  const isCharacter =
    [0x9, 0xa, 0xd].includes(code) ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}

function say({ texts }: Element, said: string): void {
  texts.push(texts.pop()! + said);
}

function put({ members, texts }: Element, name: string, value: Value): void {
  if (texts.at(-1) !== '') texts.push('');
  const values = members.get(name);
  if (values === undefined) members.set(name, [value]);
  else values.push(value);
}

/** The attributes of an element, up to the sign that ends it. */
function readAttributes(reader: Reader, element: Element): boolean {
  for (;;) {
    const before = reader.at;
    skipSpace(reader);
    const code = reader.text.charCodeAt(reader.at);
    if (code === 0x3e || code === 0x2f) return true;
    const name = before === reader.at ? undefined : nameAt(reader);
    if (name === undefined || element.members.has(`@${name}`)) return false;
    skipSpace(reader);
    if (reader.text[reader.at++] !== '=') return false;
    skipSpace(reader);
    const quote = reader.text[reader.at++];
    const raw = quote === '"' || quote === "'" ? until(reader, quote) : undefined;
    const value = raw === undefined || raw.includes('<') ? undefined : unescaped(raw);
    if (value === undefined) return false;
    element.members.set(`@${name}`, [value]);
  }
}

/** Nothing, a text, or a bag of attributes, texts and elements. */
function valueOf({ members, texts }: Element): Value {
  // White space between elements only makes them easier to read.
  const said = texts.filter((text) => text.trim() !== '');
  if (members.size === 0 && said.length <= 1) return said[0] ?? null;
  const bag = emptyBag();
  for (const [name, values] of members) bag[name] = values.length === 1 ? values[0]! : values;
  const mixed = said.map((text) => text.trim());
  if (mixed.length > 0) bag['#text'] = mixed.length === 1 ? mixed[0]! : mixed;
  return bag;
}

/** @returns null for what is no XML, as Kusto does */
export function parseXml(text: string): Value {
  if (text.length > maxBytes || Buffer.byteLength(text) > maxBytes) return null;
  const reader: Reader = { text, at: text.startsWith('\ufeff') ? 1 : 0 };
  const root = begun('');
  const opened: Element[] = [root];
  while (reader.at < text.length) {
    spend(16);
    const element = opened.at(-1)!;
    const next = text.indexOf('<', reader.at);
    const end = next === -1 ? text.length : next;
    const said = unescaped(text.slice(reader.at, end));
    if (said === undefined || (element === root && said.trim() !== '')) return null;
    say(element, said);
    reader.at = end;
    if (next !== -1 && !readMarkup(reader, opened)) return null;
  }
  const [[name, [value] = []] = []] = root.members;
  return opened.length !== 1 || name === undefined ? null : bagOf(name, value!);
}

function bagOf(name: string, value: Value): Value {
  const bag = emptyBag();
  bag[name] = value;
  return bag;
}

/** One tag, comment, instruction or section. */
function readMarkup(reader: Reader, opened: Element[]): boolean {
  const { text, at } = reader;
  const skipped = (begin: string, end: string): boolean | undefined => {
    if (!text.startsWith(begin, at)) return undefined;
    reader.at = at + begin.length;
    return until(reader, end) !== undefined;
  };
  const passedOver = skipped('<!--', '-->') ?? skipped('<?', '?>');
  if (passedOver !== undefined) return passedOver;
  if (text.startsWith('<![CDATA[', at) && opened.length > 1) {
    reader.at = at + '<![CDATA['.length;
    const said = until(reader, ']]>');
    if (said !== undefined) say(opened.at(-1)!, said);
    return said !== undefined;
  }
  // A document type would be the only way to give names to texts, files and addresses.
  if (text[at + 1] === '!') return false;
  if (text[at + 1] === '/') return readEnd(reader, opened);
  return readStart(reader, opened);
}

function readStart(reader: Reader, opened: Element[]): boolean {
  const parent = opened.at(-1)!;
  if (opened.length > maxElements || (opened.length === 1 && parent.members.size > 0)) return false;
  reader.at += 1;
  const name = nameAt(reader);
  if (name === undefined) return false;
  const element = begun(name);
  if (!readAttributes(reader, element)) return false;
  if (reader.text[reader.at] === '>') opened.push(element);
  else if (reader.text[reader.at + 1] === '>') {
    put(parent, name, valueOf(element));
    reader.at += 1;
  } else return false;
  reader.at += 1;
  return true;
}

function readEnd(reader: Reader, opened: Element[]): boolean {
  reader.at += 2;
  const name = nameAt(reader);
  skipSpace(reader);
  const element = opened.pop()!;
  if (opened.length === 0 || name !== element.name || reader.text[reader.at++] !== '>') return false;
  put(opened.at(-1)!, element.name, valueOf(element));
  return true;
}

export const xmlFunctions: readonly (readonly [string, Binder])[] = [
  ['parse_xml', define('string', 'dynamic', parseXml, { grows: true })],
];
