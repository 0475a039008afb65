// Tests of elevations that Azure's PIM activates, against a stand-in that refuses as Azure does; tokens here are what a sign-in would give.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startAzurePim } from '../../../../test/support/azure-pim.ts';
import type { AzurePim, PimEligibility } from '../../../../test/support/azure-pim.ts';
import {
  codeOf,
  dana as ordinary,
  noon,
  openElevationGround,
  sena,
} from '../../../../test/support/elevation-ground.ts';
import type { ElevationGround } from '../../../../test/support/elevation-ground.ts';
import { createTestAuthority } from '../../../../test/support/entra/https-server.ts';
import { SignInAgain } from '../../../base/caller-tokens.ts';
import type { CallerTokens } from '../../../base/caller-tokens.ts';
import { isRefusal } from '../../../base/errors.ts';
import type { Elevation } from '../elevation.ts';
import { createPimActivator } from './pim-activator.ts';
import { createArm } from './arm.ts';
import { createScheduleRequests } from './schedule-requests.ts';

const opened = new AsyncDisposableStack();
const authority = opened.use(createTestAuthority());
opened.use(authority.trust());
after(() => opened.disposeAsync());

const [minuteMs, hourMs] = [60_000, 3_600_000];
const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001';
const scope = `${subscription}/resourceGroups/dev-web`;
const role = 'Virtual Machine Contributor';
const roleId = '9980e02c-c2be-4d73-94e8-173b1dc7cf3c';
const oid = '11111111-1111-4111-8111-111111111111';
const dana = { ...ordinary, id: `${oid}@22222222-2222-4222-8222-222222222222` };
const approvers = [{ principalType: 'Group', principalId: 'security-team-group-id' }];
const wish = { role, scope, durationMs: 2 * hourMs, justification: 'incident 4711' };
const eligible: PimEligibility = { oid, role: roleId, name: role, scope: subscription };

interface Place {
  readonly azure: AzurePim;
  readonly ground: ElevationGround;
  /** What dana's tokens hold; undefined while she has to sign in. */
  readonly signIn: { amr: string[]; acrs: string[]; gone: boolean; claims: string[] };
  /** As the keeper does, so often that nothing rests. */
  after(ms: number): Promise<void>;
  grants(): Promise<number>;
}

async function place(stack: AsyncDisposableStack, { approval = false, pim = {} } = {}): Promise<Place> {
  const clock = { nowMs: noon, now: () => clock.nowMs };
  const azure = stack.use(await startAzurePim(authority, clock.now));
  azure.eligible.push(eligible);
  const signIn: Place['signIn'] = { amr: ['pwd', 'mfa'], acrs: [], gone: false, claims: [] };
  const callers: Pick<CallerTokens, 'tokenFor'> = {
    async tokenFor(person, scopes, _renewed, claims) {
      assert.deepEqual([person, scopes], [dana.id, [`${azure.origin}/.default`]]);
      if (claims !== undefined) signIn.claims.push(claims);
      const wanted = /"value":"(c\d+)"/.exec(claims ?? '')?.[1];
      if (signIn.gone || (wanted !== undefined && !signIn.acrs.includes(wanted))) throw new SignInAgain('…', claims);
      const held = { aud: azure.origin, oid, scp: 'user_impersonation', amr: signIn.amr };
      const payload = { ...held, ...(wanted !== undefined && { acrs: [wanted] }) };
      const token = `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.x`;
      return { token, expiresAtMs: clock.nowMs + hourMs };
    },
  };
  const requests = createScheduleRequests(createArm(azure.origin, { callers, fetch, clock }));
  const publicUrl = 'https://genkan.example.com';
  const activator = createPimActivator({ scopes: [subscription], ...pim }, { requests, clock, publicUrl });
  const rules = {
    approvalSettings: { isApprovalRequired: approval, isApprovalRequiredForExtension: false, approvers },
    activationSettings: { maximumDuration: 'PT4H' },
  };
  const principal = { group: 'makers' };
  const settings = {
    elevation: {
      settings: rules,
      eligible: [`${subscription}/resourceGroups/dev-*`, '/servers'].map((at) => ({ principal, role, scope: at })),
    },
  };
  const ground = await openElevationGround(settings, { activator, clock });
  ground.people.set(dana.id, { groups: ['makers'] });
  return {
    azure,
    ground,
    signIn,
    async after(ms) {
      clock.nowMs += ms;
      await ground.desk.look();
    },
    grants: async () => (await ground.desk.list()).filter(({ endsAtMs = 0 }) => endsAtMs > clock.nowMs).length,
  };
}

