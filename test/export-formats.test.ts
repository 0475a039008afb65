// What exports write, held against the schemas of those who read it: every kind of record, whatever came of it and whoever did it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import fc from 'fast-check';
import { asim } from '../src/record/export/formats/asim.ts';
import { kindOf, unknownKind } from '../src/record/export/formats/kinds.ts';
import { ocsf } from '../src/record/export/formats/ocsf.ts';
import { classify, ocsfClasses } from '../src/record/export/formats/ocsf-classes.ts';
import type { ExportedRecord } from '../src/record/export/sink.ts';
import { exportFormatsPage, pageFile } from './support/export-formats-page.ts';
import { asimFields } from './support/asim-fields.ts';
import { allActions, effects, everyRecord, exportContext, exportRecord } from './support/export-records.ts';

type Attributes = Readonly<Record<string, unknown>>;

const schema = JSON.parse(readFileSync(path.join(import.meta.dirname, 'support/ocsf-1.8.0.schema.json'), 'utf8')) as {
  readonly $defs: Readonly<Record<string, { readonly $comment?: string; readonly properties: Attributes }>>;
};
const validateOcsf = new Ajv2020({ allErrors: true, formats: fullFormats }).compile(schema);

const sent = (value: object): Attributes => JSON.parse(JSON.stringify(value)) as Attributes;
const asOcsf = (record: ExportedRecord): Attributes => sent(ocsf(record, exportContext));
const asAsim = (record: ExportedRecord): Attributes => sent(asim(record, exportContext));

test('every action that is recorded anywhere is told in the words of the formats', () => {
  assert.ok(allActions.length > 150, `${allActions.length}`);
  assert.deepEqual(
    allActions.filter((action) => kindOf(action, effects.get(action)) === unknownKind),
    [],
  );
});

test('every kind of record, with every result and by everybody, is an event of OCSF 1.8.0', () => {
  const classes = new Map<unknown, number>();
  for (const record of everyRecord()) {
    const event = asOcsf(record);
    if (!validateOcsf(event))
      assert.fail(
        `${record.action} ${record.result} ${record.user}: ${JSON.stringify(validateOcsf.errors, undefined, 1)}`,
      );
    assert.equal(event['type_uid'], Number(event['class_uid']) * 100 + Number(event['activity_id']));
    classes.set(event['class_uid'], (classes.get(event['class_uid']) ?? 0) + 1);
  }
  assert.deepEqual(
    [...classes.keys()].sort(),
    Object.values(ocsfClasses)
      .map(({ uid }) => uid)
      .sort(),
  );
});

test('the activities of the classes are those of the schema, by number and by name', () => {
  for (const name of Object.keys(ocsfClasses) as (keyof typeof ocsfClasses)[]) {
    const { uid, name: caption, category, activities } = ocsfClasses[name];
    const defined = Object.values(schema.$defs).find(
      ({ properties }) => (properties['class_uid'] as { const?: number } | undefined)?.const === uid,
    )!;
    assert.deepEqual(defined.properties['class_name'], { const: caption });
    assert.deepEqual(defined.properties['category_uid'], { const: category[0] });
    for (const [activity, id] of Object.entries(activities)) {
      assert.match(`${defined.$comment!},`, new RegExp(`[ ,]${id} ${activity},`));
      assert.equal(classify([name, activity]).type_uid, uid * 100 + id);
    }
    assert.equal(classify([name, 'constructor']).activity_id, 99);
  }
});

