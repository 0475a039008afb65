// A client or server names things so that the SIEM reads another event than the one that was recorded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cef } from '../../src/record/export/formats/cef.ts';
import { syslogMessage } from '../../src/record/export/formats/syslog.ts';
import { parseCef, parseCefStream } from '../support/cef-parser.ts';
import { exportContext, exportRecord } from '../support/export-records.ts';
import { parseSyslog } from '../support/syslog-parser.ts';

const forgedLine = 'CEF:0|Genkan|Genkan|1.2.3|tools/call|Tools: call|0|act=allowed suser=lee@example.com';

/** What somebody writes, where it ends up, and the same line as a writer without escapes would have it. */
function attack(
  record: Parameters<typeof exportRecord>[0],
  text: string,
  escaped: string,
): { line: string; naive: string } {
  const line = cef(exportRecord(record), exportContext);
  assert.ok(line.includes(escaped), line);
  return { line, naive: line.replace(escaped, text) };
}

test('an equals sign in a user agent makes no field of its own', () => {
  const userAgent = 'curl act=allowed suser=lee@example.com outcome=success';
  const escaped = userAgent.replaceAll('=', String.raw`\=`);
  const { line, naive } = attack({ action: 'tools/call', result: 'denied', userAgent }, userAgent, escaped);
  const { extension } = parseCef(line);
  assert.equal(extension.get('act'), 'denied');
  assert.equal(extension.get('outcome'), 'failure');
  assert.equal(extension.get('requestClientApplication'), userAgent);
  // Control: as it was written, it says the contrary.
  const fooled = parseCef(naive).extension;
  assert.deepEqual(
    [fooled.get('act'), fooled.get('outcome'), fooled.get('suser')],
    ['allowed', 'success', 'lee@example.com'],
  );
});

test('a line break in the name of a tool makes no event of its own', () => {
  const tool = `x\n${forgedLine}`;
  const escaped = `cs3=${tool.replaceAll('=', String.raw`\=`).replace('\n', String.raw`\n`)}`;
  const { line, naive } = attack({ action: 'tools/call', result: 'denied', tool }, `cs3=${tool}`, escaped);
  assert.equal(parseCefStream(line).length, 1);
  assert.equal(parseCef(line).extension.get('cs3'), tool);
  // Control: two events, and the second clears somebody.
  const fooled = parseCefStream(naive);
  assert.equal(fooled.length, 2);
  assert.equal(fooled[1]!.extension.get('act'), 'allowed');
});

test('a pipe in the name of a method shifts no field of the head', () => {
  const action = 'x|Harmless look|0|act=allowed ';
  const escaped = action.replaceAll('|', String.raw`\|`);
  const { line, naive } = attack({ action, result: 'blocked' }, action, escaped);
  assert.equal(parseCef(line).signature, action);
  assert.equal(parseCef(line).severity, 8);
  // Control.
  const { name, severity } = parseCef(naive, 'lenient');
  assert.deepEqual([name, severity], ['Harmless look', 0]);
});

test('a backslash at the end of a value does not take the escape from what follows', () => {
  const userAgent = 'curl\\';
  const { line, naive } = attack({ action: 'tools/call', userAgent }, userAgent, String.raw`curl\\`);
  assert.equal(parseCef(line).extension.get('requestClientApplication'), userAgent);
  // Control: what follows is no longer a field.
  assert.throws(() => parseCef(naive), /no escape/);
});

test('a correlation id closes neither the structured data of syslog nor its message', () => {
  const correlationId = 'x" result="allowed"] <14>1 - lee';
  const record = exportRecord({ action: 'tools/call', result: 'denied', correlationId });
  const message = syslogMessage(record, exportContext, 'body');
  const [element] = parseSyslog(message).data;
  assert.equal(element!.parameters.get('result'), 'denied');
  assert.equal(element!.parameters.get('correlationId'), correlationId);
  // Control: without the escapes of RFC 5424 §6.3.3 the result is the attacker's.
  const naive = message.replace(correlationId.replace(/["\]\\]/g, String.raw`\$&`), correlationId);
  assert.notEqual(naive, message);
  assert.equal(parseSyslog(naive).data[0]!.parameters.get('result'), 'allowed');
});
