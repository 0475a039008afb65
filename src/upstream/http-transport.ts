// Reaches a server over HTTP.
import type { Era } from '../protocol/message.ts';
import { AuthorizedChannel } from './authorization/authorized-channel.ts';
import type { Credential } from './authorization/credential.ts';
import { createBreaker } from './breaker.ts';
import { HttpChannel } from './http-channel.ts';
import { HttpLink, HttpStatusFault } from './http-link.ts';
import type { HeaderList } from './http-link.ts';
import { connectFailures, answerLimits } from './limits.ts';
import { speaks } from './probe.ts';
import type { HttpServerSettings } from './settings.ts';
import { SseChannel } from './sse-channel.ts';
import type { ChannelEvents, OpenChannel, Transport, UpstreamNeighbours } from './transport.ts';
import { within } from './within.ts';

/** How a conversation is held: in one of the families of Streamable HTTP, or over HTTP+SSE. */
type Way = Era | 'sse';

const verdictMs = 24 * 3600 * 1000;
/** A server that is there accepts connections at once, however slow its answers are. */
const maxConnectMs = 10_000;

/** @param credential what is shown to a server that asks for sign-in; then all of this is one person's alone */
export function httpTransport(
  server: string,
  settings: HttpServerSettings,
  { secret, clock }: UpstreamNeighbours,
  credential?: Credential,
): Transport<HeaderList> {
  const startMs = settings.startSeconds * 1000;
  const timeoutMs = settings.timeoutSeconds * 1000;
  const limits = answerLimits(settings);
  const link = new HttpLink({
    server,
    url: settings.url,
    maxCalls: settings.maxCalls,
    maxListens: settings.maxListens,
    maxStreams: settings.maxChannels,
    connectMs: Math.min(startMs, maxConnectMs),
    maxBytes: limits.maxBytes,
    breaker: createBreaker(clock, connectFailures),
    clock,
  });
  let legacyWay: Way = settings.transport === 'sse' ? 'sse' : 'legacy';
  const verdicts = new Map<Way, { readonly speaks: Promise<boolean>; readonly untilMs: number }>();

  // Fetched anew for every conversation, so that a rotated secret is seen.
  async function prepare(): Promise<HeaderList> {
    const fetched = Object.entries(settings.headers).map(async ([name, reference]) => [name, await secret(reference)]);
    return (await Promise.all(fetched)).flat();
  }

  function channelOf(way: Way, headers: HeaderList, callMs: number, events: ChannelEvents): OpenChannel {
    const options = { link, headers, limits, maxCalls: settings.maxCalls, timeoutMs: callMs, startMs, ...events };
    const open = (heard: ChannelEvents) =>
      way === 'sse'
        ? new SseChannel({ ...options, ...heard })
        : new HttpChannel({ ...options, era: way, credential, ...heard });
    if (credential === undefined) return open(events);
    // That somebody has yet to sign in is no fault of the server.
    const onFault = (error: Error): void => {
      if (!(error instanceof HttpStatusFault && error.challenge !== undefined)) events.onFault(error);
    };
    return new AuthorizedChannel(open({ ...events, onFault }), credential);
  }

  async function probe(way: Way): Promise<boolean> {
    const channel = channelOf(way, await prepare(), startMs, nobody);
    try {
      return await within(server, startMs, () => speaks(channel));
    } finally {
      void channel.close();
    }
  }

  function verdictOn(way: Way): Promise<boolean> {
    const known = verdicts.get(way);
    if (known !== undefined && clock.now() < known.untilMs) return known.speaks;
    const asked = { speaks: probe(way), untilMs: clock.now() + verdictMs };
    verdicts.set(way, asked);
    // A failure says nothing that would still hold a moment later.
    asked.speaks.catch(() => {
      if (verdicts.get(way) === asked) verdicts.delete(way);
    });
    return asked.speaks;
  }

  return {
    heavy: new Set(['legacy']),
    // In the client's own family first: nobody is asked in a family of revisions that nobody wants to speak with it.
    async eraFor(client) {
      if (settings.transport === 'sse') return 'legacy';
      const other: Era = client === 'modern' ? 'legacy' : 'modern';
      for (const era of [client, other]) {
        if (!(await verdictOn(era))) continue;
        legacyWay = 'legacy';
        return era;
      }
      // MCP 2025-11-25, transports, "Backwards Compatibility": it may be one that is older than Streamable HTTP.
      if (settings.transport === 'auto' && (await verdictOn('sse'))) {
        legacyWay = 'sse';
        return 'legacy';
      }
      verdicts.clear(); // whatever this is, it may be a server in a moment
      throw link.unavailable('it speaks no revision of MCP that we know');
    },
    doubt: () => verdicts.clear(),
    prepare,
    open: (headers, era, events) => channelOf(era === 'legacy' ? legacyWay : era, headers, timeoutMs, events),
    close: () => link.close(),
  };
}

/** What happens beside a probe concerns nobody. */
const nobody: ChannelEvents = { onPush() {}, onFault() {}, onOver() {} };
