// Genkan inside an app, connected: the same identity, record and keys as at the door, in front of the app's own handlers.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuse } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { createIdentity } from '../identity/identity.ts';
import type { KillSwitch } from '../identity/kill-switch/kill-switch.ts';
import type { AuditRecord } from '../record/record.ts';
import { createConnections } from '../upstream/authorization/connections.ts';
import { openFoundation } from '../wire/foundation.ts';
import { createBehalf } from './behalf.ts';
import type { Behalf } from './behalf.ts';
import { createEntrances } from './entrances.ts';
import { createGate } from './gate.ts';
import type { AppRequest, Gate, Next } from './gate.ts';
import { readProtectSettings } from './settings.ts';
import type { ProtectSettings } from './settings.ts';
import { unread } from './unread.ts';

export type Middleware = (request: IncomingMessage, response: ServerResponse, next: Next) => void;

type Part = (request: AppRequest, response: ServerResponse, next: Next) => Promise<void>;

export interface Genkan extends Behalf, AsyncDisposable {
  /** Sign-in, consent and the OAuth endpoints, `/auth/callback` among them. For whoever mounts the parts one by one. */
  readonly router: Middleware;
  /** The check of every request to the MCP server, as `protect` mounts it. */
  readonly guard: Middleware;
  /** Lets a request go on that holds all of these scopes. */
  require(scopes: readonly string[]): Middleware;
  /** Ends the access of people and clients at once, open streams included. */
  readonly killSwitch: KillSwitch;
  /** What happened. */
  readonly audit: Pick<AuditRecord, 'list' | 'proof' | 'checkpoint' | 'verify' | 'publicKey'>;
  /** What a token is worth at one of `resources`; the first of them unless given. */
  verify(token: string, path?: string): ReturnType<Gate['look']>;
  /** Ends streams, lets calls under way be answered, makes durable what was recorded. Idempotent; lets nobody in any more. */
  close(): Promise<void>;
}

export interface GenkanOptions {
  /** Environment for references to secrets; that of the process unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly log?: Log | undefined;
}

/**
 * Opens the data directory, making it if need be. Needs no network: the identity provider is looked for at the first sign-in.
 * @throws ConfigMistakes; GenkanError `record_unavailable` when another process has the directory open
 */
export async function openGenkan(
  given: ProtectSettings,
  { env = process.env, log: own }: GenkanOptions = {},
): Promise<Genkan> {
  const { config, resources, messages } = readProtectSettings(given);
  const { settings, publicUrl } = config;
  await using opened = new AsyncDisposableStack();
  const ground = opened.use(await openFoundation(config, { env, log: own }));
  const { sealed, revocations, record, log, secretFor } = ground;
  await ground.keys.sealing(); // better not to start than to find out at the first sign-in
  const connections = createConnections({ ...ground, secret: secretFor('connections') });
  const identity = await createIdentity(settings.identity, {
    ...ground,
    resources: () => resources.map((path) => publicUrl + path),
    secret: secretFor('identity'),
    record: (entry) => record.append(entry),
    connections,
    forgetPerson: async (person) => void (await sealed.remove(person)),
  });
  opened.defer(() => identity.close());
  const find = createEntrances(publicUrl, resources, messages);
  const gate = createGate(settings.gateway, { ...ground, identity, find });
  opened.defer(() => gate.close());
  revocations.follow(({ kind, subject, act }) => {
    if (act !== 'disable' && act !== 'end') return;
    gate.endFor({ kind, subject });
    setImmediate(() => gate.endFor({ kind, subject })); // who was verified in the very moment before has entered by then
  });

  let closing: Promise<void> | undefined;
  /** Express 4 does not hear of what fails later. */
  const answering =
    (isOurs: (request: AppRequest) => boolean, part: Part): Middleware =>
    (plain, response, next) => {
      const request = plain as AppRequest;
      if (!isOurs(request)) return next();
      if (closing !== undefined) return gate.refuse(request, response, refuse('gateway_stopping'));
      part(request, response, next).catch((error: unknown) => {
        log.error({ err: error }, 'a request failed');
        if (response.headersSent) response.destroy();
        else gate.refuse(request, response, refuse('gateway_fault'));
      });
    };

  const everything = opened.move();
  const close = (): Promise<void> => (closing ??= everything.disposeAsync());
  return {
    ...createBehalf(identity.callers, connections),
    router: answering(
      ({ baseUrl, path }) => identity.owns(baseUrl + path),
      async (request, response) => {
        if (gate.turnAway(request, response)) return;
        await identity.handle(Object.assign(unread(request), { url: request.originalUrl }), response);
      },
    ),
    guard: answering(
      // In a part of the app that is mounted elsewhere, too: it is refused there rather than open at an address that nobody named.
      (request) => find(request) !== undefined || find({ baseUrl: '', path: request.path }) !== undefined,
      (request, response, next) => gate.pass(request, response, next, []),
    ),
    require: (scopes) =>
      answering(
        () => true,
        (request, response, next) => gate.pass(request, response, next, scopes),
      ),
    verify: (token, path = resources[0]!) => gate.look(token, path),
    killSwitch: identity.killSwitch,
    audit: record,
    close,
    [Symbol.asyncDispose]: close,
  };
}