async function held({ ground }: Place, more: object = {}): Promise<Elevation> {
  const given = await ground.desk.request(dana, { ...wish, ...more });
  assert.ok(!isRefusal(given) && given.state === 'active', JSON.stringify(given));
  return given.elevation;
}
const actions = ({ ground }: Place): string[] => ground.entries.map(({ action, result }) => `${action} ${result}`);

test('is activated at Azure in the person’s own name, for exactly the time, under the eligibility’s condition, and ends by itself', async () => {
  await using stack = new AsyncDisposableStack();
  const here = await place(stack, { pim: { ticketSystem: 'Genkan' } });
  const { azure, ground } = here;
  const condition = '@Resource[Microsoft.Compute/virtualMachines] Exists';
  azure.eligible[0] = { ...eligible, condition };
  azure.eligible.unshift({ ...eligible, scope: `${subscription}/resourceGroups/other` });
  const elevation = await held(here);
  assert.equal(elevation.enforcedBy, 'entra-pim');
  assert.deepEqual(azure.activations, [{ oid, role: roleId, scope, fromMs: noon, untilMs: noon + 2 * hourMs }]);
  const [{ properties } = { properties: {} }] = azure.bodies;
  assert.deepEqual(
    [properties['principalId'], properties['requestType'], properties['justification'], properties['condition']],
    [oid, 'SelfActivate', 'incident 4711', condition],
  );
  assert.deepEqual(properties['ticketInfo'], { ticketSystem: 'Genkan', ticketNumber: elevation.id });
  assert.equal(await here.grants(), 1);
  const before = azure.asked.length;
  await here.after(2 * hourMs);
  assert.deepEqual([await here.grants(), azure.isActive(oid)], [0, false]);
  assert.equal(azure.asked.length, before, 'Azure ends it by itself');
  assert.deepEqual(actions(here), ['elevation.start allowed', 'elevation.end allowed']);
  assert.equal(ground.entries[0]?.details['outside'], 'Provisioned');
});

test('ended early, it is deactivated at Azure too, as soon as Azure lets it be', async () => {
  await using stack = new AsyncDisposableStack();
  const here = await place(stack);
  const { azure, ground } = here;
  const { id } = await held(here);
  await here.after(minuteMs);
  await ground.desk.end(id, dana, 'holder');
  assert.equal(await here.grants(), 0, 'here it is over at once');
  assert.match(azure.asked.at(-1)!, /SelfDeactivate 400/, 'Azure ends nothing that is younger than five minutes');
  assert.deepEqual(actions(here), ['elevation.start allowed'], 'the end is told when it is one');
  await here.after(5 * minuteMs);
  assert.equal(azure.isActive(oid), false);
  assert.deepEqual(actions(here), ['elevation.start allowed', 'elevation.end allowed']);
  assert.deepEqual(azure.bodies.at(-1)?.properties['requestType'], 'SelfDeactivate');
});

test('where somebody at Azure has to approve it too, it waits and says so, and counts from then on', async () => {
  await using stack = new AsyncDisposableStack();
  const here = await place(stack);
  const { azure, ground } = here;
  azure.policy = { ...azure.policy, approval: true };
  const waiting = await held(here);
  assert.deepEqual(waiting.outside, { status: 'PendingApproval' });
  assert.deepEqual([await here.grants(), actions(here)], [0, []]);
  assert.deepEqual(
    ground.notices.map(({ kind }) => kind),
    ['elevation.waiting'],
  );
  assert.equal((await held(here)).id, waiting.id, 'asked for again, it is the same');
  assert.equal(azure.bodies.length, 1);
  await here.after(3 * hourMs);
  assert.equal(await here.grants(), 0, 'longer than it is to last is not too long to wait');
  azure.finish('Provisioned');
  await here.after(minuteMs);
  const [begun] = await ground.desk.all({ active: true });
  assert.equal(begun!.endsAtMs - begun!.startsAtMs, 2 * hourMs);
  assert.equal(begun!.startsAtMs, ground.clock.nowMs);
  assert.equal(await here.grants(), 1);
});

test('what Azure denies, lets time out or fails to do ends it here with that reason, told to the person', async () => {
  for (const status of ['Denied', 'TimedOut', 'Failed', 'AdminDenied', 'FailedAsResourceIsLocked', 'Unheard']) {
    await using stack = new AsyncDisposableStack();
    const here = await place(stack);
    const { azure, ground } = here;
    azure.policy = { ...azure.policy, approval: true };
    const { id } = await held(here);
    azure.finish(status);
    await here.after(minuteMs);
    const over = await ground.desk.find(id);
    assert.deepEqual([over?.ended?.reason, over?.outside?.status], ['activation', status]);
    assert.deepEqual(actions(here), ['elevation.start failed'], status);
    const told = ground.notices.at(-1)!.text('en');
    assert.match(told.title, /Azure has not activated/);
    assert.match(told.lines[0]!, new RegExp(status));
    assert.equal(await here.grants(), 0);
  }
});

