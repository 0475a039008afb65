// One MCP server behind the door: opens conversations with it, within bounds, and keeps an eye on them.
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { ResolveSecret } from '../base/secret.ts';
import type { Era, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import type { Channel, ConnectOptions, Connection, Upstream } from './channel.ts';
import { httpTransport } from './http-transport.ts';
import { ownInitialize } from './probe.ts';
import type { ServerSettings } from './settings.ts';
import { stdioTransport } from './stdio-transport.ts';

export interface UpstreamNeighbours {
  readonly secret: ResolveSecret;
  /** Our own environment, of which children get a few harmless variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
}

/** A channel as the upstream itself sees it. */
export interface OpenChannel extends Channel {
  /** Requests that wait for a response. */
  readonly active: number;
  /** Monotonic time of the last message. */
  readonly lastUsedMs: number;
  begin(initialize: RequestMessage): Promise<ResponseMessage>;
}

/** A way to reach a server. `Material` is what must be fetched before a channel can be opened: its secrets. */
export interface Transport<Material> {
  eras(): Promise<ReadonlySet<Era>>;
  prepare(): Promise<Material>;
  open(material: Material, era: Era, onPush: ConnectOptions['onPush'], onOver: (reason?: string) => void): OpenChannel;
  close(): Promise<void>;
}

export function createUpstream(name: string, settings: ServerSettings, neighbours: UpstreamNeighbours): Upstream {
  return 'command' in settings
    ? createUpstreamOver(name, settings, stdioTransport(name, settings, neighbours))
    : createUpstreamOver(name, settings, httpTransport(name, settings, neighbours));
}

function createUpstreamOver<Material>(
  name: string,
  settings: ServerSettings,
  transport: Transport<Material>,
): Upstream {
  const channels = new Map<OpenChannel, ConnectOptions['onClose']>();
  const idleMs = settings.idleSeconds * 1000;
  let lastError: string | undefined;
  let closed = false;
  let sweeper: NodeJS.Timeout | undefined;

  const unavailable = (detail: string): GenkanError =>
    new GenkanError('upstream_unavailable', { server: name }, { detail });

  async function remembering<Value>(work: Promise<Value>): Promise<Value> {
    try {
      return await work;
    } catch (error) {
      lastError = (error as Error).message;
      throw error;
    }
  }

  function evict(channel: OpenChannel, reason: string): void {
    const onClose = channels.get(channel);
    channels.delete(channel);
    void channel.close();
    onClose?.(reason);
  }

  function sweep(): void {
    const before = performance.now() - idleMs;
    for (const channel of channels.keys()) {
      if (channel.active === 0 && channel.lastUsedMs < before) evict(channel, 'it was not used for a while');
    }
    if (channels.size === 0) {
      clearInterval(sweeper);
      sweeper = undefined;
    }
  }

  function makeRoom(): void {
    if (channels.size < settings.maxChannels) return;
    const idle = [...channels.keys()].filter(({ active }) => active === 0);
    const oldest = idle.toSorted((one, other) => one.lastUsedMs - other.lastUsedMs)[0];
    if (oldest === undefined) throw unavailable(`${settings.maxChannels} conversations are open and busy`);
    evict(oldest, 'it made room for another conversation');
  }

  async function connect({ era, initialize = ownInitialize(), onPush, onClose }: ConnectOptions): Promise<Connection> {
    const material = await transport.prepare();
    if (closed) throw unavailable('it was closed');
    makeRoom();
    const channel = transport.open(material, era, onPush, (reason) => {
      const known = channels.delete(channel);
      if (reason !== undefined) lastError = reason;
      if (known && reason !== undefined) onClose(reason);
    });
    channels.set(channel, onClose);
    sweeper ??= setInterval(sweep, Math.min(idleMs, 30_000) / 2).unref();
    if (era === 'modern') return { channel };
    try {
      const initialized = await channel.begin(initialize);
      if (initialized.error !== undefined) await channel.close();
      return { channel, initialized };
    } catch (error) {
      await channel.close();
      throw error;
    }
  }

  return {
    name,
    eras: () => remembering(transport.eras()),
    connect: (options) => remembering(connect(options)),
    status: () => ({ open: channels.size, lastError }),
    async close() {
      closed = true;
      clearInterval(sweeper);
      await Promise.all([...channels.keys()].map((channel) => channel.close()));
      await transport.close();
    },
  };
}
