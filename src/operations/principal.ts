// Operations on people and agents: who is known here, keeping somebody out, letting them in again, and forgetting them.
import { z } from 'zod';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import { principalIdIn } from '../identity/kill-switch/principal-id.ts';
import type { PrincipalRow } from '../identity/kill-switch/principal-list.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { table } from './table.ts';

export const reasonGiven = z.string().max(500).describe('Why, for the audit log.');
const necessaryReason = reasonGiven.min(1);
const named = z.string().min(1).max(500).describe('Id or sign-in name. Somebody who was never here is named by id.');

const principalView = z.object({
  id: z.string(),
  name: z.string(),
  groups: z.array(z.string()).describe('As the last sign-in stated them.'),
  provisioned: z.boolean().describe('Whether a directory keeps them up to date (SCIM).'),
  lastSignIn: z.iso.datetime().optional(),
  disabled: z
    .array(
      z.object({
        source: z.enum(['administrator', 'directory']),
        by: z.string(),
        reason: z.string(),
        at: z.iso.datetime(),
      }),
    )
    .describe('Who keeps them out, and why; empty when they may come in.'),
});

const list = defineOperation({
  id: 'principal.list',
  summary: 'List the people that Genkan knows, and whether they may come in',
  action: 'genkan/principal/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    disabled: z.boolean().default(false).describe('Only those who may not come in.'),
    limit: z.int().min(1).max(10_000).default(500).describe('At most so many.'),
  }),
  output: z.object({ principals: z.array(principalView) }),
  run: async ({ killSwitch }, { disabled, limit }) => ({
    principals: (await killSwitch.principals({ disabledOnly: disabled, limit })).map(viewOf),
  }),
  print: ({ principals }) =>
    table(principals, {
      name: ({ name }) => name,
      id: ({ id }) => id,
      state: ({ disabled }) => (disabled.length === 0 ? 'enabled' : `disabled by ${sources(disabled)}`),
      reason: ({ disabled }) => disabled.map(({ reason }) => reason).join('; '),
      'last sign-in': ({ lastSignIn = 'never' }) => lastSignIn,
    }),
});

const show = defineOperation({
  id: 'principal.show',
  summary: 'Show what Genkan knows of a person: groups, last sign-in, who keeps them out and why',
  action: 'genkan/principal/show',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({ user: named }),
  positional: ['user'],
  output: principalView.extend({ sessions: z.int().describe('Sessions open now.') }),
  async run(house, { user }) {
    const found = await house.killSwitch.principals({ user, limit: 2 });
    if (found.length !== 1) return unknown(user);
    const sessions = await house.killSwitch.sessions({ person: found[0]!.id, limit: 10_000 });
    return { ...viewOf(found[0]!), sessions: sessions.length };
  },
});

const whomToKeepOut = z.strictObject({
  user: named,
  reason: necessaryReason,
  force: z.boolean().default(false).describe('Also yourself, or the last administrator.'),
});
const keptOut = z.object({ id: z.string(), sessions: z.int().describe('Sessions that this ended.') });

const disable = defineOperation({
  id: 'principal.disable',
  summary: 'Keep a person or agent out, at once and on every process, until they are enabled',
  about:
    'Within two seconds every token, refresh token, session, open stream and call under way of theirs ends, tasks and questions that wait for them are given up, and what Genkan holds open at servers in their name is closed. Signing in again is refused. It does not end their session at the identity provider, nor tokens that others gave them: a server that they reach without Genkan is still open to them, so disable them in Entra ID, too. What they hold at servers behind the door is kept for when they are enabled; `principal forget` removes it.',
  action: 'genkan/principal/disable',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: whomToKeepOut,
  positional: ['user'],
  output: keptOut,
  resource: ({ user }) => `/principals/${user}`,
  run: (house, { user, reason, force }, { principal }) =>
    keepOut(house, user, principal, force, (id) => house.killSwitch.disablePerson(id, { by: principal.id, reason })),
  print: ({ id, sessions }) => `${id} is disabled; ${sessions} sessions ended`,
});

