// A table of a Log Analytics workspace, by the Logs Ingestion API (learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview).
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { TokenCredential } from '@azure/identity';
import { openCredential } from '../../state/key-vault.ts';
import { post } from './http-post.ts';
import { rowOf } from './row.ts';
import { isIngestionUrl } from './settings.ts';
import type { AzureMonitorSettings } from './settings.ts';
import { SinkError, inForm } from './sink.ts';
import type { ExportedRecord, Sink } from './sink.ts';
import type { HttpNeighbours } from './webhook-sink.ts';

const compress = promisify(gzip);

/** "Maximum size of API call: 1 MB, both compressed and uncompressed" (azure-monitor/service-limits, Logs Ingestion API). */
const mostBytes = 1_000_000;

/** Each national cloud has its own resource to get tokens for, and its own place to get them. */
const clouds = [
  { end: '.azure.us', scope: 'https://monitor.azure.us/.default', authority: 'https://login.microsoftonline.us' },
  { end: '.azure.cn', scope: 'https://monitor.azure.cn/.default', authority: 'https://login.chinacloudapi.cn' },
];

/** @param write a record as a row of the stream */
export function createAzureMonitorSink(
  name: string,
  { endpoint, rule, stream, credential: settings }: AzureMonitorSettings,
  neighbours: HttpNeighbours & {
    /** To which a relative path of a token file refers. */
    readonly folder: string;
    /** Whose tokens to use instead of those that the settings speak of. */
    readonly credential?: TokenCredential;
  },
  write: (record: ExportedRecord) => object = rowOf,
): Sink {
  const { hostname, origin } = new URL(endpoint);
  const cloud = clouds.find(({ end }) => hostname.endsWith(end));
  const scope = cloud?.scope ?? 'https://monitor.azure.com/.default';
  const url = `${origin}/dataCollectionRules/${rule}/streams/${stream}?api-version=2023-01-01`;
  let opened: { readonly secret: string; readonly credential: TokenCredential } | undefined;

  /** A new one when the secret was rotated. */
  async function credential(): Promise<TokenCredential> {
    if (neighbours.credential !== undefined) return neighbours.credential;
    if (settings === undefined || !('clientSecret' in settings))
      return (opened ??= {
        secret: '',
        credential: await openCredential(settings, neighbours.folder, cloud?.authority),
      }).credential;
    const { tenant, clientId, secret: reference } = settings.clientSecret;
    const secret = await neighbours.secret(reference);
    if (opened?.secret === secret) return opened.credential;
    const { ClientSecretCredential } = await import('@azure/identity');
    const cloudOptions = cloud && { authorityHost: cloud.authority };
    opened = { secret, credential: new ClientSecretCredential(tenant, clientId, secret, cloudOptions) };
    return opened.credential;
  }

  async function token(signal: AbortSignal): Promise<string> {
    if (!isIngestionUrl(endpoint)) throw new SinkError('its endpoint is none of Azure Monitor', { retryable: true });
    try {
      const given = await (await credential()).getToken(scope, { abortSignal: signal });
      if (given === null) throw new Error('no token');
      return given.token;
    } catch (cause) {
      if (cause instanceof SinkError) throw cause;
      // What Entra ID says may name who asked; its own words are in the sign-in logs.
      const reason = 'Genkan could not sign in to Azure; look at its managed identity or at the credential of the sink';
      throw new SinkError(reason, { retryable: true, cause });
    }
  }

  async function deliver(rows: readonly string[], bearer: string, signal: AbortSignal): Promise<void> {
    const headers = {
      authorization: `Bearer ${bearer}`,
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    };
    await post({ url, headers, body: await compress(`[${rows.join(',')}]`), signal, explain }, neighbours);
  }

  return {
    name,
    kind: 'azure-monitor',
    async send(batch, signal) {
      const written = inForm(() => batch.map((record) => JSON.stringify(write(record))));
      const bearer = await token(signal);
      for (const rows of inParts(written)) await deliver(rows, bearer, signal);
    },
    close: () => Promise.resolve(),
  };
}

/** As many at a time as one call may bear. One that is larger alone is left to the receiver to refuse. */
function* inParts(rows: readonly string[]): Generator<readonly string[]> {
  let [part, bytes]: [string[], number] = [[], 2];
  for (const row of rows) {
    const length = Buffer.byteLength(row) + 1;
    if (part.length > 0 && bytes + length > mostBytes) {
      yield part;
      [part, bytes] = [[], 2];
    }
    part.push(row);
    bytes += length;
  }
  if (part.length > 0) yield part;
}

/** The service's code and what to do about it; its other words may quote what was sent. */
function explain(answer: string, status: number): string | undefined {
  let code: unknown;
  try {
    ({ code } = (JSON.parse(answer) as { error: { code?: unknown } }).error);
  } catch {
    // A proxy, perhaps; the status has to do.
  }
  const said = [typeof code === 'string' && /^[A-Za-z]{1,60}$/.test(code) ? code : undefined, advice[status]];
  return said.filter((one) => one !== undefined).join('; ') || undefined;
}

const advice: Readonly<Record<number, string>> = {
  401: 'the endpoint wants a token of another tenant or cloud',
  403: 'Genkan needs the role "Monitoring Metrics Publisher" on the data collection rule',
  404: 'there is no such data collection rule behind this endpoint, or no such stream in it',
};
