// The lines that CEF receivers get, as a reader of its own takes them apart.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCef, parseCefStream } from '../../../../test/support/cef-parser.ts';
import { everyRecord, exportContext, exportRecord } from '../../../../test/support/export-records.ts';
import type { ExportedRecord } from '../sink.ts';
import { cef } from './cef.ts';

test('a tool call is one line with the keys that everybody knows', () => {
  const record = exportRecord({
    action: 'tools/call',
    result: 'denied',
    client: 'claude-code',
    actor: { name: 'dana@example.com', kind: 'user', agent: 'application:bot', act: ['application:bot'] },
    details: { code: 'access_action_missing' },
    durationMs: 40,
    bytesIn: 120,
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  });
  assert.equal(
    cef(record, exportContext),
    'CEF:0|Genkan|Genkan|1.2.3|tools/call|Tools: call|5|' +
      'rt=1795289400123 start=1795289400083 end=1795289400123 externalId=genkan.example/audit+1234abcd:7 dvchost=gate-1 ' +
      'act=denied outcome=failure reason=access_action_missing ' +
      'suid=1a1a1a1a-0000-4000-8000-00000000000a@9f9f9f9f-0000-4000-8000-000000000001 suser=dana@example.com ' +
      'src=203.0.113.7 destinationServiceName=azure request=/servers/azure/tools/vm_delete requestMethod=tools/call ' +
      'requestClientApplication=claude-code/2.1 (linux) in=120 cnt=1 cn1=40 cn1Label=durationMs ' +
      'cs1=018f0000-0000-7000-8000-000000000001 cs1Label=correlationId cs2=claude-code cs2Label=client ' +
      'cs3=vm_delete cs3Label=tool cs4=application:bot cs4Label=actingFor ' +
      'cs6=4bf92f3577b34da6a3ce929d0e0e4736 cs6Label=traceId ' +
      'msg=Tools: call of vm_delete by dana@example.com: denied (access_action_missing)',
  );
});

test('every kind of record is one event with an id, a time and an outcome', () => {
  const severities = new Map<string, Set<number>>();
  for (const record of everyRecord()) {
    const { extension, severity, signature } = parseCef(cef(record, exportContext));
    assert.equal(signature, record.action);
    assert.equal(extension.get('externalId'), record.eventId);
    assert.equal(extension.get('rt'), String(record.timestamp));
    assert.match(extension.get('outcome')!, /^(success|failure|attempt|unknown)$/);
    // A value stands with what it is, and never alone.
    for (const key of extension.keys())
      if (/^(cs|cn|c6a)\d$/.test(key)) assert.ok(extension.has(`${key}Label`), `${record.action}: ${key}`);
    severities.set(record.result, (severities.get(record.result) ?? new Set()).add(severity));
  }
  assert.ok(Math.min(...severities.get('blocked')!) > Math.min(...severities.get('allowed')!));
});

test('an address of version 6 has keys of its own', () => {
  const { extension } = parseCef(cef(exportRecord({ action: 'tools/call', sourceIP: '2001:db8::7' }), exportContext));
  assert.equal(extension.get('src'), undefined);
  assert.equal(extension.get('c6a2'), '2001:db8::7');
  assert.equal(extension.get('c6a2Label'), 'Source IPv6 Address');
});

test('whom an act is about is told, and no file in somebody’s folder passes for them', () => {
  const keys = (record: ExportedRecord): unknown[] => {
    const { extension } = parseCef(cef(record, exportContext));
    return [extension.get('suser'), extension.get('duser')];
  };
  const given = { user: 'operator', actor: { name: 'root', kind: 'operator' } } as const;
  assert.deepEqual(keys(exportRecord({ ...given, action: 'principal.disable', resource: '/principals/p1' })), [
    'root',
    'p1',
  ]);
  const read = {
    ...given,
    action: 'resources/read',
    resource: '/servers/files/resources/file:///Users/lee',
    details: {},
  };
  assert.deepEqual(keys(exportRecord(read)), ['root', undefined]);
});

test('whatever stands in a record comes out of its line again, and nothing besides', () => {
  const hostile = fc.string({
    unit: fc.constantFrom('|', '\\', '=', '\n', '\r', ' ', 'a', 'ü', '令', '\u2028', '\0', 'cs1=', ' act='),
    maxLength: 60,
  });
  fc.assert(
    fc.property(hostile, hostile, hostile, hostile, (action, userAgent, resource, correlationId) => {
      const record = exportRecord({ action, userAgent, resource, correlationId });
      const expected = cef(
        exportRecord({ action: 'x', userAgent: 'x', resource: 'x', correlationId: 'x' }),
        exportContext,
      );
      const [event, ...more] = parseCefStream(cef(record, exportContext));
      assert.equal(more.length, 0);
      const shown = (text: string): string =>
        text.replace(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u2028\u2029]/g, ' ');
      assert.equal(event!.signature, action.replace(/[\0\n\r\u2028]/g, ' '));
      assert.equal(event!.extension.get('requestClientApplication') ?? '', shown(userAgent));
      assert.equal(event!.extension.get('request') ?? '', shown(resource));
      assert.equal(event!.extension.get('cs1') ?? '', shown(correlationId));
      const known = new Set([...parseCef(expected).extension.keys()]);
      assert.deepEqual(
        [...event!.extension.keys()].filter((key) => !known.has(key)),
        [],
      );
    }),
    { numRuns: 300 },
  );
});
