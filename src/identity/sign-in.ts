// The pages between a client's authorization request and its code: sign-in at the identity provider, then consent.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors } from 'oidc-provider';
import type { Provider } from 'oidc-provider';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import type { Database } from '../state/database.ts';
import type { Accounts } from './accounts.ts';
import { consentPage } from './consent-page.ts';
import type { ConsentRequest, Consents } from './consents.ts';
import { browserCookieOf, browserSecret } from './cookies.ts';
import { isPage } from './federation.ts';
import type { Federation, Returned } from './federation.ts';
import { formTokens, readForm } from './form.ts';
import type { IdentityRecord, Origin } from './identity-record.ts';
import { consentRequestOf, endpoints } from './oauth-provider.ts';
import { keepClient } from './oidc-adapter.ts';
import { leaveOtherAccount } from './other-account.ts';
import { languageFor, redirect, sendPage } from './page.ts';
import { publisherOf } from './publishers.ts';
import { contextsAsked } from './scopes.ts';
import type { IdentitySettings } from './settings.ts';
import type { Arrival } from './action-pages/visitors.ts';
import type { SignedIn } from './sign-in-leg.ts';
import { contextsOf } from './step-up.ts';
import type { StepUp } from './step-up.ts';

interface SignInNeighbours {
  readonly provider: Provider;
  readonly federation: Federation;
  readonly accounts: Accounts;
  readonly consents: Consents;
  readonly stepUp: StepUp;
  readonly database: Database;
  readonly clock: Clock;
  readonly issuer: string;
  readonly secrets: readonly string[];
  readonly record: IdentityRecord;
  readonly originOf: (request: IncomingMessage) => Origin;
  /** Goes on with a page of ours that a person had to sign in for. */
  readonly resume: (
    request: IncomingMessage,
    response: ServerResponse,
    page: string,
    arrival: Arrival,
  ) => Promise<void> | void;
}

