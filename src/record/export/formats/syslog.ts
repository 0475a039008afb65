// An audit record as a message of syslog (RFC 5424), around its text in another format; and how messages follow each other on a stream.
import type { ExportedRecord, FormatContext } from '../sink.ts';
import type { Severity } from './reading.ts';
import { readRecord } from './reading.ts';

/** RFC 5424 §6.2.1, of those that fit; by the names that receivers know them by. */
export const facilities = {
  auth: 4,
  authpriv: 10,
  audit: 13,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;

export type Facility = keyof typeof facilities;

/** RFC 5424 §6.2.1, Table 2. */
const severities = {
  Informational: 6, // informational
  Low: 5, // notice
  Medium: 4, // warning
  High: 3, // error
  Critical: 2, // critical
} as const satisfies Record<Severity, number>;

/** Set aside for examples (RFC 5612): Genkan has no number of its own. */
export const exampleEnterprise = 32_473;

export interface SyslogWish {
  readonly facility?: Facility;
  readonly enterprise?: number;
}

/**
 * RFC 5424 §6. The structured data tells receivers by which id to know a record that comes twice.
 * @param text of the record; without a byte order mark, since readers of CEF and JSON stumble over it (MSG-ANY, §6.4)
 */
export function syslogMessage(
  record: ExportedRecord,
  { host, version }: FormatContext,
  text: string,
  { facility = 'audit', enterprise = exampleEnterprise }: SyslogWish = {},
): string {
  const { eventId, action, result, correlationId, index, timestamp } = record;
  const priority = facilities[facility] * 8 + severities[readRecord(record).severity];
  const time = new Date(timestamp).toISOString();
  const head = `<${priority}>1 ${time} ${printable(host, 255)} genkan - ${printable(action, 32)}`;
  const own = parameters({ eventId, index: String(index), action, result, correlationId });
  const origin = parameters({ software: 'Genkan', swVersion: version.slice(0, 32) });
  return `${head} [genkan@${enterprise}${own}][origin${origin}] ${text}`;
}

/** RFC 6587 §3.4.1 and RFC 5425 §4.3: length in bytes, a space, the message. What is in it cannot end it. */
export function frame(message: string): Buffer {
  const bytes = Buffer.from(message);
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes]);
}

/** §6.2.4: visible ASCII, never empty. */
const printable = (text: string, most: number): string => text.slice(0, most).replace(/[^\x21-\x7e]/g, '?') || '-';

/** §6.3.3: `"`, `\` and `]` are escaped. Line breaks and whatever else acts on a terminal become spaces. */
const parameters = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => {
      const written = value
        .toWellFormed()
        .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ')
        .replace(/["\\\]]/g, String.raw`\$&`);
      return ` ${name}="${written}"`;
    })
    .join('');
