// The authorization endpoint of the Entra stand-in: account, second factor, consent; by pages, or at once when the test says who signs in.
import { randomBytes, randomUUID } from 'node:crypto';
import { AadstsError } from './aadsts.ts';
import { readClaimsRequest } from './claims-request.ts';
import type { ClaimsRequest } from './claims-request.ts';
import { findClient } from './client-authentication.ts';
import type { Registration, User } from './directory.ts';
import { sameRedirect } from './grants.ts';
import { accountPage, consentPage, donePage, errorPage, formPostPage, mfaPage } from './pages.ts';
import { readScopes } from './scopes.ts';
import type { AskedScopes } from './scopes.ts';
import { missing, pairOf } from './sign-in-policy.ts';
import type { DeviceCode, EntraState, SignIn } from './state.ts';
import { clientInfo } from './tokens.ts';

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Visit {
  readonly tenant: string;
  readonly params: URLSearchParams;
  /** Cookie of the browser session. */
  readonly session: string | undefined;
}

interface Flow {
  readonly tenant: string;
  readonly client: Registration;
  readonly params: URLSearchParams;
  readonly scopes: AskedScopes;
  readonly claims: ClaimsRequest;
  /** Absent where a device waits for the outcome. */
  readonly redirectUri?: string;
  readonly device?: DeviceCode;
  /** Who was chosen within this request. */
  signIn: SignIn | undefined;
}

const codeSeconds = 60;
const html = (status: number, body: string): Reply => ({
  status,
  body,
  headers: { 'content-type': 'text/html; charset=utf-8' },
});

