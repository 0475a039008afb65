// Decisions as files: a policy in YAML, a line of dashes, and a case a line with what becomes of it.
import { parse } from 'yaml';
import { assigneeOf } from '../../src/access/assignee.ts';
import type { ActionMap } from '../../src/access/action-map.ts';
import { bind } from '../../src/access/assignment.ts';
import type { Assignee, Assignment } from '../../src/access/assignment.ts';
import { createDecider } from '../../src/access/decider.ts';
import type { Decider } from '../../src/access/decider.ts';
import type { Decision } from '../../src/access/decision.ts';
import { bindDeny, denyAssignmentOf } from '../../src/access/deny/deny-assignment.ts';
import { denyAssignmentSetting } from '../../src/access/deny/settings.ts';
import type { Attributes } from '../../src/access/conditions/condition.ts';
import { collectRoles } from '../../src/access/roles.ts';
import { refuse } from '../../src/base/errors.ts';
import type { Principal } from '../../src/base/principal.ts';
import type { Policy } from './azure-evaluation.ts';

export const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001';
const variables = {
  'subscription-id': subscription.slice(15),
  s: subscription,
  t: '/subscriptions/00000000-0000-0000-0000-000000000002',
};
const noonMs = Date.parse('2026-06-01T12:00:00Z');

interface WrittenAssignment {
  readonly [id: string]: string | { readonly condition?: string; readonly from?: string; readonly until?: string };
}
interface Written {
  readonly roles?: readonly (string | { readonly Name: string })[];
  /** `id: group dev-team | Role | scope`, with what it is bound to under `id if`. */
  readonly assignments?: WrittenAssignment;
  readonly eligible?: WrittenAssignment;
  readonly denyAssignments?: Readonly<Record<string, object>>;
  readonly people: Readonly<Record<string, string>>;
}

/** A server whose calls say themselves which actions they need, and where. */
const frank: ActionMap = {
  tools: ['call'],
  always: () => undefined,
  requirements(_tool, { needs, scope }) {
    const requirements = (needs as string[]).map((text) => ({
      action: text.replace(/^data:/, ''),
      data: text.startsWith('data:'),
      scope: String(scope),
    }));
    return requirements.length === 0 ? refuse('access_tool_unmapped') : { effect: 'write', requirements };
  },
  attributes: (_tool, args) => args['with'] as Attributes,
};

export interface World {
  readonly policy: Policy;
  readonly decider: Decider;
  readonly people: ReadonlyMap<string, Principal>;
  setNow(nowMs: number): void;
}

export function readWorld(yaml: string, readFile: (file: string) => string): World {
  const written = parse(fill(yaml)) as Written;
  const roles = collectRoles([...(written.roles ?? [])] as Parameters<typeof collectRoles>[0], readFile, variables);
  const assignments = assignmentsOf(written.assignments ?? {});
  const eligible = assignmentsOf(written.eligible ?? {});
  const denyAssignments = Object.entries(written.denyAssignments ?? {}).map(([id, each]) => ({
    ...denyAssignmentOf(denyAssignmentSetting.parse({ name: id, ...each }), variables),
    id,
    source: 'configuration' as const,
  }));
  let nowMs = noonMs;
  const decider = createDecider(
    assignments.map((each) => bind(each, roles)),
    new Map([['arm', frank]]),
    {
      denials: denyAssignments.map((each) => bindDeny(each)),
      eligible: eligible.map((each) => bind(each, roles)),
      clock: { now: () => nowMs },
    },
  );
  const people = new Map(Object.entries(written.people).map(([id, text]) => [id, principalOf(id, text)]));
  const definitions = [...roles.values()].map(({ definition }) => definition);
  return {
    policy: { roles: definitions, assignments, denyAssignments },
    decider,
    people,
    setNow: (wanted) => (nowMs = wanted),
  };
}

const fill = (text: string): string => text.replace(/\{([st])\}/g, (_, name: 's' | 't') => variables[name]);

