// Ports for servers whose address has to be known before they listen.
import { createServer } from 'node:net';

// Below the ports that the kernel gives to connections and to whoever asks for any (32768 and up on Linux): one of those
// may be taken between being found free and being used. Each process has a stretch of its own, and no port of it twice.
const [first, stretches, perStretch] = [10_240, 352, 64];
const start = first + (process.pid % stretches) * perStretch;
let taken = 0;

/** @returns the first of `count` ports side by side on loopback, which nothing listens on */
async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < stretches * perStretch; tries++) {
    if ((taken % perStretch) + count > perStretch) taken += perStretch - (taken % perStretch);
    const port = first + ((start - first + taken) % (stretches * perStretch));
    taken += count;
    const free = await Promise.all(Array.from({ length: count }, (_, at) => isFree(port + at)));
    if (!free.includes(false)) return port;
  }
  throw new Error('no free port');
}

export const freePort = (): Promise<number> => freePorts(1);

/** A port whose successor, which the stand-in identity provider of the trial takes, is free too. */
export const freePortPair = (): Promise<number> => freePorts(2);

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
