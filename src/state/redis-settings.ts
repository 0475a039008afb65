// Settings of Redis: where it is, how one signs in there, and what is ours in it.
import { z } from 'zod';
import { isLoopback } from '../base/loopback.ts';
import { secretReference } from '../base/secret.ts';

const port = z.int().min(1).max(65_535);
const node = z.strictObject({
  host: z.string().min(1).max(253).describe('Name or address.'),
  port: port.describe('Port.'),
});

export const redisSettings = z
  .strictObject({
    url: z
      .string()
      .max(1024)
      .refine(
        (text) => placeIn(text) !== undefined,
        'write rediss://HOST:PORT, redis://HOST:PORT or unix:///PATH, without a password',
      )
      .optional()
      .describe(
        'One server, or the address of a managed one: rediss://HOST:PORT (TLS), redis://HOST:PORT, unix:///PATH.',
      ),
    sentinels: z
      .strictObject({
        nodes: z.array(node).min(1).max(16).describe('The sentinels.'),
        master: z.string().min(1).max(128).describe('The name under which they watch over the server.'),
        password: secretReference.optional().describe('Password of the sentinels themselves.'),
      })
      .optional()
      .describe('Sentinels that say which server is the master.'),
    cluster: z
      .array(node)
      .min(1)
      .max(32)
      .optional()
      .describe('Some nodes of a cluster; the others are learned from them.'),
    username: z.string().min(1).max(256).optional().describe('User, where the server has several (ACL).'),
    password: secretReference.optional().describe('Where the password is.'),
    tls: z
      .union([
        z.boolean(),
        z.strictObject({
          ca: z
            .string()
            .min(1)
            .optional()
            .describe('File with the certificates of the authority that we trust, in PEM.'),
          serverName: z.string().min(1).max(253).optional().describe('Name that its certificate has to have.'),
        }),
      ])
      .optional()
      .describe('TLS for sentinels and clusters, and what it trusts. An address with rediss: has it in any case.'),
    allowInsecure: z
      .boolean()
      .default(false)
      .describe('Lets the connection go beyond this machine without TLS: only inside a network where nobody listens.'),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/, 'use letters, digits, dot, - and _')
      .default('genkan')
      .describe('Begins the name of every key; each installation of Genkan has its own.'),
    processes: z
      .int()
      .min(1)
      .max(1000)
      .default(2)
      .describe(
        'How many processes of Genkan there are at least. While Redis is away each allows its share of every limit; what was last counted serves where it is more.',
      ),
    timeoutMs: z
      .int()
      .min(5)
      .max(5000)
      .default(50)
      .describe('How long Redis may say nothing, while it is asked, before it counts as away.'),
  })
  .superRefine((given, context) => {
    const ways = [given.url, given.sentinels, given.cluster].filter((way) => way !== undefined);
    if (ways.length !== 1)
      context.addIssue({ code: 'custom', path: [], message: 'give exactly one of url, sentinels and cluster' });
    const place = given.url === undefined ? undefined : placeIn(given.url);
    const hosts = [...(given.sentinels?.nodes ?? []), ...(given.cluster ?? [])].map(({ host }) => host);
    if (place !== undefined && 'host' in place && !place.tls) hosts.push(place.host);
    const plain = place !== undefined || given.tls === undefined || given.tls === false;
    if (plain && !given.allowInsecure && hosts.some((host) => !isLoopback(host)))
      context.addIssue({
        code: 'custom',
        path: [given.url === undefined ? 'tls' : 'url'],
        message: 'beyond this machine it needs TLS (rediss:), or "allowInsecure: true"',
      });
  });

export type RedisSettings = z.output<typeof redisSettings>;

type Place = { readonly path: string } | { readonly host: string; readonly port: number; readonly tls: boolean };

/** Where an address leads. What stands in front of an @ would be a secret in a file, and is no address of ours. */
export function placeIn(text: string): Place | undefined {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return undefined;
  if (url.protocol === 'unix:') return url.pathname.length > 1 ? { path: decodeURIComponent(url.pathname) } : undefined;
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') return undefined;
  if (url.hostname === '' || (url.pathname !== '' && url.pathname !== '/')) return undefined;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 6379),
    tls: url.protocol === 'rediss:',
  };
}
