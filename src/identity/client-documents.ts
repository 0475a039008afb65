// Fetching Client ID Metadata Documents: the one request that a stranger can make us send, so where to and how often is bounded.
import { isIP } from 'node:net';
import type { Configuration } from 'oidc-provider';
import type { Agent } from 'undici';
import type { Clock } from '../base/clock.ts';
import { publicLookup } from '../base/public-lookup.ts';
import type { Lookup, Resolve } from '../base/public-lookup.ts';
import { publisherOf } from './publishers.ts';
import { createRateWindow } from './rate-window.ts';
import type { IdentitySettings } from './settings.ts';

interface ClientDocuments {
  /**
   * Whether a document that is not in the cache may be fetched.
   * @param address where the request for it came from; `undefined` when a sign-in that is under way needs it again
   */
  allow(url: string, address: string | undefined): boolean;
  /** Whether its client may be used at all, also when the document is known. */
  permits(clientId: string): boolean;
  /** `fetch` towards such documents, and towards the keys of agents; follows no redirect, and believes nothing for long. */
  readonly fetch: NonNullable<Configuration['fetch']>;
}

interface DocumentNeighbours {
  readonly clock: Clock;
  /** All addresses of a name, as the system finds them unless told otherwise. */
  readonly resolve?: Resolve;
  readonly fetch?: typeof fetch;
}

const fetchesPerMinute = 20;
/** The longest that a document or a key may be kept, whatever its server says. */
export const keepSeconds = 3600;
/** The largest document or key set that is read. */
export const maxDocumentBytes = 16_384;

export function createClientDocuments(
  { allowPrivateAddresses, trusted, others }: IdentitySettings['clientIdMetadata'],
  { clock, resolve, fetch: custom }: DocumentNeighbours,
): ClientDocuments {
  const send = custom ?? sendBy(allowPrivateAddresses ? undefined : publicLookup(resolve));
  const fetches = createRateWindow(clock, 60_000);

  return {
    permits,
    allow(url, address) {
      if (!permits(url)) return false;
      if (!allowPrivateAddresses && !isPublicName(new URL(url))) return false;
      return address === undefined || fetches.count(address) <= fetchesPerMinute;
    },
    async fetch(url, given) {
      // Also for the addresses of keys: they were checked when they were registered, but long ago.
      if (!allowPrivateAddresses && !isPublicName(new URL(url))) throw new Error('not at a public name');
      return keptBriefly(await send(url, { ...given, redirect: 'manual' } as RequestInit));
    },
  };

  function permits(clientId: string): boolean {
    return others === 'ask' || publisherOf(clientId, trusted)?.trusted === true;
  }
}

/** Loads undici with the first request: it takes long, and few are ever sent to a document. */
function sendBy(lookup: Lookup | undefined): typeof fetch {
  let dispatcher: Agent | undefined;
  return async (url, { method, headers, redirect, signal } = {}) => {
    const undici = await import('undici');
    if (lookup !== undefined) dispatcher ??= new undici.Agent({ connect: { lookup } });
    const answer = await undici.fetch(String(url), {
      method,
      headers: Object.fromEntries(new Headers(headers)),
      redirect,
      signal,
      dispatcher,
    });
    return answer as unknown as Response;
  };
}

/** RFC 9111 §4.2.1, but with an end. */
function keptBriefly(answer: Response): Response {
  const headers = new Headers(answer.headers);
  const [, seconds] = /(?:^|,)\s*max-age\s*=\s*(\d+)/i.exec(headers.get('cache-control') ?? '') ?? [];
  headers.delete('expires');
  headers.set('cache-control', `max-age=${Math.min(Number(seconds ?? 0), keepSeconds)}`);
  return new Response(answer.body, { status: answer.status, headers });
}

// Before any name is looked up: addresses, names of this network, and other ports than the usual one.
const isPublicName = ({ hostname, port }: URL): boolean =>
  port === '' && isIP(hostname.replace(/^\[|\]$/g, '')) === 0 && hostname.includes('.');
