// Tests of where a refusal says that an action is granted: the first few scopes, whatever was told before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bind } from './assignment.ts';
import { createDecider } from './decider.ts';
import { collectRoles } from './roles.ts';

const dana = { id: 'dana', kind: 'user', name: 'dana', groups: ['dev'] } as const;

test('a refusal names the first five scopes that grant what is missing, those of roles before those that hold for a time', () => {
  // More roles than a number has bits, and lists than are kept.
  const names = Array.from({ length: 70 }, (_, at) => `Role ${at}`);
  const tools = Array.from({ length: 8 }, (_, at) => `tool_${at}`);
  const granted = fc.array(fc.tuple(fc.subarray(tools), fc.nat({ max: 12 }), fc.option(fc.nat({ max: 2 }))), {
    minLength: 1,
    maxLength: names.length,
  });
  fc.assert(
    fc.property(
      granted,
      fc.array(fc.tuple(fc.constantFrom(...tools), fc.nat({ max: 3 })), { maxLength: 30 }),
      (held, asked) => {
        const roles = collectRoles(
          held.map(([granting], at) => ({
            Name: names[at]!,
            Actions: ['Nothing/of/this/read', ...granting.map((tool) => `mcp/servers/*/tools/${tool}/call`)],
            AssignableScopes: ['/'],
          })),
          () => '',
          {},
        );
        const grants = held.map(([, server, hour], at) =>
          bind(
            {
              id: `a${at}`,
              principal: { kind: at % 3 === 0 ? 'user' : 'group', id: at % 3 === 0 ? 'dana' : 'dev' },
              role: names[at]!,
              scope: `/servers/s${server}`,
              source: 'database',
              ...(hour !== null && { startsAtMs: hour * 10, endsAtMs: hour * 10 + 15 }),
            },
            roles,
          ),
        );
        let nowMs = 0;
        const { decide } = createDecider(grants, new Map(), { clock: { now: () => nowMs } });
        for (const [tool, time] of asked) {
          nowMs = time * 9;
          const decision = decide(dana, { server: 'elsewhere', primitive: 'tools', name: tool, arguments: {} });
          assert.ok(decision.outcome === 'deny');
          const granting = grants.filter(
            ({ role, assignment: { startsAtMs = -Infinity, endsAtMs = Infinity } }) =>
              role.judge(`mcp/servers/elsewhere/tools/${tool}/call`, false).verdict === 'grants' &&
              startsAtMs <= nowMs &&
              nowMs < endsAtMs,
          );
          const scopesOf = (some: typeof grants): Set<string> => new Set(some.map(({ scope }) => scope.text));
          const [always, all] = [
            scopesOf(granting.filter(({ assignment }) => assignment.endsAtMs === undefined)),
            scopesOf(granting),
          ];
          assert.equal(decision.code, all.size === 0 ? 'access_action_missing' : 'access_out_of_scope');
          const told = (decision.data?.['granted'] ?? []) as string[];
          assert.equal(told.length, Math.min(5, all.size));
          assert.equal(new Set(told).size, told.length);
          assert.ok(
            told.every((scope, at) => (at < always.size ? always : all).has(scope)),
            told.join(' '),
          );
          if (all.size > 0) assert.equal(decision.params['granted'], told.join(', '));
        }
      },
    ),
    { numRuns: 60 },
  );
});
