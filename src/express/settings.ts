// What an Express app tells about itself: where its MCP server is, and the parts of genkan.yaml that concern who is asking.
import { stringify } from 'yaml';
import { z } from 'zod';
import { checkConfig, parseSettings } from '../config/load.ts';
import type { Config } from '../config/load.ts';
import { ConfigMistakes } from '../config/mistake.ts';
import { genkanSettings } from '../config/settings.ts';
import { readSource } from '../config/source.ts';
import { gatewaySettings } from '../gateway/settings.ts';
import { ownsPath } from '../identity/identity-pages.ts';
import { scopeOf } from '../identity/scopes.ts';

const appPath = z
  .string()
  .max(200)
  .regex(/^(\/[a-z0-9][a-z0-9._-]*)+$/, 'write a path such as /mcp, in lower case')
  .refine((path) => !ownsPath(path) && scopeOf(`http://app${path}`) === 'mcp', 'Genkan answers at this path itself');

const { publicUrl, trustedProxies, data, log, keyVault, storage, identity, record } = genkanSettings.shape;

export const protectSettings = z.strictObject({
  publicUrl: publicUrl.unwrap(),
  trustedProxies,
  resources: z
    .array(appPath)
    .min(1)
    .max(100)
    .default(['/mcp', '/sse'])
    .describe('Paths of the MCP server, everything below them included. What is not listed is open to everybody.'),
  messages: appPath
    .default('/message')
    .describe('Where clients of the HTTP+SSE transport post, as its server says it.'),
  data,
  log,
  keyVault,
  storage,
  identity,
  record,
  gateway: gatewaySettings
    .pick({
      maxSessions: true,
      maxSessionsPerUser: true,
      sessionIdleSeconds: true,
      sessionSeconds: true,
      recheckSeconds: true,
      drainSeconds: true,
      allowedOrigins: true,
    })
    .prefault({}),
});

/** Written as in genkan.yaml; relative paths are those of the working directory. */
export type ProtectSettings = z.input<typeof protectSettings>;

export interface AppConfig {
  readonly config: Config;
  readonly resources: readonly string[];
  readonly messages: string;
}

/** What mistakes name in place of a file. */
const caller = 'protect(app, …)';

/** @throws ConfigMistakes */
export function readProtectSettings(given: ProtectSettings): AppConfig {
  const written = (settings: object): string => stringify(settings, { aliasDuplicateObjects: false });
  const own = parseSettings(readSource(caller, written(given)), protectSettings);
  if (own.settings === undefined || own.mistakes.length > 0) throw new ConfigMistakes(caller, own.mistakes);
  const { resources: _, messages: __, ...inFile } = given;
  const checked = checkConfig(caller, written({ log: { level: 'warn' }, ...inFile }));
  if ('mistakes' in checked) throw new ConfigMistakes(caller, checked.mistakes);
  return { config: checked.config, resources: own.settings.resources, messages: own.settings.messages };
}
