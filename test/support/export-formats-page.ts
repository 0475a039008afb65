// Writes docs/reference/export-formats.md from the mappings themselves: node test/support/export-formats-page.ts
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Result } from '../../src/record/entry.ts';
import { asim, asimSchemaOf, asimVersions } from '../../src/record/export/formats/asim.ts';
import { cef } from '../../src/record/export/formats/cef.ts';
import { kindOf } from '../../src/record/export/formats/kinds.ts';
import { ocsf } from '../../src/record/export/formats/ocsf.ts';
import { classify, ocsfVersion } from '../../src/record/export/formats/ocsf-classes.ts';
import { eventName, logsRequest } from '../../src/record/export/formats/otlp.ts';
import { parseCef } from './cef-parser.ts';
import { allActions, allResults, effects, exportContext, exportRecord } from './export-records.ts';
import { decodeLogs } from './otlp-decoder.ts';

export const pageFile = path.join(import.meta.dirname, '../../docs/reference/export-formats.md');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

function kindRow(action: string): readonly string[] {
  const kind = kindOf(action, effects.get(action));
  const [, activity] = kind.ocsf;
  const { class_name, class_uid, activity_id } = classify(kind.ocsf);
  const id = activity === 'by effect' ? '2, 3 or 4' : String(activity_id);
  const shown = activity === 'by effect' ? 'Read, Update or Delete, by its effect' : activity;
  return [
    `\`${action}\``,
    `${class_name} (${class_uid})`,
    `${shown} (${id})`,
    asimSchemaOf(kind.asim),
    kind.asim,
    kind.title,
  ];
}

type Told = Readonly<Record<string, unknown>>;

function resultRow(result: Result): readonly string[] {
  const record = exportRecord({ action: 'tools/call', result });
  const event = ocsf(record, exportContext) as Told;
  const row = asim(record, exportContext) as Told;
  const { severity, extension } = parseCef(cef(record, exportContext));
  const [log] = decodeLogs(JSON.stringify(logsRequest([record], exportContext)));
  return [
    `\`${result}\``,
    `${String(event['status'])} (${String(event['status_id'])})`,
    `${String(event['action'])} (${String(event['action_id'])})`,
    `${String(event['disposition'])} (${String(event['disposition_id'])})`,
    String(row['EventResult']),
    String(row['EventSeverity']),
    `\`${extension.get('act')}\`, \`${extension.get('outcome')}\``,
    String(severity),
    String(log!.severityNumber),
  ];
}

export async function exportFormatsPage(): Promise<string> {
  const text = `# What exported records look like

Made from the mappings by \`node test/support/export-formats-page.ts\`; do not edit. Every kind of record with every result is held
against these schemas by the tests. Each format bears the id of the record, by which receivers know one that comes twice:
\`metadata.uid\`, \`EventOriginalUid\`, \`externalId\`, \`eventId\` in the structured data of syslog, \`log.record.uid\`; intent and
outcome of one call bear the same \`metadata.correlation_uid\`, \`AdditionalFields.correlationId\`, \`cs1\`, \`genkan.correlation_id\`.

| format   | what it is                                                                                                                     |
| -------- | ------------------------------------------------------------------------------------------------------------------------------ |
| \`genkan\` | the columns of \`MCPAuditLog\`, as JSON                                                                                          |
| \`ocsf\`   | [OCSF ${ocsfVersion}](https://schema.ocsf.io/${ocsfVersion}/), JSON; whatever has no place in the schema stands under \`unmapped.genkan\`                   |
| \`asim\`   | Microsoft Sentinel's ASIM, JSON: AuditEvent ${asimVersions.AuditEvent} and Authentication ${asimVersions.Authentication}; the rest under \`AdditionalFields\`                     |
| \`cef\`    | CEF:0, a line; the signature is the action                                                                                     |
| OTLP     | OpenTelemetry logs, event \`${eventName}\`, with the names of the semantic conventions for MCP; the rest of the record as \`genkan.*\` |

What is recorded of whom, and what stays sealed: [audit.md](audit.md). Of somebody who was erased, formats say the pseudonym and nothing else.

## By result

${table(['result of a call', 'OCSF status', 'OCSF action', 'OCSF disposition', 'ASIM EventResult', 'ASIM EventSeverity', 'CEF act, outcome', 'CEF severity', 'OTLP severityNumber'], allResults.map(resultRow))}

An allowed call of which the server says that it failed is a failure of the activity, although the action was to allow it.
What inspection told of and let pass is at least Medium, and \`is_alert\`; what it only masked is neither.

## By kind of record

A call that inspection stopped is a Detection Finding (2004) in OCSF whatever stands here, with the call among its evidences: that it was
found is what happened. A call that was let pass stays API Activity, with the attributes of the profile \`security_control\` saying what was found.
Operations that the table of the code does not name are told by their effect: API Activity when they read, Entity Management when they change something.
A role that is given to a group, or taken from it, is Group Management (3006) with the same activity.
Methods that a client made up are API Activity, Other (6003, 99), and in CEF \`Other request\`.

${table(['action, CEF signature', 'OCSF class', 'OCSF activity', 'ASIM schema', 'ASIM EventType', 'CEF name'], allActions.map(kindRow))}
`;
  return format(text, { ...(await resolveConfig(pageFile)), filepath: pageFile });
}

if (import.meta.main) writeFileSync(pageFile, await exportFormatsPage());
