// Reaches a server over HTTP.
import type { Era } from '../protocol/message.ts';
import { AuthorizedChannel } from './authorization/authorized-channel.ts';
import type { Credential } from './authorization/credential.ts';
import { createBreaker } from './breaker.ts';
import { HttpChannel } from './http-channel.ts';
import type { HttpChannelOptions } from './http-channel.ts';
import { HttpLink, HttpStatusFault } from './http-link.ts';
import type { HeaderList } from './http-link.ts';
import { connectFailures, answerLimits } from './limits.ts';
import { speaks } from './probe.ts';
import type { HttpServerSettings } from './settings.ts';
import type { ChannelEvents, OpenChannel, Transport, UpstreamNeighbours } from './transport.ts';

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
  });
  const verdicts = new Map<Era, { readonly speaks: Promise<boolean>; readonly untilMs: number }>();

  // Fetched anew for every conversation, so that a rotated secret is seen.
  async function prepare(): Promise<HeaderList> {
    const fetched = Object.entries(settings.headers).map(async ([name, reference]) => [name, await secret(reference)]);
    return (await Promise.all(fetched)).flat();
  }

  function channelOf(options: HttpChannelOptions): OpenChannel {
    if (credential === undefined) return new HttpChannel(options);
    // That somebody has yet to sign in is no fault of the server.
    const onFault = (error: Error): void => {
      if (!(error instanceof HttpStatusFault && error.challenge !== undefined)) options.onFault(error);
    };
    return new AuthorizedChannel(new HttpChannel({ ...options, onFault }), credential);
  }

  async function probe(era: Era): Promise<boolean> {
    const headers = await prepare();
    return speaks(channelOf({ era, link, headers, limits, timeoutMs: startMs, startMs, ...nobody }));
  }

  function verdictOn(era: Era): Promise<boolean> {
    const known = verdicts.get(era);
    if (known !== undefined && clock.now() < known.untilMs) return known.speaks;
    const asked = { speaks: probe(era), untilMs: clock.now() + verdictMs };
    verdicts.set(era, asked);
    // A failure says nothing that would still hold a moment later.
    asked.speaks.catch(() => {
      if (verdicts.get(era) === asked) verdicts.delete(era);
    });
    return asked.speaks;
  }

  return {
    heavy: new Set(['legacy']),
    // In the client's own family first: nobody is asked in a family of revisions that nobody wants to speak with it.
    async eraFor(client) {
      if (await verdictOn(client)) return client;
      const other = client === 'modern' ? 'legacy' : 'modern';
      if (await verdictOn(other)) return other;
      verdicts.clear(); // whatever this is, it may be a server in a moment
      throw link.unavailable('it speaks no revision of MCP that we know');
    },
    doubt: () => verdicts.clear(),
    prepare,
    open: (headers, era, events) => channelOf({ era, link, headers, limits, timeoutMs, startMs, ...events }),
    close: () => link.close(),
  };
}

/** What happens beside a probe concerns nobody. */
const nobody: ChannelEvents = { onPush() {}, onFault() {}, onOver() {} };
