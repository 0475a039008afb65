// Finds the server that runs for a data directory, and carries out operations through its REST door.
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import path from 'node:path';
import { z } from 'zod';
import { GenkanError } from '../base/errors.ts';
import type { ErrorCode } from '../base/errors.ts';
import { isLoopback } from '../base/loopback.ts';
import type { Language } from '../base/text.ts';
import { routeOf } from './open-api.ts';
import type { AnyOperation } from './operation.ts';
import { operatorKeyFile } from './operator.ts';

const runningFile = z.object({ pid: z.int().min(1), url: z.url({ protocol: /^http$/ }) });

export interface RunningServer {
  readonly pid: number;
  perform(operation: AnyOperation, input: unknown, language: Language): Promise<RemoteOutcome>;
}

export type RemoteOutcome =
  | { readonly ok: true; readonly output: unknown }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly status: number;
      readonly message: string;
      readonly hint: string;
    };

const problem = z.object({ code: z.string(), status: z.int(), title: z.string(), detail: z.string().default('') });

interface Configured {
  readonly dataDirectory: string;
  readonly publicUrl: string;
  readonly listen: { readonly host: string };
}

/**
 * Looks for a server that has the data directory open.
 * @returns undefined when none runs
 * @throws GenkanError `operation_server_unreachable` when one runs but does not answer
 */
export async function findRunning({
  dataDirectory,
  publicUrl,
  listen,
}: Configured): Promise<RunningServer | undefined> {
  const found = readRunning(dataDirectory);
  if (found === undefined || !isAlive(found.pid)) return undefined;
  const unreachable = (cause: unknown): GenkanError =>
    new GenkanError('operation_server_unreachable', found, { cause });
  try {
    await exchange({ url: `${found.url}/healthz`, method: 'GET', headers: {}, timeoutMs: 3000 });
  } catch (error) {
    // Nobody listens: the file is a leftover of a crash, and its process id belongs to somebody else by now.
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return undefined;
    throw unreachable(error);
  }
  const key = readFileSync(operatorKeyFile(path.join(dataDirectory, 'keys')), 'utf8').trim();
  return {
    pid: found.pid,
    async perform(operation, input, language) {
      const headers = {
        authorization: `Operator ${key}`,
        'content-type': 'application/json',
        'accept-language': language,
        'user-agent': 'genkan-cli',
        // Beyond loopback the server answers to its public name alone.
        ...(isLoopback(listen.host) ? {} : { host: new URL(publicUrl).host }),
      };
      const url = found.url + routeOf(operation);
      const { status, body } = await exchange({
        url,
        method: 'POST',
        headers,
        body: JSON.stringify(input),
        timeoutMs: 660_000, // the longest query that settings allow, and some more
      }).catch((error: unknown) => {
        throw unreachable(error);
      });
      return outcomeOf(status, body);
    },
  };
}

/** What the REST door has answered. @throws Error for what is no answer of it */
export function outcomeOf(status: number, body: string): RemoteOutcome {
  if (status === 200) return { ok: true, output: JSON.parse(body) as unknown };
  const { code, title, detail } = problem.parse(JSON.parse(body));
  return { ok: false, code: code as ErrorCode, status, message: title, hint: detail };
}

/** Where the server listens that has a data directory open, as far as its files tell. */
export function runningUrl(dataDirectory: string): string | undefined {
  const found = readRunning(dataDirectory);
  return found !== undefined && isAlive(found.pid) ? found.url : undefined;
}

function readRunning(dataDirectory: string): z.output<typeof runningFile> | undefined {
  try {
    return runningFile.parse(JSON.parse(readFileSync(path.join(dataDirectory, 'running.json'), 'utf8')));
  } catch {
    return undefined; // none, or half written by a process that is just starting
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

interface Exchange {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

// `node:http`, since `fetch` lets nobody choose the Host header.
function exchange({ url, method, headers, body, timeoutMs }: Exchange): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = { method, headers, agent: false, signal: AbortSignal.timeout(timeoutMs) } as const;
    const request = httpRequest(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