test('a tool call is API activity that says who, in whose hands, by which right, where and what', () => {
  const event = asOcsf(
    exportRecord({
      action: 'tools/call',
      effect: 'destroy',
      client: 'claude-code',
      actor: { name: 'dana@example.com', kind: 'user' },
      because: [{ assignment: 'a1', role: 'Operator', scope: '/servers/azure' }],
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      durationMs: 40,
    }),
  );
  assert.partialDeepStrictEqual(event, {
    class_uid: 6003,
    type_uid: 600304,
    activity_name: 'Delete',
    severity_id: 1,
    status_id: 1,
    action_id: 1,
    disposition_id: 1,
    actor: {
      user: {
        uid: '1a1a1a1a-0000-4000-8000-00000000000a@9f9f9f9f-0000-4000-8000-000000000001',
        uid_alt: '1a1a1a1a-0000-4000-8000-00000000000a',
        org: { uid: '9f9f9f9f-0000-4000-8000-000000000001' },
        name: 'dana@example.com',
      },
      app_uid: 'claude-code',
      authorizations: [{ decision: 'allowed', policy: { uid: 'a1', name: 'Operator' } }],
    },
    src_endpoint: { ip: '203.0.113.7' },
    api: { operation: 'tools/call', service: { name: 'azure' } },
    resources: [{ name: 'vm_delete', type: 'tool', namespace: 'azure' }],
    message_context: { ai_role: 'Tool', application: { uid: 'claude-code' }, service: { name: 'azure' } },
    trace: { uid: '4bf92f3577b34da6a3ce929d0e0e4736', span: { uid: '00f067aa0ba902b7' } },
    metadata: {
      uid: 'genkan.example/audit+1234abcd:7',
      correlation_uid: '018f0000-0000-7000-8000-000000000001',
      sequence: 7,
    },
  });
});

test('what inspection stopped is a detection; what it told of and let pass stays a call, marked as an alert', () => {
  const findings = [{ kind: 'injection', rule: 'shield.instruction', action: 'block', score: 0.97 }];
  const stopped = asOcsf(exportRecord({ action: 'tools/call', result: 'blocked', findings }));
  assert.partialDeepStrictEqual(stopped, {
    class_uid: 2004,
    severity_id: 4,
    disposition_id: 2,
    is_alert: true,
    confidence_score: 97,
    finding_info: { types: ['injection'], analytic: { name: 'shield.instruction' } },
    evidences: [{ api: { operation: 'tools/call' } }],
  });
  const flagged = [{ kind: 'injection', rule: 'shield.instruction', action: 'flag' }];
  const passed = asOcsf(exportRecord({ action: 'tools/call', findings: flagged }));
  assert.partialDeepStrictEqual(passed, { class_uid: 6003, severity_id: 3, disposition_id: 15, is_alert: true });
  const redacted = [{ kind: 'personal', rule: 'pii.email', action: 'redact' }];
  const masked = asOcsf(exportRecord({ action: 'tools/call', findings: redacted }));
  assert.partialDeepStrictEqual(masked, { class_uid: 6003, severity_id: 1, disposition_id: 1, is_alert: false });
});

test('a role given to a person is told of the person, one given to a group of the group, each with who gave it', () => {
  const given = { actor: { name: 'dana@example.com', kind: 'user' }, resource: '/servers/azure' } as const;
  const input = { role: 'Reader', scope: '/servers/azure' };
  const user = 'lee@example.com';
  assert.partialDeepStrictEqual(
    asOcsf(exportRecord({ ...given, action: 'role.assign', details: { input: { ...input, user } } })),
    {
      type_uid: 300501,
      user: { name: user },
      privileges: ['Reader'],
      actor: { user: { name: 'dana@example.com' } },
      resources: [{ uid: '/servers/azure' }],
    },
  );
  const unassign = exportRecord({ ...given, action: 'role.unassign', details: { input: { ...input, group: 'ops' } } });
  const event = asOcsf(unassign);
  assert.ok(validateOcsf(event), JSON.stringify(validateOcsf.errors));
  assert.partialDeepStrictEqual(event, { type_uid: 300602, group: { name: 'ops' }, privileges: ['Reader'] });
  const left = exportRecord({ action: 'scim.user.changed', details: { person: 'x', active: false } });
  assert.partialDeepStrictEqual(asOcsf(left), { type_uid: 300105, user: { uid: 'u1' } });
});

test('a call that the server says has failed did not succeed, although it was allowed', () => {
  const record = exportRecord({ action: 'tools/call', details: { toolError: true } });
  assert.partialDeepStrictEqual(asOcsf(record), {
    status_id: 2,
    action_id: 1,
    api: { response: { error: 'tool_error' } },
  });
  assert.partialDeepStrictEqual(asAsim(record), { EventResult: 'Failure', DvcAction: 'Allow' });
});

