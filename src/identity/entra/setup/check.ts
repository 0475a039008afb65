// Whether everything at Entra ID is as Genkan needs it: by asking Graph, and without it by what can be seen from outside.
import { decodeJwt } from 'jose';
import { GenkanError } from '../../../base/errors.ts';
import type { Finding as PolicyFinding } from '../../conditional-access/desk.ts';
import type { Graph } from '../../conditional-access/directory.ts';
import { addressesOf } from '../addresses.ts';
import type { Proof } from '../credential.ts';
import type { EntraFetch } from '../entra-fetch.ts';
import { permissionsFor } from './permissions.ts';
import type { Ability } from './permissions.ts';
import { lookingLines } from './shell-lines.ts';
import { readStanding, stepsFor } from './steps.ts';
import type { SetupWish, Step } from './steps.ts';

export interface CheckFinding {
  readonly about: string;
  /** `unknown`: cannot be seen from here. */
  readonly state: 'ok' | 'differs' | 'unknown';
  readonly says: string;
  /** What to do about it. */
  readonly fix?: string;
}

interface CheckNeighbours {
  readonly send: EntraFetch;
  /** Signs Genkan in as the application itself. @throws GenkanError */
  readonly signIn: () => Promise<{ readonly proof: Proof; readonly token: string }>;
  readonly graph: Graph | undefined;
  readonly compare: (() => Promise<readonly PolicyFinding[]>) | undefined;
}

interface CheckOrder extends Omit<SetupWish, 'permissions' | 'ownsItself'> {
  readonly clientId: string;
  readonly abilities: readonly Ability[];
}

const applyFix = 'genkan entra setup shows the change, genkan entra setup --apply makes it';

