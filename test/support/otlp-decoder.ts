// Reads an ExportLogsServiceRequest in the JSON mapping of OTLP as strictly as its definitions allow, and has what the other signals are read with: fields of opentelemetry-proto (v1, logs, resource and common), 64-bit numbers as decimal texts, enums as numbers, ids in hexadecimal. What it does not know it refuses, so that a misspelt field does not pass for an unknown one.

export type Value = string | boolean | number | bigint | null | readonly Value[] | { readonly [key: string]: Value };

export interface DecodedLog {
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly eventName: string;
  readonly body: Value;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly traceId: string;
  readonly spanId: string;
  readonly resource: Readonly<Record<string, Value>>;
  readonly scope: { readonly name: string; readonly version: string };
}

export type Json = Readonly<Record<string, unknown>>;

export function fail(where: string, what: string): never {
  throw new Error(`${where}: ${what}`);
}

/** A message with these fields and no others. */
export function message(value: unknown, where: string, fields: readonly string[]): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(where, 'is no message');
  for (const name of Object.keys(value)) if (!fields.includes(name)) fail(where, `has no field ${name}`);
  return value as Json;
}

export const list = (value: unknown, where: string): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : fail(where, 'is not repeated');

export function text(value: unknown, where: string): string {
  if (value === undefined) return '';
  if (typeof value !== 'string' || !value.isWellFormed()) fail(where, 'is no text');
  return value;
}

export function whole(value: unknown, where: string, [least, most]: readonly [bigint, bigint]): bigint {
  if (value === undefined) return 0n;
  if (typeof value !== 'string' || !/^(?:0|-?[1-9][0-9]*)$/.test(value)) fail(where, 'is no 64-bit number in a text');
  const number = BigInt(value);
  return number < least || number > most ? fail(where, 'is out of range') : number;
}

export const fixed64 = [0n, 2n ** 64n - 1n] as const;
export const int64 = [-(2n ** 63n), 2n ** 63n - 1n] as const;

export function hex(value: unknown, where: string, bytes: number): string {
  if (value === undefined) return '';
  if (typeof value !== 'string' || !new RegExp(`^[0-9a-fA-F]{${bytes * 2}}$`).test(value) || /^0+$/.test(value))
    fail(where, `is no id of ${bytes} bytes`);
  return value;
}

const kinds = ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'];

function anyValue(given: unknown, where: string): Value {
  const value = message(given, where, kinds);
  const [kind, ...more] = Object.keys(value);
  if (more.length > 0) fail(where, 'is more than one of a oneof');
  const one = value[kind ?? ''];
  switch (kind) {
    case undefined:
      return null;
    case 'stringValue':
      return text(one, where);
    case 'boolValue':
      return typeof one === 'boolean' ? one : fail(where, 'is no bool');
    case 'intValue':
      return whole(one, where, int64);
    case 'doubleValue':
      return typeof one === 'number' ? one : fail(where, 'is no double');
    case 'arrayValue':
      return list(message(one, where, ['values'])['values'], where).map((each, at) =>
        anyValue(each, `${where}[${at}]`),
      );
    case 'kvlistValue':
      return keyValues(message(one, where, ['values'])['values'], where);
    default:
      return fail(where, `${kind} is not expected of an audit record`);
  }
}

export function keyValues(given: unknown, where: string): Readonly<Record<string, Value>> {
  const all = list(given, where).map((each) => {
    const { key, value } = message(each, where, ['key', 'value']);
    const name = text(key, where);
    if (name === '') fail(where, 'has an attribute without a name');
    return [name, anyValue(value, `${where}.${name}`)] as const;
  });
  if (new Set(all.map(([name]) => name)).size !== all.length) fail(where, 'has an attribute twice');
  return Object.fromEntries(all);
}

function logRecord(given: unknown, where: string): Omit<DecodedLog, 'resource' | 'scope'> {
  const fields =
    'timeUnixNano observedTimeUnixNano severityNumber severityText body attributes droppedAttributesCount flags traceId spanId eventName';
  const record = message(given, where, fields.split(' '));
  const severity = record['severityNumber'];
  if (!Number.isInteger(severity) || Number(severity) < 1 || Number(severity) > 24) fail(where, 'has no severity');
  return {
    timeUnixNano: whole(record['timeUnixNano'], where, fixed64),
    observedTimeUnixNano: whole(record['observedTimeUnixNano'], where, fixed64),
    severityNumber: Number(severity),
    severityText: text(record['severityText'], where),
    eventName: text(record['eventName'], where),
    body: anyValue(record['body'] ?? {}, `${where}.body`),
    attributes: keyValues(record['attributes'], where),
    traceId: hex(record['traceId'], where, 16),
    spanId: hex(record['spanId'], where, 8),
  };
}

export interface From {
  readonly resource: Readonly<Record<string, Value>>;
  readonly scope: { readonly name: string; readonly version: string };
}

/** What the requests of all signals have in common: by resource, by scope, a list. */
export function inScopes<One>(
  json: string,
  [resources, scopes, all]: readonly [resources: string, scopes: string, all: string],
  read: (given: unknown, where: string) => One,
): readonly (One & From)[] {
  const request = message(JSON.parse(json), 'request', [resources]);
  return list(request[resources], resources).flatMap((each) => {
    const { resource, [scopes]: inside } = message(each, resources, ['resource', scopes, 'schemaUrl']);
    const of = keyValues(
      message(resource, 'resource', ['attributes', 'droppedAttributesCount'])['attributes'],
      'resource',
    );
    return list(inside, scopes).flatMap((one) => {
      const { scope, [all]: ones } = message(one, scopes, ['scope', all, 'schemaUrl']);
      const { name, version } = message(scope, 'scope', ['name', 'version', 'attributes', 'droppedAttributesCount']);
      return list(ones, all).map((given, at) => ({
        ...read(given, `${all}[${at}]`),
        resource: of,
        scope: { name: text(name, 'scope'), version: text(version, 'scope') },
      }));
    });
  });
}

/** @throws Error on what the definitions do not allow */
export const decodeLogs = (json: string): readonly DecodedLog[] =>
  inScopes(json, ['resourceLogs', 'scopeLogs', 'logRecords'], logRecord);
