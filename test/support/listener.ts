// The HTTP listener alone on a free loopback port, with doors that a test makes; and a client that writes what no library would.
import { once } from 'node:events';
import { connect } from 'node:net';
import { createLog } from '../../src/base/log.ts';
import { createListener } from '../../src/server.ts';
import type { Doors, Listener, ServerOptions } from '../../src/server.ts';

export interface OpenListener extends AsyncDisposable {
  readonly listener: Listener;
  readonly port: number;
  readonly url: string;
}

/** @param given what differs from doors that answer `200` and say which they are */
export async function openListener(
  options: Partial<ServerOptions> = {},
  given: Partial<Doors> = {},
): Promise<OpenListener> {
  const says = (name: string): Doors['api'] => {
    return (_request, response) => Promise.resolve(void response.end(name));
  };
  const doors: Doors = {
    mcp: says('mcp'),
    identity: { owns: (path) => path.startsWith('/oauth/'), handle: says('identity') },
    api: says('api'),
    metrics: () => 'genkan_sessions 3\n',
    troubles: () => [],
    drain: () => {},
    ...given,
  };
  const listener = createListener(
    {
      host: '127.0.0.1',
      port: 0,
      publicUrl: 'https://mcp.example.com',
      allowedOrigins: [],
      metrics: 'loopback',
      drainSeconds: 5,
      log: createLog('silent'),
      sourceAddress: () => '127.0.0.1',
      ...options,
    },
    doors,
  );
  const port = await listener.listen();
  return {
    listener,
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => listener.close(),
  };
}

/** Writes bytes to a loopback port and resolves with all that comes back before the connection is closed. */
export async function speak(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let answered = '';
  socket.on('data', (chunk: string) => (answered += chunk));
  socket.write(text);
  await once(socket, 'close');
  return answered;
}
