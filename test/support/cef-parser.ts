// Reads CEF:0 lines as a receiver does, one sign after the other: its own reading of the standard, which shares nothing with the writer.

export interface CefEvent {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly signature: string;
  readonly name: string;
  readonly severity: number;
  readonly extension: ReadonlyMap<string, string>;
}

/** Events are told apart by line breaks. @throws Error on what is no CEF */
export const parseCefStream = (text: string): readonly CefEvent[] =>
  text
    .split(/\r\n|\r|\n/)
    .filter((line) => line !== '')
    .map((line) => parseCef(line));

/** @param reader a lenient one takes what is no key for a part of the value before it, as many do */
export function parseCef(line: string, reader: 'strict' | 'lenient' = 'strict'): CefEvent {
  if (!line.startsWith('CEF:0|')) throw new Error(`no CEF: ${line.slice(0, 40)}`);
  const head: string[] = [];
  let field = '';
  let at = 6;
  for (; head.length < 6; at++) {
    const sign = line[at];
    if (sign === undefined) throw new Error('the head ends too early');
    if (sign === '\\') {
      const next = line[++at];
      if (next !== '\\' && next !== '|') throw new Error(`\\${next} is no escape of the head`);
      field += next;
    } else if (sign === '|') {
      head.push(field);
      field = '';
    } else field += sign;
  }
  const [vendor, product, version, signature, name, severity] = head as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (!/^(?:[0-9]|10)$/.test(severity)) throw new Error(`${severity} is no severity`);
  return {
    vendor,
    product,
    version,
    signature,
    name,
    severity: Number(severity),
    extension: readExtension(line.slice(at), reader),
  };
}

/** A key is what stands between a space and an equals sign that nothing escapes. */
function readExtension(text: string, reader: 'strict' | 'lenient'): ReadonlyMap<string, string> {
  const equals: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '=') equals.push(at);
  }
  const keys = equals
    .map((end) => ({ start: text.lastIndexOf(' ', end) + 1, end }))
    .filter(({ start, end }) => reader === 'strict' || /^\w+$/.test(text.slice(start, end)));
  const extension = new Map<string, string>();
  for (const [index, { start, end }] of keys.entries()) {
    const key = text.slice(start, end);
    if (!/^[A-Za-z0-9_.]+$/.test(key)) throw new Error(`${key} is no key`);
    const next = keys[index + 1];
    extension.set(key, unescapeValue(text.slice(end + 1, next === undefined ? text.length : next.start - 1)));
  }
  return extension;
}

function unescapeValue(text: string): string {
  let value = '';
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '\\') {
      value += text[at];
      continue;
    }
    const next = text[++at];
    const meant = { '\\': '\\', '=': '=', n: '\n', r: '\r' }[next ?? ''];
    if (meant === undefined) throw new Error(`\\${next} is no escape of a value`);
    value += meant;
  }
  return value;
}
