// Reaches a server over HTTP.
import type { Era } from '../protocol/message.ts';
import { createBreaker } from './breaker.ts';
import { HttpChannel } from './http-channel.ts';
import { HttpLink } from './http-link.ts';
import type { HeaderList } from './http-link.ts';
import { connectFailures, answerLimits } from './limits.ts';
import { probeEras } from './probe.ts';
import type { HttpServerSettings } from './settings.ts';
import type { ChannelEvents, Transport, UpstreamNeighbours } from './transport.ts';

const verdictMs = 24 * 3600 * 1000;
/** A server that is there accepts connections at once, however slow its answers are. */
const maxConnectMs = 10_000;

export function httpTransport(
  server: string,
  settings: HttpServerSettings,
  { secret, clock }: UpstreamNeighbours,
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
  let verdict: { readonly eras: Promise<ReadonlySet<Era>>; readonly untilMs: number } | undefined;

  // Fetched anew for every conversation, so that a rotated secret is seen.
  async function prepare(): Promise<HeaderList> {
    const fetched = Object.entries(settings.headers).map(async ([name, reference]) => [name, await secret(reference)]);
    return (await Promise.all(fetched)).flat();
  }

  async function probe(): Promise<ReadonlySet<Era>> {
    const headers = await prepare();
    return probeEras(server, (era) => {
      return new HttpChannel({ era, link, headers, limits, timeoutMs: startMs, startMs, ...nobody });
    });
  }

  return {
    eras() {
      if (verdict === undefined || clock.now() >= verdict.untilMs) {
        const asked = { eras: probe(), untilMs: clock.now() + verdictMs };
        verdict = asked;
        // A failure says nothing that would still hold a moment later.
        asked.eras.catch(() => {
          if (verdict === asked) verdict = undefined;
        });
      }
      return verdict.eras;
    },
    prepare,
    open: (headers, era, events) => new HttpChannel({ era, link, headers, limits, timeoutMs, startMs, ...events }),
    close: () => link.close(),
  };
}

/** What happens beside a probe concerns nobody. */
const nobody: ChannelEvents = { onPush() {}, onFault() {}, onOver() {} };
