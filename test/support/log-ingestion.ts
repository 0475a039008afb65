// The Logs Ingestion API of Azure Monitor for tests, over https: one data collection rule as deploy/azure declares it, and the managed identity that may deliver.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { startHttpsServer } from './entra/https-server.ts';
import type { TestAuthority } from './entra/https-server.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface LogIngestion extends AsyncDisposable {
  /** `https://localhost:PORT` */
  readonly endpoint: string;
  readonly rule: string;
  /** For the process that delivers: an identity endpoint as App Service has it. */
  readonly env: { readonly IDENTITY_ENDPOINT: string; readonly IDENTITY_HEADER: string };
  readonly rows: Row[];
  /** Bytes of each call that was taken, uncompressed. */
  readonly sizes: number[];
  /** What every call gets instead of being taken, until it is undefined again. */
  trouble: { readonly status: number; readonly code?: string; readonly headers?: Record<string, string> } | undefined;
  readonly tokensFor: string[];
}

interface Template {
  readonly resources: readonly {
    readonly type: string;
    readonly properties: {
      readonly streamDeclarations?: Record<
        string,
        { readonly columns: readonly { readonly name: string; readonly type: string }[] }
      >;
    };
  }[];
}

export const template = JSON.parse(
  readFileSync(new URL('../../deploy/azure/mcp-audit-log.json', import.meta.url), 'utf8'),
) as Template;

const fits: Readonly<Record<string, (value: unknown) => boolean>> = {
  datetime: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  string: (value) => typeof value === 'string',
  long: (value) => Number.isSafeInteger(value),
  real: (value) => typeof value === 'number',
  dynamic: (value) => value !== undefined,
};

/** "Maximum size of API call: 1 MB, both compressed and uncompressed". */
const mostBytes = 1_048_576;

export async function startLogIngestion(authority: TestAuthority): Promise<LogIngestion> {
  const tokens = new Set<string>();
  const header = randomBytes(16).toString('hex');
  const rule = `dcr-${randomBytes(16).toString('hex')}`;
  const streams = template.resources.find(({ type }) => type.endsWith('dataCollectionRules'))!.properties
    .streamDeclarations!;

  const identity = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.headers['x-identity-header'] !== header) return void response.writeHead(401).end();
    const token = randomBytes(24).toString('base64url');
    ingestion.tokensFor.push(searchParams.get('resource') ?? '');
    tokens.add(token);
    const body = {
      access_token: token,
      expires_on: String(Math.floor(Date.now() / 1000) + 3600),
      token_type: 'Bearer',
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => identity.listen(0, '127.0.0.1', resolve));

  const server = await startHttpsServer(authority, async (request, response) => {
    const fault = (status: number, code: string, headers = {}): void =>
      void response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify({ error: { code, message: `${code}: words that may quote what was sent` } }));
    const raw = await bytesOf(request);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://localhost');
    const [, named, stream = ''] = /^\/dataCollectionRules\/([^/]+)\/streams\/([^/]+)$/.exec(pathname) ?? [];
    if (!tokens.has(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''))
      return fault(401, 'InvalidToken');
    if (ingestion.trouble !== undefined)
      return fault(ingestion.trouble.status, ingestion.trouble.code ?? 'Trouble', ingestion.trouble.headers);
    if (searchParams.get('api-version') !== '2023-01-01') return fault(400, 'InvalidApiVersion');
    if (named !== rule) return fault(404, 'NotFound');
    const columns = streams[stream]?.columns;
    if (columns === undefined) return fault(400, 'InvalidStream');
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    if (body.length > mostBytes) return fault(413, 'ContentLengthLimitExceeded');
    const rows = JSON.parse(body.toString()) as Row[];
    const types = new Map(columns.map(({ name, type }) => [name, type]));
    for (const row of rows)
      for (const [name, value] of Object.entries(row))
        if (!fits[types.get(name) ?? '']?.(value)) return fault(400, 'InvalidTransformOutput');
    if (rows.some((row) => row['TimeGenerated'] === undefined)) return fault(400, 'InvalidTransformOutput');
    ingestion.rows.push(...rows);
    ingestion.sizes.push(body.length);
    response.writeHead(204).end();
  });

  const ingestion: LogIngestion = {
    endpoint: server.origin,
    rule,
    env: {
      IDENTITY_ENDPOINT: `http://127.0.0.1:${(identity.address() as AddressInfo).port}/msi/token`,
      IDENTITY_HEADER: header,
    },
    rows: [],
    sizes: [],
    trouble: undefined,
    tokensFor: [],
    async [Symbol.asyncDispose]() {
      identity.close();
      await server[Symbol.asyncDispose]();
    },
  };
  return ingestion;
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