test('ended while it waits at Azure, the request is taken back there', async () => {
  await using stack = new AsyncDisposableStack();
  const here = await place(stack);
  here.azure.policy = { ...here.azure.policy, approval: true };
  const { id } = await held(here);
  await here.ground.desk.end(id, dana, 'holder');
  assert.equal(here.azure.asked.at(-1), 'POST cancel 200');
  here.azure.finish('Provisioned');
  await here.after(minuteMs);
  assert.equal(here.azure.isActive(oid), false);
  assert.deepEqual(actions(here), ['elevation.end allowed']);
});

test('Azure’s own rules are asked before anybody is: nobody approves what it would refuse', async () => {
  await using stack = new AsyncDisposableStack();
  const here = await place(stack, { approval: true });
  const { azure, ground } = here;
  const refusal = async (more: object = {}) => {
    const given = await ground.desk.request(dana, { ...wish, ...more });
    assert.ok(isRefusal(given), 'it was taken');
    return { code: given.code, reason: String(given.params['reason'] ?? '') };
  };
  azure.policy = { ...azure.policy, maximum: 'PT1H', ticket: true };
  const { code, reason } = await refusal();
  assert.equal(code, 'access_elevation_azure_refused');
  assert.match(reason, /ExpirationRule","TicketingRule/);
  azure.policy = { ...azure.policy, maximum: 'PT8H', ticket: false };
  assert.equal((await refusal({ scope: `${subscription}/resourceGroups/dev-*` })).code, 'access_elevation_azure_scope');
  azure.eligible.length = 0;
  assert.equal((await refusal()).code, 'access_elevation_azure_not_eligible');
  azure.instead.push({ status: 503 });
  assert.equal((await refusal()).code, 'access_elevation_azure_away');
  assert.deepEqual(await ground.approvals.list({}), []);
  assert.deepEqual([azure.bodies, await ground.desk.all()], [[], []]);
});

test('where a role asks for an authentication context, the token is had with it, or the person is sent to sign in with it', async () => {
  await using stack = new AsyncDisposableStack();
  const here = await place(stack);
  here.azure.policy = { ...here.azure.policy, context: 'c7' };
  const given = await here.ground.desk.request(dana, wish);
  assert.ok(isRefusal(given));
  assert.equal(given.code, 'access_elevation_azure_sign_in');
  const page = new URL(String(given.data?.['signIn']));
  assert.deepEqual([page.pathname, page.searchParams.get('signin')], ['/elevation', 'c7']);
  assert.deepEqual(here.azure.bodies, []);
  const asked = here.azure.asked.length;
  await here.after(hourMs);
  assert.equal(here.azure.asked.length, asked, 'nothing is asked again behind the person’s back');

  here.signIn.acrs.push('c7');
  await held(here);
  assert.equal(here.azure.isActive(oid), true);
  assert.equal(here.signIn.claims.at(-1), '{"access_token":{"acrs":{"essential":true,"value":"c7"}}}');
});

test('who can no longer be asked for when the approval comes holds nothing, and is told where to sign in', async () => {
  await using stack = new AsyncDisposableStack();
  const here = await place(stack, { approval: true });
  const { ground, signIn, azure } = here;
  const given = await ground.desk.request(dana, wish);
  assert.ok(!isRefusal(given) && given.state === 'pending');
  assert.equal(given.approval.details['enforcedBy'], 'entra-pim');
  signIn.gone = true;
  await ground.approvals.decide(given.approval.id, sena, { verdict: 'approved', comment: '' });
  await here.after(0);
  assert.deepEqual([actions(here), await here.grants()], [['elevation.start failed'], 0]);
  assert.equal(new URL(ground.notices.at(-1)!.url!).searchParams.has('signin'), true);
  assert.equal(azure.activations.length, 0);
});

