// Syslog over TLS (RFC 5425, RFC 9662). The weakest of the sinks: nobody acknowledges anything, so that what counts is how the connection ends.
import { readFile } from 'node:fs/promises';
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import path from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { ResolveSecret } from '../../base/secret.ts';
import { formats } from './formats/formats.ts';
import { frame, syslogMessage } from './formats/syslog.ts';
import { SinkError, inForm } from './sink.ts';
import type { ExportedRecord, FormatContext, Sink } from './sink.ts';
import type { SyslogSettings } from './syslog-settings.ts';

export interface SyslogNeighbours {
  readonly secret: ResolveSecret;
  readonly context: FormatContext;
  /** To which relative paths refer. */
  readonly folder: string;
}

// RFC 9662 §5 demands the one with ECDHE, RSA and AES-128-GCM and warns of all without forward secrecy.
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

export function createSyslogSink(
  name: string,
  settings: SyslogSettings,
  { secret, context, folder }: SyslogNeighbours,
): Sink {
  const { host, port, transport, tls, format, facility, enterprise, confirm, quietMs } = settings;
  /** The connection that stays, where one does. */
  let kept: Socket | undefined;

  function message(record: ExportedRecord): Buffer {
    const written = formats[format](record, context);
    const text = typeof written === 'string' ? written : JSON.stringify(written);
    return frame(syslogMessage(record, context, text, { facility, enterprise }));
  }

  async function connected(signal: AbortSignal): Promise<Socket> {
    const file = (named: string | undefined): Promise<Buffer> | undefined =>
      named === undefined ? undefined : readFile(path.resolve(folder, named));
    const key = tls.key === undefined ? undefined : await secret(tls.key);
    const [ca, cert] = await Promise.all([file(tls.ca), file(tls.certificate)]);
    signal.throwIfAborted();
    if (transport === 'tcp') return opened(connectTcp({ host, port }), 'connect', signal);
    const servername = tls.serverName ?? (isIP(host) === 0 ? host : undefined);
    const socket = connectTls({
      host,
      port,
      ...(servername !== undefined && { servername }),
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key !== undefined && { key }),
      minVersion: 'TLSv1.2',
      ciphers,
      rejectUnauthorized: true,
    });
    return opened(socket, 'secureConnect', signal);
  }

  return {
    name,
    kind: 'syslog',
    async send(batch, signal) {
      const bytes = inForm(() => Buffer.concat(batch.map(message)));
      let socket: Socket | undefined;
      try {
        socket = kept ?? (await connected(signal));
        await (confirm === 'close' ? read(socket, bytes, signal) : left(socket, bytes, quietMs, signal));
        if (confirm === 'quiet') keep(socket);
      } catch (error) {
        kept = undefined;
        socket?.destroy();
        if (error instanceof SinkError) throw error;
        throw new SinkError(`${host} port ${port}: ${reasonOf(error, signal)}`, { retryable: true, cause: error });
      }
    },
    close() {
      kept?.destroySoon(); // with the close_notify that RFC 5425 §4.4 asks for
      kept = undefined;
      return Promise.resolve();
    },
  };

  function keep(socket: Socket): void {
    if (kept === socket) return;
    kept = socket;
    const forget = (): void => {
      if (kept === socket) kept = undefined;
      socket.destroy();
    };
    socket.once('end', forget).once('close', forget);
  }
}

async function opened(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<Socket> {
  // Whoever waits for something hears of it; without any listener it would end the process.
  socket.on('error', () => undefined);
  // Receivers of syslog say nothing, but a connection of which nobody reads does not tell that it has ended.
  socket.resume();
  await until(socket, signal, (done) => socket.once(event, done));
  return socket;
}

/**
 * All has been read: the receiver has come to the end of what we sent and then closed its side, too. One that stops before leaves
 * bytes unread, which its system answers with a reset (RFC 9293 §3.6.1).
 */
async function read(socket: Socket, bytes: Buffer, signal: AbortSignal): Promise<void> {
  await until(socket, signal, (done) => socket.write(bytes, written(done)));
  await until(
    socket,
    signal,
    (done) => socket.once('close', () => (socket.readableEnded ? done() : undefined)).end(),
    'closing',
  );
}

/** All has left this machine's process, and the receiver has not closed for a while. */
async function left(socket: Socket, bytes: Buffer, quietMs: number, signal: AbortSignal): Promise<void> {
  await until(socket, signal, (done) => socket.write(bytes, written(done)));
  let timer: NodeJS.Timeout | undefined;
  await until(socket, signal, (done) => (timer = setTimeout(done, quietMs))).finally(() => clearTimeout(timer));
}

/** Resolves when it is done; rejects when the connection ends before, or the time is up. */
async function until(
  socket: Socket,
  signal: AbortSignal,
  begin: (done: () => void) => unknown,
  closing?: 'closing',
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const over = (): void => reject(new Error('the receiver closed the connection'));
  const aborted = (): void => reject(signal.reason as Error);
  if (socket.errored !== null) reject(socket.errored);
  else if (socket.destroyed || socket.readableEnded) over();
  socket.once('error', reject);
  if (closing === undefined) socket.once('end', over);
  signal.addEventListener('abort', aborted);
  if (signal.aborted) aborted();
  begin(resolve);
  socket.once('close', over);
  try {
    await promise;
  } finally {
    socket.off('error', reject).off('end', over).off('close', over);
    signal.removeEventListener('abort', aborted);
  }
}

/** What could not be written says so by an error of its own. */
const written =
  (done: () => void) =>
  (error?: Error | null): void => {
    if (error === undefined || error === null) done();
  };

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'not in time';
  const { code, message } = error as { code?: string; message?: string };
  return code ?? message ?? 'no connection';
}
