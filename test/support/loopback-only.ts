// Preloaded into every test process: a connection or name look-up that would leave this machine fails the test run.
import dgram from 'node:dgram';
import dns from 'node:dns';
import net from 'node:net';

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\]|::ffff:127(\.\d{1,3}){3}|0\.0\.0\.0|::)$/;

// Node processes that a test starts are held to the same.
const importThis = `--import=${import.meta.url}`;
const options = process.env['NODE_OPTIONS'] ?? '';
if (!options.includes(importThis)) process.env['NODE_OPTIONS'] = `${options} ${importThis}`.trim();

function refuseForeign(host: unknown): void {
  if (host === undefined || host === null || (typeof host === 'string' && loopback.test(host))) return;
  const message = `a test tried to reach ${String(host)}, but tests may only use loopback`;
  process.exitCode = 1; // even if the code under test swallows the error
  process.stderr.write(`${message}\n`);
  throw new Error(message);
}

// Every TCP connection of Node passes here, those of fetch, undici and http included. A path is a local socket.
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]): net.Socket {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  if (typeof first === 'object' && first !== null) {
    const target = first as { host?: string; path?: string; lookup?: typeof dns.lookup };
    // With a look-up of its own the name goes nowhere; what it finds does.
    if (target.lookup !== undefined && target.lookup !== dns.lookup) target.lookup = refusingForeign(target.lookup);
    else if (target.path === undefined) refuseForeign(target.host);
  } else if (typeof first === 'number') refuseForeign(typeof second === 'string' ? second : undefined);
  return Reflect.apply(connect, this, args) as net.Socket;
} as typeof connect;

function refusingForeign(find: typeof dns.lookup): typeof dns.lookup {
  const guarded = (host: string, options: object, done: (error: Error | null, ...found: unknown[]) => void): void =>
    Reflect.apply(find, undefined, [
      host,
      options,
      (error: Error | null, found?: string | { address: string }[], family?: number) => {
        const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found];
        if (error === null) for (const address of addresses) refuseForeign(address);
        done(error, found, family);
      },
    ]) as void;
  return guarded as typeof dns.lookup;
}

const lookup = dns.lookup;
dns.lookup = function (host: string, ...rest: unknown[]): void {
  if (net.isIP(host) === 0) refuseForeign(host); // an address needs no looking up, and connecting to it is refused above
  return Reflect.apply(lookup, dns, [host, ...rest]) as void;
} as typeof lookup;

const send = dgram.Socket.prototype.send;
dgram.Socket.prototype.send = function (this: dgram.Socket, ...args: unknown[]): void {
  refuseForeign(args.findLast((arg) => typeof arg === 'string' && arg !== args[0]));
  return Reflect.apply(send, this, args) as void;
} as typeof send;