export function createAuthorization(state: EntraState) {
  const flows = new Map<string, Flow>();

  function authorize({ tenant, params, session }: Visit): Reply {
    let client: Registration;
    const redirectUri = params.get('redirect_uri') ?? '';
    try {
      client = findClient(state, params.get('client_id'), tenant);
      requireRedirect(client, redirectUri);
    } catch (error) {
      // What does not lead back to the client for certain is told to the person alone.
      if (error instanceof AadstsError) return html(400, errorPage(error.message));
      throw error;
    }
    try {
      const flow = readRequest(tenant, client, params, redirectUri);
      const known = session === undefined ? undefined : state.sessions.get(session);
      const usable = known !== undefined && isLive(known) && belongs(known.user, tenant) ? known : undefined;
      return proceed(flow, ['login', 'select_account'].includes(params.get('prompt') ?? '') ? undefined : usable);
    } catch (error) {
      if (error instanceof AadstsError) return refuse(params, redirectUri, error);
      throw error;
    }
  }

  function readRequest(tenant: string, client: Registration, params: URLSearchParams, redirectUri: string): Flow {
    if (params.get('response_type') !== 'code')
      throw new AadstsError(70005, "The provided value for the input parameter 'response_type' isn't supported.");
    if (params.has('resource'))
      throw new AadstsError(
        9010010,
        "The resource parameter provided in the request doesn't match with the requested scopes.",
      );
    if (!params.has('scope'))
      throw new AadstsError(900144, "The request body must contain the following parameter: 'scope'.");
    const scopes = readScopes(state.directory, client, params.get('scope')!);
    const claims = readClaimsRequest(params.get('claims'));
    return { tenant, client, params, scopes, claims, redirectUri, signIn: undefined };
  }

  function requireRedirect({ clientId, application: { web, spa, publicClient } }: Registration, redirectUri: string) {
    const registered = [...web.redirectUris, ...spa.redirectUris, ...publicClient.redirectUris];
    if (registered.some((each) => sameRedirect(each, redirectUri))) return;
    throw new AadstsError(
      50011,
      `The redirect URI '${redirectUri}' specified in the request does not match the redirect URIs configured for the application '${clientId}'.`,
    );
  }

  const isLive = ({ user, epoch }: SignIn): boolean => user.accountEnabled && user.epoch === epoch;
  const belongs = (user: User, tenant: string): boolean =>
    user.tid === tenant || !state.directory.tenants.has(tenant) || state.directory.tenants.get(tenant)!.id === user.tid;

  function signInOf(user: User, known: SignIn | undefined): SignIn {
    if (known?.user === user) return known;
    return {
      user,
      epoch: user.epoch,
      authTimeSeconds: Math.floor(state.now() / 1000),
      amr: ['pwd'],
      proven: state.orders.satisfied,
    };
  }

  /** One step towards an answer. @throws AadstsError */
  function proceed(flow: Flow, known: SignIn | undefined): Reply {
    const silent = flow.params.get('prompt') === 'none';
    const headless = state.orders.signsIn;
    let signIn = flow.signIn ?? known;
    if (headless !== undefined && !silent && flow.signIn === undefined) {
      const user = state.directory.users.get(headless);
      if (user === undefined) throw new Error(`nobody is called ${headless} in the directory`);
      signIn = signInOf(user, known);
    }
    if (signIn === undefined) {
      if (silent) throw new AadstsError(50058, 'A silent sign-in request was sent but no user is signed in.');
      return html(200, accountPage(stepPath(flow), keep(flow), accounts(flow)));
    }
    if (!belongs(signIn.user, flow.tenant))
      throw new AadstsError(50020, `User account '${signIn.user.upn}' does not exist in tenant 'Contoso'.`, {
        error: 'access_denied',
      });
    if (!signIn.user.accountEnabled)
      throw new AadstsError(50057, 'The user account is disabled.', { error: 'access_denied' });
    flow.signIn = signIn;
    return provenStep(flow, signIn, silent, headless !== undefined);
  }

  function provenStep(flow: Flow, signIn: SignIn, silent: boolean, headless: boolean): Reply {
    const parties = [flow.client, ...flow.scopes.resources.map(({ resource }) => resource)];
    const lacking = missing(state, signIn, parties, flow.claims);
    if (lacking.length > 0) {
      if (silent)
        throw new AadstsError(50076, 'You must use multi-factor authentication.', { error: 'interaction_required' });
      if (!headless) return html(200, mfaPage(stepPath(flow), keep(flow), signIn.user, lacking));
      if (state.orders.mfa === 'fails') throw cancelled();
      flow.signIn = proving(signIn, lacking);
    }
    const withheld = parties.slice(1).filter((resource) => state.withoutConsent.has(pairOf(flow.client, resource)));
    if (withheld.length > 0) {
      if (silent) throw new AadstsError(65001, 'The user has not consented.', { error: 'consent_required' });
      if (!headless)
        return html(200, consentPage(stepPath(flow), keep(flow), flow.client.application.displayName, names(flow)));
      for (const resource of withheld) state.withoutConsent.delete(pairOf(flow.client, resource));
    }
    return finish(flow, flow.signIn!);
  }

  const proving = (signIn: SignIn, lacking: readonly string[]): SignIn => ({
    ...signIn,
    amr: [...new Set([...signIn.amr, 'mfa'])],
    proven: [...signIn.proven, ...lacking],
  });
  const names = (flow: Flow): string[] =>
    flow.scopes.resources.flatMap(({ name, scopes }) => scopes.map((scope) => `${name}/${scope}`));
  const cancelled = (): AadstsError =>
    new AadstsError(65004, 'User declined to consent to access the app.', { suberror: 'cancel' });
  const stepPath = ({ tenant }: Flow): string => `/${tenant}/stand-in/step`;

  function keep(flow: Flow): string {
    const id = randomUUID();
    flows.set(id, flow);
    return id;
  }

  function accounts(flow: Flow): User[] {
    const here = [...state.directory.users.values()].filter((user) => belongs(user, flow.tenant));
    const hinted = here.filter(({ upn }) => upn === flow.params.get('login_hint'));
    return hinted.length > 0 ? hinted : here;
  }

  /** What a person answered on a page. */
  function step({ params }: Visit): Reply {
    const id = params.get('flow') ?? '';
    const flow = flows.get(id);
    flows.delete(id);
    if (flow === undefined)
      return html(400, errorPage('AADSTS50089: Authentication failed due to flow token expired.'));
    try {
      return answered(flow, params);
    } catch (error) {
      if (!(error instanceof AadstsError)) throw error;
      if (flow.device !== undefined) {
        flow.device.signIn = 'declined';
        return html(200, donePage('You have cancelled signing in'));
      }
      return refuse(flow.params, flow.redirectUri!, error);
    }
  }

  function answered(flow: Flow, params: URLSearchParams): Reply {
    if (params.has('account')) {
      const user = state.directory.users.get(params.get('account')!);
      if (user === undefined) throw cancelled();
      flow.signIn = signInOf(user, undefined);
    }
    if (params.has('mfa')) {
      if (params.get('mfa') !== 'approve') throw cancelled();
      const parties = [flow.client, ...flow.scopes.resources.map(({ resource }) => resource)];
      flow.signIn = proving(flow.signIn!, missing(state, flow.signIn, parties, flow.claims));
    }
    if (params.has('consent')) {
      if (params.get('consent') !== 'accept') throw cancelled();
      for (const { resource } of flow.scopes.resources) state.withoutConsent.delete(pairOf(flow.client, resource));
    }
    return proceed(flow, undefined);
  }

  function finish(flow: Flow, signIn: SignIn): Reply {
    const session = randomUUID();
    state.sessions.set(session, signIn);
    const headers = { 'set-cookie': `ESTSAUTH=${session}; Path=/; Secure; HttpOnly; SameSite=None` };
    if (flow.device !== undefined) {
      flow.device.signIn = signIn;
      const reply = html(200, donePage('You have signed in on your device'));
      return { ...reply, headers: { ...reply.headers, ...headers } };
    }
    const code = `1.A${randomBytes(48).toString('base64url')}`;
    const { params, client } = flow;
    const challenge = params.get('code_challenge');
    state.codes.set(code, {
      client,
      redirectUri: flow.redirectUri!,
      signIn,
      scope: params.get('scope')!,
      nonce: params.get('nonce') ?? undefined,
      challenge:
        challenge === null ? undefined : { value: challenge, method: params.get('code_challenge_method') ?? 'plain' },
      claims: params.get('claims') ?? undefined,
      expiresAtMs: state.now() + codeSeconds * 1000,
      redeemed: false,
    });
    const fields = {
      code,
      ...(params.get('client_info') === '1' && { client_info: clientInfo(signIn.user) }),
      ...(params.has('state') && { state: params.get('state')! }),
      session_state: session,
    };
    return answer(params, flow.redirectUri!, fields, headers);
  }

  function refuse(params: URLSearchParams, redirectUri: string, error: AadstsError): Reply {
    const body = error.body(state.origin, params.get('client-request-id') ?? undefined);
    return answer(params, redirectUri, {
      error: error.error,
      ...(error.extras.suberror !== undefined && { error_subcode: error.extras.suberror }),
      error_description: String(body['error_description']),
      error_uri: String(body['error_uri']),
      ...(params.has('state') && { state: params.get('state')! }),
    });
  }

  function answer(params: URLSearchParams, redirectUri: string, fields: Record<string, string>, headers = {}): Reply {
    const mode = params.get('response_mode') ?? 'query';
    if (mode === 'form_post') {
      const reply = html(200, formPostPage(redirectUri, fields));
      return { ...reply, headers: { ...reply.headers, ...headers } };
    }
    const target = new URL(redirectUri);
    if (mode === 'fragment') target.hash = new URLSearchParams(fields).toString();
    else for (const [name, value] of Object.entries(fields)) target.searchParams.set(name, value);
    return { status: 302, headers: { location: target.href, ...headers }, body: '' };
  }

  /** Begins the pages for a device that shows this code. */
  function device({ tenant, params }: Visit): Reply {
    const wanted = params.get('user_code')?.trim().toUpperCase();
    const found = [...state.deviceCodes.values()].find(({ userCode }) => userCode === wanted);
    if (found === undefined) return html(400, errorPage('AADSTS90096: That code did not work.'));
    const scopes = readScopes(state.directory, found.client, found.scope);
    const claims = readClaimsRequest(found.claims);
    return proceed(
      { tenant, client: found.client, params, scopes, claims, device: found, signIn: undefined },
      undefined,
    );
  }

  return { authorize, step, device };
}
export type Authorization = ReturnType<typeof createAuthorization>;
