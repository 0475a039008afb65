// A real OpenID provider for the trial, in which people are chosen from a list instead of proving who they are. Loopback only.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Provider } from 'oidc-provider';
import type { Configuration, JWK } from 'oidc-provider';
import { systemClock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import { unguessableId } from '../base/ids.ts';
import { languageFor } from '../identity/page.ts';
import { keyFile } from '../state/key-files.ts';
import { isLoopback } from '../base/loopback.ts';
import type { TrialPerson } from './people.ts';
import { createPassingStore } from './passing-store.ts';
import { choicePage, failurePage, pageHeaders, secondFactorPage } from './stand-in-pages.ts';

const host = '127.0.0.1';
const choicePath = /^\/people\/[\w-]{1,64}$/;
const oneHourSeconds = 3600;

export interface StandInProviderSettings {
  /** 0 takes a free port. */
  readonly port: number;
  /** Keys are made below its `keys/` and kept between starts. */
  readonly dataDirectory: string;
  /** Where Genkan receives the answer, e.g. `http://127.0.0.1:7300/auth/callback`. Loopback only. */
  readonly redirectUris: readonly string[];
  readonly people: readonly TrialPerson[];
  /** Authentication context (`acr`) that a second factor proves; without it nobody is asked for one. */
  readonly secondFactor?: string | undefined;
}

export interface StandInProvider {
  /** Issuer identifier, e.g. `http://127.0.0.1:7301`. */
  readonly issuer: string;
  /** Stops answering and drops open connections. */
  close(): Promise<void>;
}

/** The client secret that Genkan and the stand-in provider share: made at the first call, kept in `keys/`. */
export const standInSecretFile = (dataDirectory: string): string =>
  path.join(dataDirectory, 'keys', 'stand-in-client-secret');

/**
 * Starts the stand-in provider on 127.0.0.1: authorization code flow with PKCE for the one confidential client `genkan`.
 * @throws GenkanError `trial_not_loopback` when a redirect URI leaves this machine, `trial_port_taken` when the port is in use
 */
export async function startStandInProvider(settings: StandInProviderSettings): Promise<StandInProvider> {
  for (const uri of settings.redirectUris) {
    // A provider without passwords must not vouch for anybody to a Genkan that others can reach.
    if (!isLoopback(new URL(uri).hostname)) throw new GenkanError('trial_not_loopback', { address: uri });
  }
  const server = createServer();
  const port = await listen(server, settings.port);
  const issuer = `http://${host}:${port}`;
  server.on('request', createHandler(issuer, settings));
  return {
    issuer,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function createHandler(
  issuer: string,
  settings: StandInProviderSettings,
): (req: IncomingMessage, res: ServerResponse) => void {
  const provider = new Provider(issuer, configuration(settings));
  provider.on('server_error', (_context, error) => console.error(`stand-in identity provider: ${error.message}`));
  const oidc = provider.callback();
  const ownHost = new URL(issuer).host;

  return (req, res) => {
    // A page elsewhere whose name was made to resolve to 127.0.0.1 must not speak for anybody (DNS rebinding).
    if (req.headers.host !== ownHost) return void res.writeHead(421).end();
    const { pathname } = new URL(req.url ?? '/', issuer);
    if (!choicePath.test(pathname)) return void oidc(req, res);
    choose(provider, settings, pathname, req, res).catch(() => sendPage(res, 400, failurePage(languageFor(req))));
  };
}

async function choose(
  provider: Provider,
  { people, secondFactor }: StandInProviderSettings,
  pathname: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { params } = await provider.interactionDetails(req, res);
  const uiLocales = typeof params['ui_locales'] === 'string' ? params['ui_locales'] : undefined;
  const language = languageFor(req, uiLocales);
  if (req.method !== 'POST') return sendPage(res, 200, choicePage(people, pathname, language));
  const crossSite = ['cross-site', 'same-site'].includes(String(req.headers['sec-fetch-site']));
  const form = new URLSearchParams(await readBody(req));
  const person = people.find(({ id }) => id === form.get('person'));
  if (crossSite || person === undefined) return sendPage(res, 400, failurePage(language));
  // OpenID Connect Core §3.1.2.1: what is asked for by acr_values is a wish, so a sign-in without it is one all the same.
  const isAsked =
    secondFactor !== undefined &&
    String(params['acr_values'] ?? '')
      .split(' ')
      .includes(secondFactor);
  const factor = form.get('factor');
  if (isAsked && factor === null) return sendPage(res, 200, secondFactorPage(person, pathname, language));
  const login = { accountId: person.id, ...(isAsked && factor === 'shown' && { acr: secondFactor }) };
  await provider.interactionFinished(req, res, { login }, { mergeWithLastSubmission: false });
}

function configuration(settings: StandInProviderSettings): Configuration {
  const { dataDirectory, redirectUris, people, secondFactor } = settings;
  const keys = path.join(dataDirectory, 'keys');
  const signingKey = JSON.parse(keyFile(path.join(keys, 'stand-in-signing-key.json'), newSigningKey)) as JWK;

  return {
    adapter: createPassingStore(10_000, systemClock.now),
    clients: [
      {
        client_id: 'genkan',
        client_secret: keyFile(standInSecretFile(dataDirectory), unguessableId),
        redirect_uris: [...redirectUris],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [signingKey] },
    cookies: {
      keys: [keyFile(path.join(keys, 'stand-in-cookie-key'), unguessableId)],
      // Cookies do not know ports: on one address, Genkan's own provider would otherwise overwrite these.
      names: { session: 'stand_in_session', interaction: 'stand_in_interaction', resume: 'stand_in_resume' },
      // A path that is never asked for: each sign-in begins without a session, so one can be dana now and ada a minute later.
      long: { path: '/no-session' },
    },
    pkce: { required: () => true },
    scopes: ['openid'],
    acrValues: secondFactor === undefined ? [] : [secondFactor],
    claims: {
      openid: ['sub'],
      profile: ['name', 'preferred_username', 'groups'],
      email: ['email', 'email_verified'],
      groups: ['groups'],
    },
    conformIdTokenClaims: false, // Genkan reads the ID token, as it does with Entra ID
    features: { devInteractions: { enabled: false }, userinfo: { enabled: false } },
    interactions: { url: (_context, interaction) => `/people/${interaction.uid}` },
    ttl: {
      Session: oneHourSeconds,
      Interaction: oneHourSeconds,
      Grant: oneHourSeconds,
      AccessToken: 300,
      IdToken: 300,
    },
    findAccount: (_context, id) => {
      const person = people.find((candidate) => candidate.id === id);
      if (person === undefined) return undefined;
      const { name, email, groups } = person;
      const claims = { sub: id, name, email, email_verified: true, preferred_username: email, groups: [...groups] };
      return { accountId: id, claims: () => claims };
    },
    // Its only client is Genkan, which asks for consent itself.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ accountId: oidc.session!.accountId!, clientId: oidc.client!.clientId });
      grant.addOIDCScope([...oidc.requestParamOIDCScopes].join(' '));
      await grant.save();
      return grant;
    },
    renderError: (context) => {
      context.set(pageHeaders);
      context.body = failurePage(languageFor(context.req));
    },
  };
}

function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return JSON.stringify({ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' });
}

function sendPage(res: ServerResponse, status: number, html: string): void {
  res.writeHead(status, pageHeaders).end(html);
}

async function readBody(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > 4096) throw new RangeError('form too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new GenkanError('trial_port_taken', { address: `${host}:${port}` }) : error),
    );
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
