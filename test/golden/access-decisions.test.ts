// Golden: decisions, each file a rule of Azure's documented evaluation. UPDATE_GOLDEN=1 writes what is decided now.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { compileCondition } from '../../src/access/conditions/compile.ts';
import { hasAccess } from '../support/azure-evaluation.ts';
import { answer, readCase, readWorld } from '../support/decision-cases.ts';
import type { Case, World } from '../support/decision-cases.ts';

const folder = path.join(import.meta.dirname, 'access');
const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
const files = readdirSync(folder).filter((file) => file.endsWith('.txt') && !file.startsWith('seed-role-'));
const separator = '\n----------\n';
const arrow = '  => ';

let cases = 0;
for (const file of files) {
  test(path.basename(file, '.txt').replaceAll('-', ' '), () => {
    const [policy = '', table = ''] = read(file).split(separator);
    const world = readWorld(policy, read);
    const lines = table.trimEnd().split('\n');
    const width = Math.max(...lines.map((line) => line.split(arrow)[0]!.trimEnd().length));
    const found = lines.map((line) => {
      const [asked = '', expected = ''] = line.split(arrow);
      if (asked.trim() === '' || asked.startsWith('#')) return line;
      const each = readCase(asked, world);
      const answered = answer(each, world);
      // A word or a code may stand for the whole answer while somebody writes a case.
      const isMeant = answered === expected || answered.startsWith(expected.trimEnd());
      assert.ok(process.env['UPDATE_GOLDEN'] !== '1' || isMeant, `${asked.trim()}: ${answered}, not ${expected}`);
      compareWithDocumentation(each, answered, world);
      cases += 1;
      return `${asked.trimEnd().padEnd(width)}${arrow}${answered}`;
    });
    const written = [policy, found.join('\n')].join(separator) + '\n';
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path.join(folder, file), written);
    else assert.equal(written, read(file));
  });
}

function compareWithDocumentation(asked: Case, answered: string, { policy }: World): void {
  const { who, needs, scope, nowMs, attributes } = asked;
  if (who.kind === 'operator' || needs.some((each) => /^(?!data:)\w+:/.test(each)) || answered.includes('invalid'))
    return;
  const allowed = needs.every((text) => {
    const requirement = { action: text.replace(/^data:/, ''), data: text.startsWith('data:'), scope };
    const request = { server: 'arm', primitive: 'tools', name: 'call', arguments: {} } as const;
    const circumstances = { principal: who, request, requirement, attributes, nowMs };
    const holds = (condition: string) => compileCondition(condition).judge(circumstances);
    return hasAccess(policy, { ...requirement, principal: who, nowMs, holds });
  });
  assert.equal(answered.startsWith('allow'), allowed, `${asked.line}: the documentation says otherwise`);
}

test('there are more than 300 cases', () => assert.ok(cases >= 300, `${cases} cases`));