export interface SignIn {
  /** Answers `/signin/{uid}`. */
  interact(request: IncomingMessage, response: ServerResponse, uid: string): Promise<void>;
  /** Answers `/auth/callback`, where the identity provider sends the browser back to. */
  callback(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

type Interaction = InstanceType<Provider['Interaction']>;

export function createSignIn(settings: IdentitySettings, neighbours: SignInNeighbours): SignIn {
  const { provider, federation, accounts, consents, stepUp, database, clock, issuer, record, originOf } = neighbours;

  return {
    async interact(request, response, uid) {
      const interaction = await currentInteraction(request, response, uid);
      if (interaction.prompt.name === 'login') return begin(request, response, interaction);
      const accountId = interaction.session?.accountId;
      const account = accountId === undefined ? undefined : await accounts.find(accountId);
      if (account === undefined) throw new GenkanError('identity_sign_in_expired');
      const asked = consentRequestOf(account.id, interaction.params, stepUp.offer);
      const tokens = formTokens(neighbours.secrets, uid, account.id);
      if (request.method === 'POST') {
        const form = await readForm(request, issuer, tokens);
        return decide(request, response, asked, form.get('decision'));
      }
      const client = await provider.Client.find(asked.clientId);
      if (client === undefined) throw new GenkanError('identity_sign_in_expired');
      const view = {
        action: `/signin/${uid}`,
        formToken: tokens[0]!,
        otherAccount: withFreshSignIn(interaction.params),
        clientId: asked.clientId,
        clientName: client.clientName,
        publisher: publisherOf(asked.clientId, settings.clientIdMetadata.trusted),
        redirectUri: asked.redirectUri,
        resource: asked.resource,
        scopes: asked.scopes,
        person: account,
        connectedDays: client.grantTypeAllowed('refresh_token') ? Math.ceil(settings.grantSeconds / 86_400) : undefined,
      };
      const language = languageFor(request, interaction.params.ui_locales as string | undefined);
      sendPage(request, response, consentPage(view, language), language);
    },

    async callback(request, response) {
      const returned = await returnedPerson(request);
      if (isPage(returned.interaction)) {
        if (returned.signedIn === undefined) throw new GenkanError('identity_sign_in_failed');
        const person = await welcome(request, returned.signedIn);
        const { contexts, authenticatedAtMs } = returned.signedIn;
        return neighbours.resume(request, response, returned.interaction, { person, contexts, authenticatedAtMs });
      }
      const interaction = await provider.Interaction.find(returned.interaction);
      if (interaction === undefined) throw new GenkanError('identity_sign_in_expired');
      if (returned.signedIn === undefined) {
        await record.write({ action: 'identity.signIn', result: 'denied' }, originOf(request));
        interaction.result = { error: 'access_denied', error_description: 'the person called the sign-in off' };
      } else {
        const accountId = await welcome(request, returned.signedIn, interaction.params.client_id);
        // Otherwise the provider would end the older session by a page of its own that needs script.
        if (await leaveOtherAccount(provider, request, response, accountId)) interaction.session = undefined;
        interaction.result = await signInResult(request, interaction, accountId, returned.signedIn);
      }
      await interaction.persist();
      // There the provider compares its own cookie with the interaction, so another browser gets nothing out of this URL.
      redirect(response, interaction.returnTo);
    },
  };

  /** Keeps who has signed in, and writes it down. @returns id of the account */
  async function welcome(
    request: IncomingMessage,
    { person, contexts, evidence }: SignedIn,
    clientId?: unknown,
  ): Promise<string> {
    const user = await accounts.upsert(person).catch((error: unknown) => {
      const code = error instanceof GenkanError ? error.code : 'gateway_fault';
      record.refused(
        { action: 'identity.signIn', user: person.id, result: 'denied', details: { code, clientId } },
        originOf(request),
      );
      throw error;
    });
    const proven = contexts.length > 0 && { contexts };
    const details = { name: person.name, groups: person.groups.length, clientId, ...proven, ...evidence };
    await record.write({ action: 'identity.signIn', user, result: 'allowed', details }, originOf(request));
    return user;
  }

  /** What the session becomes. A sign-in that was to prove something and did not is none (RFC 9470 §5). */
  async function signInResult(
    request: IncomingMessage,
    { params, prompt }: Interaction,
    accountId: string,
    { contexts, authenticatedAtMs }: SignedIn,
  ): Promise<InstanceType<Provider['Interaction']>['result']> {
    const acr = stepUp.acrOf(contexts);
    const proven = contextsOf(acr);
    const missing = contextsAsked(params.scope, stepUp.offer).filter((context) => !proven.includes(context));
    const limit = stepUp.maxAgeOf(params);
    const asked = asksAnew(prompt.reasons);
    // Who asked for credentials and hears nothing of when they were given takes it that it was now; otherwise nothing is known.
    const atMs = Math.min(clock.now(), authenticatedAtMs ?? (asked ? clock.now() : 0));
    if (limit !== undefined && asked && clock.now() - atMs > limit * 1000) missing.push('a new sign-in');
    if (missing.length === 0) {
      const remember = !stepUp.forgets(params.resource);
      return { login: { accountId, remember, ts: Math.floor(atMs / 1000), ...(acr !== undefined && { acr }) } };
    }
    const details = { code: 'unmet_authentication_requirements', missing, clientId: params.client_id };
    await record.write({ action: 'identity.stepUp', user: accountId, result: 'failed', details }, originOf(request));
    return {
      error: 'unmet_authentication_requirements',
      error_description: `the identity provider did not prove ${missing.join(' ')}`,
    };
  }

  async function currentInteraction(
    request: IncomingMessage,
    response: ServerResponse,
    uid: string,
  ): Promise<Interaction> {
    try {
      const interaction = await provider.interactionDetails(request, response);
      if (interaction.uid === uid) return interaction;
    } catch (cause) {
      if (!(cause instanceof errors.SessionNotFound)) throw cause;
    }
    throw new GenkanError('identity_sign_in_expired');
  }

  async function begin(request: IncomingMessage, response: ServerResponse, interaction: Interaction): Promise<void> {
    const fresh = asksAnew(interaction.prompt.reasons);
    const maxAgeSeconds = stepUp.maxAgeOf(interaction.params);
    const contexts = contextsAsked(interaction.params.scope, stepUp.offer);
    const browser = browserSecret(request, response, issuer);
    // Nothing that a server demanded: one of them could keep a person from all the others.
    const wanted = { fresh, contexts, ...(maxAgeSeconds !== undefined && { maxAgeSeconds }) };
    const target = await noted(request, () => federation.begin(interaction.uid, browser, wanted));
    redirect(response, target.href);
  }

  function returnedPerson(request: IncomingMessage): Promise<Returned> {
    return noted(request, () => federation.end(new URL(request.url!, issuer), browserCookieOf(request, issuer)));
  }

  /** Does a part of a sign-in, and writes down when it fails. */
  async function noted<Value>(request: IncomingMessage, part: () => Promise<Value>): Promise<Value> {
    try {
      return await part();
    } catch (error) {
      // Anybody can send answers that we never asked for, so these are counted rather than all recorded.
      const details =
        error instanceof GenkanError ? { code: error.code, reason: error.message } : { code: 'gateway_fault' };
      record.refused({ action: 'identity.signIn', result: 'failed', details }, originOf(request));
      throw error;
    }
  }

  async function decide(
    request: IncomingMessage,
    response: ServerResponse,
    asked: ConsentRequest,
    decision: string | null,
  ): Promise<void> {
    if (decision !== 'approve' && decision !== 'deny')
      throw new GenkanError('identity_request_invalid', { reason: 'unknown decision' });
    const allowed = decision === 'approve';
    const { accountId: user, resource, clientId, redirectUri, scopes } = asked;
    const result = allowed ? 'allowed' : 'denied';
    await record.write(
      { action: 'identity.consent', user, resource, result, details: { clientId, redirectUri, scopes } },
      originOf(request),
    );
    const outcome = allowed
      ? { consent: { grantId: await grantAccess(asked) } }
      : { error: 'access_denied', error_description: 'the person did not allow the access' };
    redirect(response, await provider.interactionResult(request, response, outcome));
  }

  async function grantAccess(asked: ConsentRequest): Promise<string> {
    const grant = new provider.Grant({ accountId: asked.accountId, clientId: asked.clientId });
    grant.addResourceScope(asked.resource, asked.scopes.join(' '));
    await consents.remember(asked);
    await keepClient(database, asked.clientId);
    return grant.save();
  }
}

/** Reasons for a sign-in that the provider may answer from a session of its own. */
const quiet: ReadonlySet<string> = new Set(['no_session', 'contexts_missing']);
const asksAnew = (reasons: readonly string[]): boolean => reasons.some((reason) => !quiet.has(reason));

/** The authorization request of an interaction again, but with a new sign-in. */
function withFreshSignIn(params: Readonly<Record<string, unknown>>): string {
  const kept = Object.entries(params).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return `${endpoints.authorization}?${new URLSearchParams({ ...Object.fromEntries(kept), prompt: 'login' }).toString()}`;
}
