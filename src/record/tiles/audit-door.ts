// The addresses below /audit: the log as tiles for monitors (c2sp.org/tlog-tiles), and ourselves as a witness (c2sp.org/tlog-witness).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Witness } from '../witness/witness.ts';
import { readTilePath } from './tile-path.ts';
import type { TilePath } from './tile-path.ts';
import type { TreeReader } from './tree.ts';

export interface AuditDoor {
  readonly owns: (path: string) => boolean;
  /** Serves one request; what it refuses is for the listener to answer. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<Refusal | undefined>;
}

export interface AuditDoorNeighbours {
  readonly publicUrl: string;
  readonly origin: string;
  readonly tree: Pick<TreeReader, 'head' | 'tile' | 'entries'>;
  /** The newest checkpoint that witnesses have cosigned. */
  readonly cosigned: () => Promise<string | undefined>;
  /** Absent where we are a witness for nobody. */
  readonly witness: Witness | undefined;
  /** Whether whoever asks may read the audit log; refusals are prepared for the answer. @param what is asked for, for the record */
  readonly admit: (request: IncomingMessage, response: ServerResponse, what: string) => Promise<Refusal | undefined>;
}

const root = '/audit';
const witnessRoot = `${root}/witness`;
const maxSubmissionBytes = 65_536;
const compress = promisify(gzip);
const forEver = 'max-age=31536000, immutable';

export function createAuditDoor(
  { tiles }: { readonly tiles: 'nobody' | 'readers' | 'everybody' },
  neighbours: AuditDoorNeighbours,
): AuditDoor {
  const { tree, witness, admit } = neighbours;
  const prefixes = prefixesOf(neighbours);
  const reach = tiles === 'everybody' ? 'public' : 'private';

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<Refusal | undefined> {
    const path = (request.url ?? '').split('?', 1)[0]!;
    if (witness !== undefined && path === `${witnessRoot}/add-checkpoint`) return addCheckpoint(request, response);
    const what = witness === undefined ? undefined : /^\/audit\/witness\/([0-9a-f]{64})\/checkpoint$/.exec(path)?.[1];
    if (what !== undefined) return cosigned(what, request, response);
    const prefix = prefixes.find((one) => path.startsWith(`${one}/`));
    if (prefix === undefined || tiles === 'nobody') return refuse('gateway_path_unknown');
    return serveLog(path.slice(prefix.length + 1), request, response);
  }

  async function addCheckpoint(request: IncomingMessage, response: ServerResponse): Promise<Refusal | undefined> {
    if (request.method !== 'POST') return methodRefused(response, 'POST');
    const body = await readBody(request);
    if (body === undefined) {
      response.setHeader('connection', 'close'); // the rest of it is not waited for
      return refuse('inspect_body_too_large', { limit: maxSubmissionBytes });
    }
    const answer = await witness!.addCheckpoint(body);
    send(response, answer.status, answer.type, Buffer.from(answer.body), 'no-store');
    return undefined;
  }

  async function cosigned(
    originHash: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Refusal | undefined> {
    if (!isReading(request)) return methodRefused(response, 'GET, HEAD');
    const note = await witness!.checkpoint(originHash);
    if (note === undefined) return refuse('gateway_path_unknown');
    send(response, 200, plain, Buffer.from(note), 'public, max-age=5');
    return undefined;
  }

  async function serveLog(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Refusal | undefined> {
    const tile = readTilePath(path);
    if (tile === undefined && path !== 'checkpoint') return refuse('gateway_path_unknown');
    if (!isReading(request)) return methodRefused(response, 'GET, HEAD');
    // Records are for those who may read the log, whoever may have its hashes.
    if (tiles === 'readers' || tile?.level === 'entries') {
      const refusal = await admit(request, response, path);
      if (refusal !== undefined) return refusal;
    }
    if (tile === undefined) {
      send(response, 200, plain, Buffer.from(await newest()), `${reach}, max-age=2`);
      return undefined;
    }
    const bytes = bytesOf(tile);
    if (bytes === undefined) return refuse('gateway_path_unknown');
    if (tile.level !== 'entries') {
      send(response, 200, binary, bytes, `${reach}, ${forEver}`);
      return undefined;
    }
    response.setHeader('vary', 'accept-encoding, authorization');
    if (!/\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(String(request.headers['accept-encoding'] ?? '')))
      send(response, 200, binary, bytes, `private, ${forEver}`);
    else {
      response.setHeader('content-encoding', 'gzip');
      send(response, 200, binary, await compress(bytes), `private, ${forEver}`);
    }
    return undefined;
  }

  const bytesOf = ({ level, index, width }: TilePath): Buffer | undefined =>
    level === 'entries' ? tree.entries(index, width) : tree.tile(level, index, width);

  /** With the cosignatures of witnesses as soon as they have seen the newest. */
  async function newest(): Promise<string> {
    const { note } = tree.head();
    const witnessed = await neighbours.cosigned();
    return witnessed?.startsWith(note) === true ? witnessed : note;
  }

  return { owns: (path) => path === root || path.startsWith(`${root}/`), handle };
}

/**
 * c2sp.org/tlog-tiles: the origin is the address of the log without its scheme. Where several processes answer at one public
 * address each has its own below /audit; whichever answers is at /audit itself.
 */
function prefixesOf({ publicUrl, origin }: Pick<AuditDoorNeighbours, 'publicUrl' | 'origin'>): string[] {
  const own = origin.startsWith(`${new URL(publicUrl).host}${root}/`) ? origin.slice(origin.indexOf('/')) : undefined;
  return own === undefined || own === witnessRoot ? [root] : [own, root];
}

const plain = 'text/plain; charset=utf-8';
const binary = 'application/octet-stream';

const isReading = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';

function methodRefused(response: ServerResponse, allow: string): Refusal {
  response.setHeader('allow', allow); // RFC 9110 §15.5.6
  return refuse('gateway_http_method');
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxSubmissionBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, type: string, body: Buffer, cache: string): void {
  response
    .writeHead(status, {
      'content-type': type,
      'content-length': body.length,
      'cache-control': cache,
      'x-content-type-options': 'nosniff',
    })
    .end(body);
}