test('every kind of record, with every result and by everybody, is a row of ASIM', () => {
  const schemas = new Set<unknown>();
  for (const record of everyRecord()) {
    const row = asAsim(record);
    const { fields, version } = asimFields[row['EventSchema'] as keyof typeof asimFields];
    schemas.add(row['EventSchema']);
    assert.equal(row['EventSchemaVersion'], version);
    for (const [name, { type, mandatory, values }] of Object.entries(fields)) {
      const value = row[name];
      if (value === undefined) {
        assert.ok(!mandatory, `${record.action}: no ${name}`);
        continue;
      }
      if (values !== undefined) assert.ok(values.includes(String(value)), `${record.action}: ${name} ${String(value)}`);
      if (type === 'string')
        assert.ok(typeof value === 'string' && value !== '', `${record.action}: ${name} is no text`);
      if (type === 'int') assert.ok(Number.isInteger(value), `${record.action}: ${name} is no number`);
      if (type === 'datetime') assert.equal(new Date(String(value)).toISOString(), value);
      if (type === 'dynamic') assert.equal(typeof value, 'object');
    }
    const foreign = Object.keys(row).filter((name) => !Object.hasOwn(fields, name));
    assert.deepEqual(foreign, [], record.action);
    // Whatever says what kind of thing something is stands beside it (class `Conditional`).
    for (const name of Object.keys(row))
      if (/(IdType|UsernameType|AppType)$/.test(name))
        assert.ok(
          row[name.replace(/Type$/, name.endsWith('AppType') ? 'Name' : '')] !== undefined,
          `${record.action}: ${name} alone`,
        );
  }
  assert.deepEqual([...schemas].sort(), ['AuditEvent', 'Authentication']);
});

test('ASIM tells who by their object id, so that rows join with those of Entra ID', () => {
  assert.partialDeepStrictEqual(
    asAsim(exportRecord({ action: 'tools/call', actor: { name: 'dana@example.com' }, client: 'code' })),
    {
      EventSchema: 'AuditEvent',
      EventType: 'Execute',
      Operation: 'tools/call',
      Object: 'vm_delete',
      ActorUserId: '1a1a1a1a-0000-4000-8000-00000000000a',
      ActorUserIdType: 'AADID',
      ActorScopeId: '9f9f9f9f-0000-4000-8000-000000000001',
      ActorUsername: 'dana@example.com',
      ActorUsernameType: 'UPN',
      SrcIpAddr: '203.0.113.7',
      TargetAppName: 'azure',
      ActingAppName: 'code',
      EventOriginalUid: 'genkan.example/audit+1234abcd:7',
    },
  );
  const refused = {
    action: 'identity.tokenRefused',
    result: 'challenged',
    details: { code: 'identity_token_expired' },
  } as const;
  assert.partialDeepStrictEqual(asAsim(exportRecord(refused)), {
    EventSchema: 'Authentication',
    EventType: 'Logon',
    EventResult: 'Failure',
    EventResultDetails: 'Session expired',
    EventOriginalResultDetails: 'identity_token_expired',
  });
});

test('whatever a client makes up, the formats stay what they are', () => {
  const text = fc.string({ unit: 'binary', maxLength: 80 });
  fc.assert(
    fc.property(
      fc.record({
        action: fc.oneof(
          text,
          fc.constantFrom('__proto__', 'constructor', 'toString', 'tools/call', 'identity.signIn'),
        ),
        user: text,
        resource: text,
        sourceIP: text,
        userAgent: text,
        correlationId: text,
        server: fc.option(text, { nil: undefined }),
        tool: fc.option(text, { nil: undefined }),
        client: fc.option(text, { nil: undefined }),
        details: fc.dictionary(
          fc.constantFrom('code', 'error', 'input', 'scope', 'role', 'person', '__proto__'),
          fc.jsonValue(),
        ),
      }),
      (given) => {
        const record = exportRecord(given);
        assert.ok(validateOcsf(asOcsf(record)), JSON.stringify(validateOcsf.errors));
        const row = asAsim(record);
        assert.ok(
          asimFields[row['EventSchema'] as keyof typeof asimFields].fields['EventType']!.values!.includes(
            String(row['EventType']),
          ),
        );
      },
    ),
    { numRuns: 200 },
  );
});

test('the page of the reference is the one that the mappings make', async () => {
  const made = await exportFormatsPage();
  assert.equal(readFileSync(pageFile, 'utf8'), made, 'run: node test/support/export-formats-page.ts');
});