const forget = defineOperation({
  id: 'principal.forget',
  summary: 'Keep a person out, and delete what is kept of them: profile, consents, and their tokens for servers',
  about:
    'Does all that `principal disable` does. What stays is the id, so that they are kept out, and the audit log: `audit erase-subject` makes unreadable there what tells of them. Role assignments to the person stay until they are removed.',
  action: 'genkan/principal/forget',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: whomToKeepOut,
  positional: ['user'],
  output: keptOut,
  resource: ({ user }) => `/principals/${user}`,
  run: (house, { user, reason, force }, { principal }) =>
    keepOut(house, user, principal, force, (id) => house.killSwitch.erasePerson(id, { by: principal.id, reason })),
  print: ({ id, sessions }) => `${id} is disabled and forgotten; ${sessions} sessions ended`,
});

const enable = defineOperation({
  id: 'principal.enable',
  summary: 'Let a person or agent in again; they have to sign in anew',
  about:
    'Lifts what an administrator has decided. Somebody whom the directory has disabled (SCIM) stays out until the directory enables them, or until it is overruled with --directory.',
  action: 'genkan/principal/enable',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    user: named,
    reason: reasonGiven.default(''),
    directory: z.boolean().default(false).describe('Overrule the directory as well, until it disables them again.'),
  }),
  positional: ['user'],
  output: z.object({
    id: z.string(),
    enabled: z.boolean().describe('Whether they may come in now.'),
    still: z.array(z.string()).describe('Who keeps them out.'),
  }),
  resource: ({ user }) => `/principals/${user}`,
  async run(house, { user, reason, directory }, { principal }) {
    const id = await theirs(house, user);
    if (id === undefined) return unknown(user);
    const cause = { by: principal.id, reason };
    await house.killSwitch.enablePerson(id, cause);
    if (directory) await house.killSwitch.enablePerson(id, cause, 'directory');
    const still = (await house.killSwitch.disabled(id)).map(({ source }) => source);
    return { id, enabled: still.length === 0, still };
  },
  problems: ({ enabled }) => !enabled,
  print: ({ id, enabled, still }) =>
    enabled ? `${id} may sign in again` : `${id} is still kept out by the ${still.join(' and the ')}`,
});

/** The id of somebody known by id or name, or of anybody at all if what was given can be nothing but an id. */
export async function theirs({ killSwitch, people }: House, user: string): Promise<string | undefined> {
  const id = principalIdIn(user);
  if (id !== undefined) return id;
  const found = await killSwitch.principals({ user, limit: 2 });
  if (found.length > 1) return undefined; // a name that two providers gave out names nobody
  return found[0]?.id ?? (await people.find(user))?.id;
}

async function keepOut(
  house: House,
  user: string,
  by: Principal,
  force: boolean,
  act: (id: string) => Promise<void>,
): Promise<{ readonly id: string; readonly sessions: number } | Refusal> {
  const id = await theirs(house, user);
  if (id === undefined) return unknown(user);
  if (!force && id === by.id) return refuse('operation_principal_self');
  if (!force && (await isLastAdministrator(house, id))) return refuse('operation_principal_last', { user });
  const sessions = await house.killSwitch.sessions({ person: id, limit: 10_000 });
  await act(id);
  return { id, sessions: sessions.length };
}

/** The operator at the machine's own command line can always help; nobody else could, without another administrator. */
async function isLastAdministrator({ access, killSwitch }: House, id: string): Promise<boolean> {
  const administers = ({ id, name, groups }: PrincipalRow): boolean =>
    access.allows({ id, kind: 'user', name, groups }, enable.action, '/');
  const known = await killSwitch.principals({ limit: 100_000 });
  const able = known.filter((row) => row.disabled.length === 0 && administers(row));
  return able.length === 1 && able[0]!.id === id;
}

const viewOf = ({ lastSignInMs, disabled, groups, ...row }: PrincipalRow): z.input<typeof principalView> => ({
  ...row,
  groups: [...groups],
  lastSignIn: lastSignInMs === undefined ? undefined : new Date(lastSignInMs).toISOString(),
  disabled: disabled.map(({ at, ...why }) => ({ ...why, at: new Date(at).toISOString() })),
});

const sources = (disabled: readonly { readonly source: string }[]): string =>
  disabled.map(({ source }) => source).join(', ');

const unknown = (user: string): Refusal => refuse('operation_not_found', { kind: 'person', name: user });

export const principalOperations = [list, show, disable, enable, forget];
