// Hosts and URLs: which of them a server may be sent to, with one reading only and never into the network that it stands in.
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { addressClass } from '../../base/address-class.ts';
import { unseen } from './rule.ts';
import type { Check, RuleName } from './rule.ts';

export interface HostRules {
  /** Names, `*.example.com` for all below one, or addresses; any public one if absent. What is written here may be inner. */
  readonly hosts?: readonly string[] | undefined;
  /** Whether hosts that are not listed may be inner ones. */
  readonly inner: boolean;
}

export interface UrlRules extends HostRules {
  readonly schemes: readonly string[];
  /** The usual one of the scheme if absent. */
  readonly ports?: readonly number[] | undefined;
}

/** A name is not looked up: that one turns to an inner address later (DNS rebinding) is for the server's network to stop. */
export function hostCheck({ hosts, inner }: HostRules): Check {
  const listed = new Set(hosts?.filter((host) => !host.startsWith('*.')).map((host) => host.toLowerCase()));
  const endings = (hosts ?? []).filter((host) => host.startsWith('*.')).map((host) => host.slice(1).toLowerCase());
  return (written) => {
    if (written.length > 255) return 'too-long';
    const host = inAscii(written.toLowerCase());
    if (listed.has(host)) return undefined;
    const address = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
    // A zone (RFC 6874) says on which link of the server's machine; nobody outside knows one.
    if (address.includes('%')) return 'host-form';
    if (isIP(address) !== 0) {
      if (!inner && addressClass(address) !== 'public') return 'host-inner';
      return hosts === undefined ? undefined : 'host-unlisted';
    }
    if (!name.test(host) || numeric.test(host)) return 'host-form';
    if (endings.some((ending) => host.endsWith(ending))) return undefined;
    if (hosts !== undefined) return 'host-unlisted';
    return !inner && (!host.includes('.') || innerName.test(host)) ? 'host-inner' : undefined;
  };
}

export function urlCheck({ schemes, ports, ...hosts }: UrlRules): Check {
  const checkHost = hostCheck(hosts);
  return (value): RuleName | undefined => {
    if (value.length > maxLength) return 'too-long';
    // Browsers drop tabs and line feeds, and take a backslash for a slash (WHATWG URL §4.4); others do not.
    if (unseen.test(value) || /[ \\]/.test(value)) return 'control';
    const [, scheme, authority, rest] = /^([a-z][a-z0-9+.-]{0,30}):\/\/([^/?#]*)([^/]*)/i.exec(value) ?? [];
    if (scheme === undefined) return 'url-form';
    if (!schemes.includes(scheme.toLowerCase())) return 'url-scheme';
    // Readers differ in where the authority ends: `https://good.example#@evil.example`.
    if (`${authority}${rest}`.includes('@')) return 'url-credentials';
    const url = URL.parse(value);
    if (url === null || url.hostname === '') return 'url-form';
    // 0x7f.1, 2130706433, 127.1, full-width digits, %31: written otherwise than it is read.
    const host = inAscii(authority!.replace(/:[0-9]{0,5}$/, '').toLowerCase());
    if (host !== url.hostname.toLowerCase()) return 'host-form';
    const port = url.port === '' ? undefined : Number(url.port);
    const usual = usualPorts[scheme.toLowerCase()];
    if (ports === undefined ? port !== undefined : !ports.includes(port ?? usual ?? -1)) return 'url-port';
    return checkHost(host);
  };
}

export interface EmailRules {
  /** Of recipients; any if absent. `*.example.com` for all below one. */
  readonly domains?: readonly string[] | undefined;
}

/** One address, as almost all are: no display name, no list, no quotes, no comments, nothing that begins another header. */
export function emailCheck({ domains }: EmailRules): Check {
  const checkDomain = hostCheck({ hosts: domains, inner: false });
  return (value) => {
    if (value.length > 254) return 'too-long';
    const [, domain] = /^[a-z0-9_+](?:\.?[a-z0-9_+&'=~-]){0,63}@([a-z0-9.-]+)$/i.exec(value) ?? [];
    if (domain === undefined) return 'email-form';
    return checkDomain(domain) === undefined ? undefined : 'email-domain';
  };
}

/** Names in other scripts (RFC 5891), where all readers turn them into the same: none that is fitted, no ß or ς, no other digits. */
const inAscii = (host: string): string =>
  international.test(host) && host.normalize('NFKC') === host && !host.split('.').some((label) => mixed.test(label))
    ? domainToASCII(host)
    : host;
/** Letters that look alike in one label (UTS #39 §5.1): "exаmple" with a Cyrillic a. */
const mixed = /(?=.*[a-z])(?=.*[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}])/u;
const international = /^(?=.*[^\0-\x7f])(?!.*[ßς])[\p{Ll}\p{Lo}\p{Lm}\p{M}0-9.-]{1,255}$/u;
const name = /^[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*$/;
const numeric = /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/; // read as an IPv4 address, or not at all (WHATWG URL §3.5)
/** RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`; and the names by which clusters and offices call their own. */
const innerName =
  /\.(?:localhost|local|localdomain|internal|home\.arpa|intranet|lan|corp|home|private|svc|test|invalid|onion)$/;
const usualPorts: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  ws: 80,
  wss: 443,
  ftp: 21,
  ssh: 22,
  sftp: 22,
};
const maxLength = 8192;