test('an extension begins at Azure when the activation has ended there, since Azure extends none', async () => {
  await using stack = new AsyncDisposableStack();
  const here = await place(stack);
  const { azure, ground } = here;
  const { id } = await held(here);
  await here.after(hourMs);
  const more = { durationMs: 3 * hourMs, justification: 'incident 4711 goes on' };
  assert.equal(codeOf(await ground.desk.extend(dana, id, more)), 'none');
  assert.deepEqual(actions(here), ['elevation.start allowed', 'elevation.extended allowed']);
  assert.equal(azure.activations.length, 1);
  azure.slow = true;
  await here.after(hourMs);
  assert.equal(await here.grants(), 0, 'nothing holds here that does not hold there');
  azure.finish('Provisioned');
  await here.after(3_000);
  assert.deepEqual(
    azure.activations.map(({ fromMs, untilMs }) => [fromMs - noon, untilMs - noon]),
    [
      [0, 2 * hourMs],
      [2 * hourMs, 4 * hourMs],
    ],
  );
  assert.equal(await here.grants(), 1);
  await here.after(2 * hourMs);
  assert.deepEqual([await here.grants(), azure.isActive(oid)], [0, false]);
  assert.deepEqual(actions(here).at(-1), 'elevation.end allowed');
});

test('what waits at Azure for a day is over, and taken back there', async () => {
  await using stack = new AsyncDisposableStack();
  const here = await place(stack);
  here.azure.policy = { ...here.azure.policy, approval: true };
  const { id } = await held(here);
  await here.after(24 * hourMs - 1);
  assert.equal((await here.ground.desk.find(id))?.ended, undefined);
  await here.after(1);
  assert.equal((await here.ground.desk.find(id))?.ended?.reason, 'activation');
  assert.equal(here.azure.asked.at(-1), 'POST cancel 200');
});

test('Azure is left alone as long as it asks, and asked more rarely the longer it takes; asked twice it is one request', async () => {
  await using stack = new AsyncDisposableStack();
  const here = await place(stack, { approval: true });
  const { azure, ground } = here;
  azure.slow = true;
  const given = await ground.desk.request(dana, wish);
  assert.ok(!isRefusal(given) && given.state === 'pending');
  await ground.approvals.decide(given.approval.id, sena, { verdict: 'approved', comment: '' });
  azure.instead.push({ status: 429, headers: { 'retry-after': '40' } });
  const before = azure.asked.length;
  await here.after(0);
  await here.after(39_000);
  assert.equal(azure.asked.length, before + 1);
  await here.after(2_000);
  assert.equal(azure.asked.at(-1), 'PUT SelfActivate 201');
  const taken = azure.asked.length;
  for (let second = 0; second < 600; second += 1) await here.after(1_000);
  const polls = azure.asked.length - taken;
  assert.ok(polls >= 8 && polls <= 25, `${polls} questions in ten minutes`);
  assert.equal(azure.bodies.length, 1);
  azure.finish('Provisioned');
  await here.after(minuteMs);
  assert.equal(await here.grants(), 1);
});

test('the person’s token goes to Azure alone: neither a redirect nor the next page of a list leads it elsewhere', async () => {
  await using stack = new AsyncDisposableStack();
  const here = await place(stack);
  const elsewhere = stack.use(await startAzurePim(authority));
  const away = `${elsewhere.origin}${subscription}/x?api-version=2020-10-01`;
  here.azure.instead.push({ status: 307, headers: { location: away } });
  assert.equal(codeOf(await here.ground.desk.request(dana, wish)), 'access_elevation_azure_away');
  here.azure.instead.push({ status: 200, body: { value: [], nextLink: away } });
  assert.equal(codeOf(await here.ground.desk.request(dana, wish)), 'access_elevation_azure_refused');
  here.azure.instead.push({ status: 200, body: { value: 'x'.repeat(2_000_000) } });
  assert.equal(codeOf(await here.ground.desk.request(dana, wish)), 'access_elevation_azure_away');
  assert.deepEqual(elsewhere.asked, []);
});

test('what has to stay as it is at Azure is said, when the person can no longer come in', async () => {
  await using stack = new AsyncDisposableStack();
  const here = await place(stack);
  const { ground, signIn, azure } = here;
  await held(here);
  signIn.gone = true;
  ground.people.delete(dana.id);
  await here.after(10 * minuteMs);
  assert.equal(await here.grants(), 0);
  assert.equal(azure.isActive(oid), true);
  const { action, details } = ground.entries.at(-1)!;
  assert.equal(action, 'elevation.end');
  assert.match(String(details['outside']), /^left: /);
});

test('outside of its scopes and roles, and in an emergency, Genkan’s own elevation is what it was', async () => {
  await using stack = new AsyncDisposableStack();
  const here = await place(stack, { pim: { roles: ['Owner'] } });
  assert.equal((await held(here)).enforcedBy, 'genkan');
  assert.equal((await held(here, { scope: '/servers/files' })).enforcedBy, 'genkan');
  assert.deepEqual(here.azure.asked, []);
  assert.equal(await here.grants(), 2);
});
