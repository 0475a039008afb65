// Where a request comes from: the peer, or whoever the proxies in front of Genkan say is behind them.
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { proxiesIn } from '../config/trusted-proxies.ts';
import { plainAddress } from '../identity/conditional-access/networks.ts';

export type SourceAddress = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/** More stand in front of nobody. */
const maxHops = 32;

/** @param trustedProxies whose `X-Forwarded-For` is believed, as `genkan.yaml` has them */
export function createSourceAddress(trustedProxies: readonly string[]): SourceAddress {
  const proxies = trustedProxies.length === 0 ? undefined : proxiesIn(trustedProxies);
  if (proxies === undefined) return peerOf;

  return (request) => {
    const peer = peerOf(request);
    const forwarded = request.headers['x-forwarded-for'];
    // Anybody can write the header; only what a proxy of ours has added to it is true.
    if (forwarded === undefined || !proxies.has(peer)) return peer;
    let source = peer;
    for (const hop of [forwarded].flat().join(',').split(',').slice(-maxHops).reverse()) {
      const address = addressIn(hop.trim());
      if (address === undefined) return peer;
      source = address;
      // Each proxy adds whom it heard, so the first from the right that is none of ours is the caller; before it stand their own words.
      if (!proxies.has(address)) break;
    }
    return source;
  };
}

const peerOf: SourceAddress = ({ socket }) => (socket.remoteAddress ?? '').replace(/^::ffff:/, '');

/** `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:443`. */
function addressIn(hop: string): string | undefined {
  const [, bracketed, version4] =
    /^(?:\[([0-9A-Fa-f:.]+)\](?::\d{1,5})?|(\d+\.\d+\.\d+\.\d+):\d{1,5})$/.exec(hop) ?? [];
  const address = bracketed ?? version4 ?? hop;
  if (bracketed !== undefined && isIP(bracketed) !== 6) return undefined;
  return isIP(address) === 0 ? undefined : plainAddress(address);
}