export async function check(order: CheckOrder, neighbours: CheckNeighbours): Promise<CheckFinding[]> {
  const { send, signIn, graph, compare } = neighbours;
  const { authorityHost, tenant, clientId } = order;
  const { authority, keys, issuers } = addressesOf(authorityHost, tenant);
  const [places, signedIn] = await Promise.all([outside(), credential()]);
  const registration = await registered();
  return [...places, ...signedIn.findings, ...registration, redirectFinding(), ...(await policies())];

  async function outside(): Promise<CheckFinding[]> {
    const about = 'addresses of the tenant';
    return tried('addresses of the tenant', async () => {
      const { body: metadata } = await send(`${authority}/v2.0/.well-known/openid-configuration`);
      const { issuer, jwks_uri: published } = metadata as { issuer?: string; jwks_uri?: string };
      const expected = tenant === 'organizations' ? `${authorityHost}/{tenantid}/v2.0` : issuers['2.0'];
      const found = issuer === undefined ? 'there is no tenant of this name' : `the issuer is ${issuer}`;
      if (issuer !== expected)
        return [differs(about, `${found}, instead of ${expected}`, 'Correct tenant and authorityHost.')];
      const { body } = await send(keys);
      const count = ((body as { keys?: { kty?: string }[] }).keys ?? []).filter(({ kty }) => kty === 'RSA').length;
      if (published !== keys || count === 0)
        return [differs(about, `${keys} gives ${count} keys`, 'Correct authorityHost.')];
      return [ok(about, `${issuers['2.0']}, ${count} signing keys`)];
    });
  }

  async function credential(): Promise<{ findings: CheckFinding[]; roles: readonly string[] | undefined }> {
    const about = 'credential';
    if (tenant === 'organizations')
      return {
        findings: [unknown(about, 'of several tenants, which one the application belongs to is not said')],
        roles: undefined,
      };
    try {
      const { proof, token } = await signIn();
      const { roles = [] } = decodeJwt(token) as { roles?: string[] };
      return { findings: [ok(about, `${proof.kind} ${proof.id} signs in`)], roles };
    } catch (error) {
      if (!(error instanceof GenkanError)) throw error;
      const fix =
        error.code === 'identity_credential_refused' || error.code === 'identity_credential_expired'
          ? 'Genkan cannot sign anybody in: add a new credential to the registration, and put it where the configuration points.'
          : 'The message says what Entra ID objects to.';
      return { findings: [differs(about, `${error.code}: ${error.message}`, fix)], roles: undefined };
    }
  }

  async function registered(): Promise<CheckFinding[]> {
    const about = 'registration';
    const blind = (why: string): CheckFinding[] => [
      unknown(about, why, `Look by yourself: ${lookingLines(clientId).join(' ; ')}`),
    ];
    if (graph === undefined || signedIn.roles === undefined)
      return blind('Microsoft Graph cannot be asked as Genkan itself');
    try {
      const wish: SetupWish = {
        ...order,
        permissions: await permissionsFor(order.abilities, graph),
        ownsItself: order.abilities.includes('rotate'),
      };
      const standing = await readStanding(graph, wish);
      if (standing.application === undefined)
        return [differs(about, `there is no application ${clientId} in this tenant`, 'genkan entra setup makes one')];
      const steps = stepsFor(wish, standing).filter(({ act, kind }) => act !== 'ask' && kind !== 'context');
      return [...steps.flatMap(findingsOf), consentFinding(wish, signedIn.roles)];
    } catch (error) {
      if (!(error instanceof GenkanError)) throw error;
      return blind(error.message);
    }
  }

  function consentFinding({ permissions }: SetupWish, granted: readonly string[]): CheckFinding {
    const about = 'consent';
    const missing = permissions.filter(({ type, name }) => type === 'Role' && !granted.includes(name));
    if (missing.length === 0) return ok(about, `granted to the application: ${granted.join(', ') || 'nothing'}`);
    return differs(
      about,
      `an administrator has not granted ${missing.map(({ name }) => name).join(', ')}`,
      `az ad app permission admin-consent --id ${clientId}`,
    );
  }

  /** Nobody but a browser with a person in it sees whether Entra ID takes an address: a registration says it, or the first sign-in. */
  function redirectFinding(): CheckFinding {
    const isRead = registration.some(({ about }) => about === 'redirect URI');
    return isRead
      ? ok('what was not tried', 'no person was signed in: the first sign-in shows what their policies ask for')
      : unknown(
          'redirect URI',
          'it cannot be tried without a person',
          `${order.publicUrl}/auth/callback has to be registered for Web`,
        );
  }

  async function policies(): Promise<CheckFinding[]> {
    if (compare === undefined) return [];
    return tried('conditional access', async () =>
      (await compare()).map(({ level, about, says }) =>
        level === 'problem' ? differs(about, says, 'genkan conditional-access plan shows the change') : ok(about, says),
      ),
    );
  }
}

async function tried(about: string, work: () => Promise<CheckFinding[]>): Promise<CheckFinding[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GenkanError)) throw error;
    return [unknown(about, error.message)];
  }
}

function findingsOf(step: Step): CheckFinding[] {
  if (step.kind === 'application')
    return step.parts.map(({ about, wanted, change }) =>
      change === undefined ? ok(about, wanted) : differs(about, `should be ${wanted}`, applyFix),
    );
  const about = {
    identifier: 'identifier URI',
    principal: 'service principal',
    federated: 'federated credential',
    owner: 'owner',
  }[step.kind as 'identifier' | 'principal' | 'federated' | 'owner'];
  return [step.act === 'none' ? ok(about, step.name) : differs(about, `${step.name} is missing`, applyFix)];
}

const ok = (about: string, says: string): CheckFinding => ({ about, state: 'ok', says });
const differs = (about: string, says: string, fix: string): CheckFinding => ({ about, state: 'differs', says, fix });
const unknown = (about: string, says: string, fix?: string): CheckFinding => ({
  about,
  state: 'unknown',
  says,
  ...(fix !== undefined && { fix }),
});