function assignmentsOf(written: WrittenAssignment): Assignment[] {
  return Object.entries(written)
    .filter(([id]) => !id.endsWith(' if'))
    .map(([id, text]) => {
      const [who = '', role = '', scope = ''] = String(text).split(' | ');
      const { condition, from, until } = Object(written[`${id} if`]) as Record<string, string | undefined>;
      return {
        id,
        principal: assigneeNamed(who),
        role,
        scope,
        source: 'configuration',
        ...(condition !== undefined && { condition }),
        ...(from !== undefined && { startsAtMs: Date.parse(from) }),
        ...(until !== undefined && { endsAtMs: Date.parse(until) }),
      };
    });
}

function assigneeNamed(text: string): Assignee {
  const [kind = '', id = ''] = text.split(' ');
  return assigneeOf({ [kind]: id } as Parameters<typeof assigneeOf>[0]);
}

/** `user`, `agent` or `operator`, then its groups. */
function principalOf(id: string, text: string): Principal {
  const [kind, ...groups] = text.split(' ');
  if (kind === 'agent') return { id: `application:${id}`, kind: 'application', clientId: id, name: id, groups };
  return { id, kind: kind === 'operator' ? 'operator' : 'user', name: id, groups };
}

export interface Case {
  readonly line: string;
  readonly who: Principal;
  readonly needs: readonly string[];
  readonly scope: string;
  readonly nowMs: number;
  readonly attributes: Attributes;
}

/** `who  action+action  scope  @instant  with {…}`: parts are two or more spaces apart, and the last two may be left out. */
export function readCase(line: string, { people }: World): Case {
  const [name = '', needs = '', scope = '', ...more] = line.trim().split(/\s{2,}/);
  const who = people.get(name);
  if (who === undefined) throw new Error(`nobody is called ${name}: ${line}`);
  const at = more.find((part) => part.startsWith('@'));
  const given = more.find((part) => part.startsWith('with '));
  return {
    line: line.trimEnd(),
    who,
    needs: needs.split('+'),
    scope: fill(scope),
    nowMs: at === undefined ? noonMs : Date.parse(at.slice(1)),
    attributes: given === undefined ? {} : (JSON.parse(given.slice(5)) as Attributes),
  };
}

/** What becomes of a case, in one line. */
export function answer({ who, needs, scope, nowMs, attributes }: Case, { decider, setNow }: World): string {
  setNow(nowMs);
  const [first = ''] = needs;
  if (first.startsWith('genkan/') || first.startsWith('GENKAN/'))
    return decider.allows(who, first, scope) ? 'allow' : 'refuse';
  const tool = /^(\w+):(.+)$/.exec(first.startsWith('data:') ? '' : first);
  if (tool === null) {
    const args = { needs, scope, with: attributes };
    return tell(decider.decide(who, { server: 'arm', primitive: 'tools', name: 'call', arguments: args }));
  }
  const [, server = '', name = ''] = tool;
  return tell(decider.decide(who, { server, primitive: 'tools', name, arguments: {} }));
}

function tell(decision: Decision): string {
  if (decision.outcome === 'allow')
    return `allow  ${decision.because.map(({ assignment, action }) => `${assignment} by ${action}`).join(', ')}`;
  const {
    missing = [],
    role,
    assignment,
    denyAssignment,
    elevation = [],
  } = (decision.data ?? {}) as {
    missing?: string[];
    role?: string;
    assignment?: string;
    denyAssignment?: { id: string };
    elevation?: { eligibility: string }[];
  };
  const through = denyAssignment?.id ?? assignment ?? role;
  return [
    `refuse ${decision.code}`,
    ...(through === undefined ? [] : [`through ${through}`]),
    ...(missing.length > 1 ? [`missing ${missing.length}`] : []),
    ...(elevation.length === 0 ? [] : [`could activate ${elevation.map(({ eligibility }) => eligibility).join(', ')}`]),
  ].join('  ');
}
