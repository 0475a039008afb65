// What somebody gets who sends every tool of the Azure MCP Server what its author did not think of: nothing that they were not granted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  adversarialCalls,
  argumentsOf,
  elsewhere,
  home,
  ordinaryCall,
} from '../../../test/support/azure-adversaries.ts';
import type { AdversarialCall } from '../../../test/support/azure-adversaries.ts';
import type { Together } from '../action-map.ts';
import type { Requirement } from '../decision.ts';
import { parseScope } from '../scope.ts';
import { createAzureMap } from './azure-map.ts';

const map = createAzureMap({
  server: 'azure',
  defaultSubscription: home,
  subscriptions: { Home: home, Elsewhere: elsewhere },
  fixedArguments: { tenant: 'contoso' },
  resources: {
    'https://listed.example': `/subscriptions/${home}/resourceGroups/x/providers/Microsoft.Kusto/clusters/c`,
  },
});

type Args = AdversarialCall['args'];

/** The subscription that the server would act in, found without the map. */
function subscriptionOf({ subscription }: Args): string {
  if (subscription === undefined || subscription === null) return home;
  return subscription === 'Elsewhere' ? elsewhere : String(subscription).toLowerCase();
}

/**
 * Why a scope could be narrower than what the call reaches; `undefined` where it cannot. A part that narrows must stand in
 * the call as it is: a group in its argument, a name in some argument that is a name, an id in one that is an id.
 */
function tooNarrow(tool: string, args: Args, scope: string): string | undefined {
  if (scope === '/' || scope === `/servers/azure/tools/${tool}`) return undefined;
  if (parseScope(scope, 'literal') === undefined) return 'it is no scope';
  const kinds = new Map(argumentsOf(tool).map(({ name, kind }) => [name, kind]));
  const given = (kind: string): unknown[] =>
    Object.entries(args).flatMap(([name, value]): unknown[] =>
      kinds.get(name) !== kind ? [] : Array.isArray(value) ? value : [value],
    );
  if (
    given('id').some((id) =>
      String(id)
        .split(',')
        .some((one) => one.trim() === scope),
    )
  )
    return undefined;
  if (given('endpoint').includes('https://listed.example') && scope.includes('/resourceGroups/x/')) return undefined;
  const [, top, subscription, groups, group, providers, , ...pairs] = scope.split('/');
  if (top !== 'subscriptions' || subscription !== subscriptionOf(args)) return 'it lies in another subscription';
  if (groups === undefined) return undefined;
  if (groups !== 'resourceGroups' || group !== args['resource-group'] || kinds.get('resource-group') !== 'group')
    return 'its group is not the one that the call names';
  const names = pairs.filter((_, at) => at % 2 === 1);
  const alien = providers === undefined ? undefined : names.find((name) => !given('name').includes(name));
  return alien === undefined ? undefined : `nothing in the call is called ${alien}`;
}

const counts = { calls: 0, refused: 0, widened: 0 };
const fewest = { tool: '', calls: Infinity };

/** The requirements of a bundle, where its scope is what anybody reads in the text of it. */
function readAgain({ scope, bundle }: Together): Requirement[] {
  assert.deepEqual(scope, parseScope(scope.text, 'literal'));
  return bundle.actions.map((each) => ({ ...each, scope: scope.text }));
}

test('whatever is sent, a call is refused or needs its actions wherever it could reach', () => {
  for (const tool of map.tools) {
    const calls = adversarialCalls(tool);
    if (calls.length < fewest.calls) Object.assign(fewest, { tool, calls: calls.length });
    const usual = map.requirements(tool, ordinaryCall(tool, 'all'));
    assert.ok(!('outcome' in usual), `${tool}: an ordinary call is refused`);
    for (const { what, args, outcome } of calls) {
      const about = `${tool} – ${what}`;
      const needs = map.requirements(tool, args);
      counts.calls += 1;
      if ('outcome' in needs) {
        counts.refused += 1;
        const isByChoice = outcome === 'refused' || /: (left out|null)$|nothing but/.test(what);
        assert.ok(isByChoice, `${about} is refused: ${needs.code}`);
        assert.match(needs.code, /^access_argument_(unresolved|fixed)$/, about);
        continue;
      }
      assert.equal(outcome, 'judged', `${about} is not refused`);
      assert.ok(needs.requirements.length > 0, about);
      assert.equal(needs.effect, usual.effect, about);
      assert.deepEqual(needs.together!.flatMap(readAgain), needs.requirements, about);
      for (const { scope } of needs.requirements)
        assert.equal(tooNarrow(tool, args, scope), undefined, `${about}: ${scope}`);
      // What every call needs, this one needs too.
      const needed = new Set(needs.requirements.map(({ action }) => action));
      for (const { action } of map.always(tool)!) assert.ok(needed.has(action), `${about} does not need ${action}`);
      const isWider = needs.requirements.some(
        ({ scope }, at) => scope.length < (usual.requirements[at]?.scope.length ?? 0),
      );
      if (isWider) counts.widened += 1;
    }
  }
});

test('the calls that are tried are many, of every tool', () => {
  assert.deepEqual(
    { ...counts, fewest },
    { calls: 48_287, refused: 34_761, widened: 873, fewest: { tool: 'subscription_list', calls: 52 } },
  );
});
