// A receiver of syslog over TLS that keeps what it gets, reads it by the length of each message, and can be told to misbehave.
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions, TLSSocket } from 'node:tls';
import type { SyslogMessage } from './syslog-parser.ts';
import { parseSyslog, takeFrames } from './syslog-parser.ts';

export interface SyslogReceiver extends AsyncDisposable {
  readonly port: number;
  readonly messages: readonly SyslogMessage[];
  /** Connections that were opened so far, and how each was protected. */
  readonly connections: readonly { readonly protocol: string | null; readonly client: string | undefined }[];
  /** What happens to the next connections: `read`, `reset`: it closes with bytes unread, to which its system says so, or `deaf`: it never reads. */
  behave(how: 'read' | 'reset' | 'deaf'): void;
  /** Ends all connections properly. */
  hangUp(): Promise<void>;
}

/** @param options of TLS; without them, plain TCP */
export async function startSyslogReceiver(options?: TlsOptions): Promise<SyslogReceiver> {
  const messages: SyslogMessage[] = [];
  const connections: { protocol: string | null; client: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  let behaviour: 'read' | 'reset' | 'deaf' = 'read';

  function take(socket: Socket): void {
    const secure = socket as Partial<TLSSocket>;
    connections.push({
      protocol: secure.getProtocol?.() ?? null,
      client: (secure.getPeerCertificate?.() as { subject?: { CN?: string } } | undefined)?.subject?.CN,
    });
    if (behaviour === 'deaf') return;
    if (behaviour === 'reset') return void socket.once('readable', () => socket.destroy());
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      const taken = takeFrames(Buffer.concat([rest, chunk]));
      rest = Buffer.from(taken.rest);
      messages.push(...taken.messages.map(parseSyslog));
    });
  }

  const server: Server = options === undefined ? createTcpServer(take) : createTlsServer(options, take);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  });
  server
    .on('tlsClientError', () => undefined)
    .on('secureConnection', (socket: Socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    connections,
    behave: (how) => void (behaviour = how),
    async hangUp() {
      const all = [...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve).destroy()));
      await Promise.all(all);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
