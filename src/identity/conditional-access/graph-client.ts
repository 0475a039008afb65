// Microsoft Graph with the credentials of Genkan itself, as far as conditional access asks it: to one host, without redirects, bounded.
import { setTimeout as later } from 'node:timers/promises';
import { GenkanError } from '../../base/errors.ts';
import { oneLine } from '../../base/one-line.ts';
import type { Graph } from './directory.ts';

interface GraphClientNeighbours {
  readonly graphUrl: string;
  /** An access token of the application itself for Graph. */
  readonly token: () => Promise<string>;
  readonly fetch: typeof fetch;
}

const timeoutMs = 10_000;
const maxBytes = 4 * 1024 * 1024;
const attempts = 3;
const longestWaitSeconds = 10;

export function createGraphClient({ graphUrl, token, fetch: send }: GraphClientNeighbours): Graph {
  return {
    async request(method, path, body) {
      for (let attempt = 1; ; attempt++) {
        const response = await ask(method, path, body);
        const waitSeconds = Number(response.headers.get('retry-after') ?? '1');
        if (response.status !== 429 || attempt === attempts || !(waitSeconds <= longestWaitSeconds))
          return read(response, method, path);
        await response.body?.cancel();
        await later(Math.max(0, waitSeconds) * 1000);
      }
    },
  };

  async function ask(method: string, path: string, body: unknown): Promise<Response> {
    const authorization = `Bearer ${await token()}`;
    try {
      return await send(`${graphUrl}${path}`, {
        method,
        headers: { authorization, accept: 'application/json', 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (cause) {
      throw unavailable(`Microsoft Graph gave no answer: ${(cause as Error).name}`, cause);
    }
  }

  async function read(response: Response, method: string, path: string): Promise<unknown> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw unavailable('an answer of Microsoft Graph is too long');
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString('utf8');
    const parsed = parsedOr(text, response.status);
    if (response.ok) return parsed;
    const { code, message } = (parsed as { error?: { code?: string; message?: string } }).error ?? {};
    const where = `${method} ${path.split('?')[0]!}`;
    const detail = `Microsoft Graph answered ${where} with ${response.status} ${code ?? ''}: ${message ?? ''}`;
    throw unavailable(detail, undefined, response.status);
  }
}

function parsedOr(text: string, status: number): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw unavailable(`Microsoft Graph answered ${status} with what is no JSON`, undefined, status);
  }
}

const unavailable = (detail: string, cause?: unknown, status?: number): GenkanError =>
  new GenkanError(
    'identity_provider_unavailable',
    {},
    { detail: oneLine(detail.slice(0, 500)), cause, ...(status !== undefined && { data: { status } }) },
  );
