// Audit records as CEF:0, the Common Event Format of ArcSight (Implementation Standard, revision 26), one line each.
import type { ExportedRecord, FormatContext } from '../sink.ts';
import { readRecord } from './reading.ts';

/** 0–3 low, 4–6 medium, 7–8 high, 9–10 very high. */
export const cefSeverities = { Informational: 1, Low: 3, Medium: 5, High: 8, Critical: 10 } as const;

// What the dictionary of the standard lets each of these keys hold.
const maxShort = 63;
const maxName = 1023;
const maxText = 4000;

export function cef(record: ExportedRecord, { version, host }: FormatContext): string {
  const { kind, who, target, ending, code, severity, object, objectType, findings, ip, startedAtMs, message } =
    readRecord(record);
  const { action, result, server, client, actor, resource, correlationId, traceId, timestamp } = record;
  const head = ['Genkan', 'Genkan', version, action, kind.title, String(cefSeverities[severity])];
  const custom = (number: number, label: string, value: string | undefined): readonly Pair[] =>
    value === undefined || value === ''
      ? []
      : [
          [`cs${number}`, value, maxText],
          [`cs${number}Label`, label, maxName],
        ];
  const pairs: readonly Pair[] = [
    ['rt', String(timestamp)],
    ['start', String(startedAtMs)],
    ['end', String(timestamp)],
    ['externalId', record.eventId, maxName],
    ['dvchost', host, maxName],
    ['act', result, maxShort],
    ['outcome', outcomes[ending], maxShort],
    ['reason', code, maxName],
    ['suid', who.id, maxName],
    ['suser', who.name ?? who.id, maxName],
    ['duid', target === who ? undefined : target.id, maxName],
    ['duser', target === who ? undefined : (target.name ?? target.id), maxName],
    ['src', ip?.includes(':') === false ? ip : undefined],
    // RFC 4291 addresses have keys of their own.
    ...(ip?.includes(':') === true
      ? ([
          ['c6a2', ip],
          ['c6a2Label', 'Source IPv6 Address'],
        ] as const)
      : []),
    ['destinationServiceName', server, maxName],
    ['request', resource, maxName],
    ['requestMethod', action, maxName],
    ['requestClientApplication', record.userAgent, maxName],
    ['in', record.bytesIn === undefined ? undefined : String(record.bytesIn)],
    ['out', record.bytesOut === undefined ? undefined : String(record.bytesOut)],
    ['cnt', '1'],
    ...(record.durationMs === undefined
      ? []
      : ([
          ['cn1', String(Math.round(record.durationMs))],
          ['cn1Label', 'durationMs'],
        ] as const)),
    ...custom(1, 'correlationId', correlationId),
    ...custom(2, 'client', client),
    ...custom(3, objectType, object),
    ...custom(4, 'actingFor', actor?.act?.join(' ') ?? actor?.agent),
    ...custom(5, 'findings', findings.map(({ kind: what, rule, action: done }) => `${what}/${rule}/${done}`).join(' ')),
    ...custom(6, 'traceId', traceId),
    ['msg', message, 1023],
  ];
  const extension = pairs.flatMap(([key, value, most = maxName]) =>
    value === undefined || value === '' ? [] : [`${key}=${escapeValue(value.slice(0, most))}`],
  );
  return `CEF:0|${head.map(escapeHead).join('|')}|${extension.join(' ')}`;
}

type Pair = readonly [key: string, value: string | undefined, maxCharacters?: number];

const outcomes = { success: 'success', failure: 'failure', pending: 'attempt', unknown: 'unknown' } as const;

/** In the head pipes and backslashes are escaped, equals signs are not, and there are no line breaks at all. */
const escapeHead = (text: string): string =>
  oneLine(text)
    .slice(0, 512)
    .replace(/[\\|]/g, String.raw`\$&`);

/** In the extension it is equals signs and backslashes, and line breaks are written as `\n` and `\r`. */
const escapeValue = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\\=]/g, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)
    .replace(controls, ' ');

// What ends a line for some receiver, or acts on the terminal of whoever reads it.
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;
const oneLine = (text: string): string => text.toWellFormed().replace(controls, ' ');
