// One MCP server behind the door: opens conversations with it, within bounds, and keeps an eye on them.
import { GenkanError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { oneLine } from '../base/one-line.ts';
import type { Era } from '../protocol/message.ts';
import type { Credential } from './authorization/credential.ts';
import { createCallerCredential } from './caller-identity/caller-credential.ts';
import { createChildIdentity } from './caller-identity/child-identity.ts';
import type { CallerAuthorization } from './caller-identity/settings.ts';
import { createTokenEndpoint } from './caller-identity/token-endpoint.ts';
import type { ConnectOptions, Connection, Upstream } from './channel.ts';
import { createGraph } from './graph/graph.ts';
import { httpTransport } from './http-transport.ts';
import { createPersonalUpstreams } from './personal-upstreams.ts';
import type { PersonalUpstream } from './personal-upstreams.ts';
import { maxLightChannels } from './limits.ts';
import { ownInitialize, saysNo } from './probe.ts';
import type { HttpServerSettings, ServerSettings } from './settings.ts';
import type { Verdicts } from './stdio-eras.ts';
import { stdioTransport } from './stdio-transport.ts';
import type { OpenChannel, Transport, UpstreamNeighbours } from './transport.ts';
import { within } from './within.ts';

/**
 * @param settings parsed by `serverSettings`; a change of them means another upstream
 */
export function createUpstream(name: string, settings: ServerSettings, neighbours: UpstreamNeighbours): Upstream {
  const { log } = neighbours;
  if ('builtin' in settings || settings.authorization !== undefined)
    return createUpstreamForPeople(name, settings, neighbours);
  return 'command' in settings
    ? createUpstreamOver(name, settings, stdioTransport(name, settings, neighbours), log)
    : createUpstreamOver(name, settings, httpTransport(name, settings, neighbours), log);
}

function createUpstreamForPeople(name: string, settings: ServerSettings, neighbours: UpstreamNeighbours): Upstream {
  const { log, clock, connections, callers } = neighbours;
  if (connections === undefined) throw new TypeError(`${name} asks for sign-in, and nobody keeps connections`);
  const overHttp = (served: HttpServerSettings, credential: Credential) =>
    createUpstreamOver(name, served, httpTransport(name, served, neighbours, credential), log, 1);

  if ('url' in settings && settings.authorization?.as === 'person') {
    const own = connections.at(name, settings);
    const open = (person: string) => overHttp(settings, own.of(person));
    const people = createPersonalUpstreams(name, { actsAs: 'person', open, close: () => own.close() });
    own.onForgotten((person) => people.endPerson!(person));
    return people;
  }
  if (callers === undefined) throw new TypeError(`${name} acts as its callers, and nobody gives tokens of theirs`);
  const desk = connections.forCallers(name);
  if ('url' in settings) {
    const { scopes } = settings.authorization as CallerAuthorization;
    const open = (person: string) => overHttp(settings, createCallerCredential(person, scopes, callers, desk));
    return createPersonalUpstreams(name, { actsAs: 'caller', open, close: () => desk.close() });
  }
  if ('builtin' in settings) {
    const graph = createGraph(name, settings, { ...neighbours, callers, desk });
    const open = (person: string, makeRoom: () => void) =>
      createUpstreamOver(name, settings, graph.transportFor(person), log, 1, makeRoom);
    const { maxChannels } = settings;
    return createPersonalUpstreams(name, { actsAs: 'caller', open, maxChannels, close: () => desk.close() });
  }
  const { resources } = settings.authorization!;
  const endpoint = createTokenEndpoint((reason) =>
    log.warn({ server: name, reason }, 'somebody asked for the tokens of a process that is not theirs'),
  );
  const verdicts: Verdicts = new Map();
  // Every conversation is a process, and nobody needs many.
  const share = { ...settings, maxChannels: Math.ceil(settings.maxChannels / 4) };
  return createPersonalUpstreams(name, {
    actsAs: 'caller',
    maxChannels: settings.maxChannels,
    open(person, makeRoom) {
      const identity = createChildIdentity({ person, resources, callers, desk, endpoint, clock });
      const transport = stdioTransport(name, settings, neighbours, { identity, verdicts });
      return createUpstreamOver(name, share, transport, log, 1, makeRoom);
    },
    async close() {
      desk.close();
      await endpoint.close();
    },
  });
}

/**
 * @param shares into how many the conversations are divided, one of which everybody who comes can have
 * @param makeRoomAmongAll where people have parts of their own: makes room for one more conversation of any of them
 */
function createUpstreamOver<Material>(
  name: string,
  settings: ServerSettings,
  transport: Transport<Material>,
  log: Log,
  shares = 4,
  makeRoomAmongAll: () => void = () => {},
): PersonalUpstream {
  const channels = new Map<OpenChannel, Pick<ConnectOptions, 'person' | 'onClose'>>();
  /** Conversations that are kept although nothing is asked in them, and for how many. */
  const held = new Map<OpenChannel, number>();
  const isIdle = (channel: OpenChannel): boolean => channel.active === 0 && !held.has(channel);
  const idleMs = settings.idleSeconds * 1000;
  const startMs = settings.startSeconds * 1000;
  let lastError: string | undefined;
  let closed = false;
  let sweeper: NodeJS.Timeout | undefined;

  const unavailable = (detail: string): GenkanError =>
    new GenkanError('upstream_unavailable', { server: name }, { detail });

  function remember(error: unknown): void {
    // Neither what a client did wrong, nor that it went away or has yet to sign in, is a fault of the server.
    if (
      error instanceof GenkanError &&
      error.code.startsWith('upstream_') &&
      error.code !== 'upstream_sign_in_required'
    )
      lastError = oneLine(error.message);
  }

  async function remembering<Value>(work: Promise<Value>): Promise<Value> {
    try {
      return await work;
    } catch (error) {
      remember(error);
      throw error;
    }
  }

  /** Calls back to the owner of a conversation: what it throws, at once or later, must not be the end of the process. */
  function tell(owner: () => void | Promise<void>, onFailure?: () => void): void | Promise<void> {
    const fail = (error: unknown): void => {
      log.error({ err: error, server: name }, 'the owner of a conversation failed to hear its server');
      onFailure?.();
    };
    try {
      const told = owner();
      if (told !== undefined) return told.catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  /** Ends a conversation that its owner may still believe to be open. */
  async function evict(channel: OpenChannel, reason: string): Promise<void> {
    const owner = channels.get(channel);
    channels.delete(channel);
    const closing = channel.close();
    if (owner !== undefined) void tell(() => owner.onClose(reason));
    await closing;
  }

  function sweep(): void {
    const before = performance.now() - idleMs;
    for (const channel of channels.keys()) {
      if (transport.heavy.has(channel.era) && isIdle(channel) && channel.lastUsedMs < before)
        void evict(channel, 'it was not used for a while');
    }
    if (channels.size === 0) {
      clearInterval(sweeper);
      sweeper = undefined;
    }
  }

  /** The last share is for those who have less than a share of their own, so that nobody takes the server for themselves. */
  function makeRoom(era: Era, person: string | undefined): void {
    const heavy = transport.heavy.has(era);
    const bound = heavy ? settings.maxChannels : maxLightChannels;
    const share = Math.ceil(bound / shares);
    if (channels.size + share < bound) return;
    const alike = [...channels.keys()].filter((channel) => transport.heavy.has(channel.era) === heavy);
    const own = alike.filter((channel) => person !== undefined && channels.get(channel)?.person === person);
    // The idle ones of others give way. Their own may be busy in a moment, all at once.
    const taken = alike.filter((channel) => own.includes(channel) || !isIdle(channel)).length;
    const tooMany = own.length >= share && taken + share >= bound;
    if (!tooMany && alike.length < bound) return;
    const idle = (tooMany ? own : alike).filter(isIdle);
    const oldest = idle.toSorted((one, other) => one.lastUsedMs - other.lastUsedMs)[0];
    if (oldest === undefined)
      throw unavailable(
        tooMany && alike.length < bound
          ? `one person has ${own.length} of ${bound} conversations open and busy; the others are kept for others`
          : `${bound} conversations are open and busy`,
      );
    void evict(oldest, 'it made room for another conversation');
  }

  function hold(channel: OpenChannel): () => void {
    held.set(channel, (held.get(channel) ?? 0) + 1);
    return () => {
      const others = (held.get(channel) ?? 1) - 1;
      if (others > 0) held.set(channel, others);
      else held.delete(channel);
    };
  }

  async function connect({
    era,
    initialize = ownInitialize(),
    owner,
    person,
    onPush,
    onClose,
  }: ConnectOptions): Promise<Connection> {
    const material = await transport.prepare();
    if (closed) throw unavailable('it was closed');
    makeRoom(era, person);
    makeRoomAmongAll();
    const channel = transport.open(
      material,
      era,
      {
        onPush(message) {
          if (!channels.has(channel)) return undefined; // what was on its way when the conversation ended
          return tell(
            () => onPush(message),
            () => void evict(channel, 'its owner failed to hear it'),
          );
        },
        onFault(error) {
          remember(error);
          if (saysNo(error)) transport.doubt?.();
        },
        onOver(reason) {
          const known = channels.delete(channel);
          if (reason === undefined) return;
          lastError = oneLine(reason);
          if (known) void tell(() => onClose(reason));
        },
      },
      { initialize, owner },
    );
    channels.set(channel, { person, onClose });
    sweeper ??= setInterval(sweep, Math.min(idleMs, 30_000) / 2).unref();
    try {
      if (era === 'modern') {
        await channel.awaken?.();
        return { channel, hold: () => hold(channel) };
      }
      const initialized = await within(name, startMs, () => channel.begin(initialize));
      if (initialized.error !== undefined) {
        transport.doubt?.();
        void channel.close();
      }
      return { channel, initialized, hold: () => hold(channel) };
    } catch (error) {
      void channel.close(); // a child may take its time to end; nobody should have to wait for that
      throw error;
    }
  }

  function giveWay(): boolean {
    const idle = [...channels.keys()].filter(isIdle);
    const [oldest] = idle.toSorted((one, other) => one.lastUsedMs - other.lastUsedMs);
    if (oldest === undefined) return false;
    void evict(oldest, 'it made room for another conversation');
    return true;
  }

  return {
    name,
    giveWay,
    eraFor: (client, initialize) => remembering(transport.eraFor(client, initialize)),
    connect: (options) => remembering(connect(options)),
    status: () => ({ open: channels.size, lastError }),
    async close() {
      closed = true;
      clearInterval(sweeper);
      await Promise.all([...channels.keys()].map((channel) => evict(channel, 'it was closed')));
      await transport.close();
    },
  };
}
