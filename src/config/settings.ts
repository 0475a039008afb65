// The whole of genkan.yaml: each room's settings under the name of the room, and the few that belong to none.
import { z } from 'zod';
import { isLoopback } from '../base/loopback.ts';
import { accessSettings } from '../access/settings.ts';
import { gatewaySettings } from '../gateway/settings.ts';
import { identitySettings } from '../identity/settings.ts';
import { inspectSettings } from '../inspect/settings.ts';
import { notifySettings } from '../notify/settings.ts';
import { recordSettings } from '../record/settings.ts';
import { telemetrySettings } from '../record/telemetry/settings.ts';
import { keyVaultSettings } from '../state/key-vault-settings.ts';
import { storageSettings } from '../state/settings.ts';
import { upstreamSettings } from '../upstream/settings.ts';
import { proxiesIn } from './trusted-proxies.ts';

const listenAddress = z
  .string()
  .refine((text) => splitListen(text).port > 0, 'write HOST:PORT, such as 127.0.0.1:7300 or [::1]:7300')
  .default('127.0.0.1:7300');

export const genkanSettings = z
  .strictObject({
    listen: listenAddress.describe('Address and port to listen on.'),
    publicUrl: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Address by which clients reach Genkan. Needed as soon as it listens beyond this machine.'),
    trustedProxies: z
      .array(
        z
          .string()
          .max(64)
          .refine(
            (range) => proxiesIn([range]) !== undefined,
            'write the addresses of your own proxies, such as 10.0.0.5, 10.1.0.0/24 or 2001:db8::/64',
          ),
      )
      .max(100)
      .default([])
      .describe(
        'Proxies in front of Genkan, by address or range: of their requests X-Forwarded-For says where they come from. They have to write it themselves, or add to it.',
      ),
    metrics: z
      .enum(['loopback', 'everywhere'])
      .default('loopback')
      .describe(
        'Who may read /metrics: programs on this machine that ask at a loopback address, or whoever reaches the port.',
      ),
    data: z.string().min(1).default('.genkan').describe('Data directory; relative to this file.'),
    log: z
      .strictObject({
        level: z
          .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
          .default('info')
          .describe('Least severe messages to write.'),
      })
      .prefault({})
      .describe('The log on standard error.'),
    variables: z
      .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'use letters, digits, - and _, a letter first'), z.string())
      .default({})
      .describe('Values for {name} in the texts below `access`.'),
    keyVault: keyVaultSettings.prefault({}).describe('Azure Key Vault, where references to secrets may lead.'),
    storage: storageSettings.prefault({}).describe('What Genkan keeps for itself.'),
    identity: identitySettings,
    access: accessSettings,
    inspect: inspectSettings.prefault({}).describe('Is it safe: limits on messages and arguments.'),
    record: recordSettings.prefault({}).describe('What happened: the audit log.'),
    telemetry: telemetrySettings.prefault({}).describe('What monitoring learns of requests: traces.'),
    notify: notifySettings.prefault({}),
    gateway: gatewaySettings.prefault({}).describe('Sessions and streams.'),
    servers: upstreamSettings,
  })
  .superRefine(({ listen, publicUrl }, context) => {
    if (publicUrl === undefined) {
      if (!isLoopback(splitListen(listen).host))
        context.addIssue({
          code: 'custom',
          path: ['listen'],
          message: 'beyond this machine it needs "publicUrl" as well',
        });
      return;
    }
    const url = new URL(publicUrl);
    const reason =
      url.protocol === 'http:' && !isLoopback(url.hostname)
        ? 'tokens must not travel in the clear; write an https: address' // RFC 6749 §3.1, RFC 9700 §2.6
        : publicUrl.replace(/\/$/, '') !== url.origin
          ? 'write an origin alone, such as https://mcp.example.com'
          : undefined;
    if (reason !== undefined) context.addIssue({ code: 'custom', path: ['publicUrl'], message: reason });
  });

export type GenkanSettings = z.output<typeof genkanSettings>;

/** Writes `HOST:PORT`; an IPv6 host without brackets gets them. */
export const hostAndPort = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Splits `HOST:PORT`; brackets of an IPv6 host stay. The port is 0 when the text is not of this form. */
export function splitListen(text: string): { host: string; port: number } {
  const found = /^(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+):([1-9][0-9]{0,4})$/.exec(text);
  const port = Number(found?.[2] ?? 0);
  return { host: found?.[1] ?? '', port: port <= 65535 ? port : 0 };
}
