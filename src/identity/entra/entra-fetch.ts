// Requests to Entra ID and Microsoft Graph: to these hosts alone, without redirects, and never waiting or reading without end.
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { GenkanError } from '../../base/errors.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** What was in it, if that was JSON. */
  readonly body: unknown;
}

interface Asking {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** @throws GenkanError `identity_provider_unavailable` for whatever is no answer in JSON */
export type EntraFetch = (url: string, asking?: Asking) => Promise<Answer>;

const timeoutMs = 10_000;
const maxBytes = 2 * 1024 * 1024;

/** @param origins where requests may go; everywhere when absent, which is for the machine's own identity endpoint alone */
export function createEntraFetch(send: typeof fetch, origins?: readonly string[]): EntraFetch {
  return async (address, { method = 'GET', headers = {}, body } = {}) => {
    const { origin } = new URL(address);
    if (origins !== undefined && !origins.includes(origin)) throw unavailable(`${origin} is none of our addresses`);
    try {
      // A redirect would carry the credential along.
      const init = { method, headers, body, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) } as const;
      const response = await send(address, init);
      const text = await readBounded(response);
      return { status: response.status, headers: Object.fromEntries(response.headers), body: JSON.parse(text || '{}') };
    } catch (cause) {
      if (cause instanceof GenkanError) throw cause;
      throw unavailable(`${origin} gave no answer: ${(cause as Error).name}`, cause);
    }
  };
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw unavailable(`an answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const unavailable = (detail: string, cause?: unknown): GenkanError =>
  new GenkanError('identity_provider_unavailable', {}, { detail, cause });

/** The same for MSAL, which would go out by itself otherwise. */
export function msalNetwork(send: EntraFetch): INetworkModule {
  const exchange =
    (method: 'GET' | 'POST') =>
    async <T>(url: string, { headers, body }: NetworkRequestOptions = {}): Promise<NetworkResponse<T>> => {
      const answer = await send(url, { method, ...(headers && { headers }), ...(body !== undefined && { body }) });
      return { status: answer.status, headers: answer.headers, body: answer.body as T };
    };
  return { sendGetRequestAsync: exchange('GET'), sendPostRequestAsync: exchange('POST') };
}
