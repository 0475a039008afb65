// Fetching Client ID Metadata Documents: the one request that a stranger can make us send, so where to and how often is bounded.
import { isIP } from 'node:net';
import type { Configuration } from 'oidc-provider';
import type { Clock } from '../base/clock.ts';
import { createRateWindow } from './rate-window.ts';
import type { IdentitySettings } from './settings.ts';

export interface ClientDocuments {
  /**
   * Whether a document that is not in the cache may be fetched.
   * @param address where the request for it came from; `undefined` when a sign-in that is under way needs it again
   */
  allow(url: string, address: string | undefined): boolean;
  /** `fetch` towards such documents; never follows a redirect on its own. */
  readonly fetch: NonNullable<Configuration['fetch']>;
}

interface DocumentNeighbours {
  readonly clock: Clock;
  readonly fetch?: typeof fetch;
}

const fetchesPerMinute = 20;

export function createClientDocuments(
  { allowPrivateAddresses }: IdentitySettings['clientIdMetadata'],
  { clock, fetch: custom }: DocumentNeighbours,
): ClientDocuments {
  const send = custom ?? fetch;
  const fetches = createRateWindow(clock, 60_000);

  return {
    allow(url, address) {
      if (!allowPrivateAddresses && !isPublicName(new URL(url))) return false;
      return address === undefined || fetches.count(address) <= fetchesPerMinute;
    },
    fetch(url, options) {
      if (allowPrivateAddresses) return send(url, { ...options, dispatcher: undefined } as RequestInit);
      // `oidc-provider` hands over a dispatcher that cuts connections to private addresses, or none if it could not make one.
      if (options === undefined || !('dispatcher' in options))
        return Promise.reject(new Error('no protection against private addresses'));
      return send(url, options);
    },
  };
}

// Connections are cut only once they stand, so a port scan would still learn something: other ports are not even tried.
const isPublicName = ({ hostname, port }: URL): boolean =>
  port === '' && isIP(hostname.replace(/^\[|\]$/g, '')) === 0 && hostname.includes('.');
