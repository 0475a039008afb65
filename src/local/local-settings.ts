// What local mode is told: by a configuration file, by the command behind `--`, or by both.
import path from 'node:path';
import { z } from 'zod';
import { GenkanError, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { genkanSettings } from '../config/settings.ts';
import { isConfidential, publicProvider } from '../identity/local/settings.ts';
import type { PublicProviderSettings } from '../identity/local/settings.ts';
import { identitySettings } from '../identity/settings.ts';
import { unverifiedPrefix } from '../identity/local/unverified-person.ts';
import type { EarlyCommand } from './early-child.ts';

/** As genkan.yaml, except that Genkan is a public client of the identity provider, and that a person who is alone has none. */
const localSettings = z.strictObject({
  ...genkanSettings.shape,
  identity: z.strictObject({ ...identitySettings.shape, provider: publicProvider }).optional(),
});
export type LocalSettings = z.output<typeof localSettings>;

export interface LocalWish {
  /** Never one that merely lies in the current folder: a client starts us in folders that others have filled. */
  readonly config?: string;
  /** Name of the server, where the client is to see but one. */
  readonly asServer?: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Account of the operating system. */
  readonly account: string;
}

export interface LocalPlan {
  readonly settings: LocalSettings;
  /** Folder that paths in the settings are relative to. */
  readonly folder: string;
  /** Undefined for all of them. */
  readonly server: string | undefined;
  /** What may be started before anybody is known, since nobody has anything to say about it but whoever wrote it down. */
  readonly early?: EarlyCommand;
}

/** @throws ConfigMistakes, GenkanError `config_missing`, `local_…` */
export async function planLocal(wish: LocalWish): Promise<LocalPlan | Refusal> {
  const { config, asServer, command, workingDirectory } = wish;
  const written = config === undefined ? alone(wish) : await read(config);
  const folder = config === undefined ? workingDirectory : path.dirname(path.resolve(config));
  if (command.length === 0) {
    if (config === undefined)
      return invalid('name the command of the server behind --, or a configuration with --config');
    if (asServer !== undefined && !Object.hasOwn(written.servers, asServer))
      return refuse('upstream_unknown', { server: asServer });
    return { settings: usable(written), folder, server: asServer };
  }
  if (asServer === undefined)
    return invalid('--as-server NAME is missing: the name of the server in roles and records');
  if (Object.hasOwn(written.servers, asServer))
    return invalid(`the configuration has a server "${asServer}" of its own; leave the command away`);
  const own = { command, workingDirectory, env: passedOn(wish.env), idleSeconds: longestSeconds };
  const checked = genkanSettings.shape.servers.safeParse({ [asServer]: own });
  if (!checked.success) return invalid(checked.error.issues.map(({ message }) => message).join('; '));
  return {
    settings: usable({ ...written, servers: { ...written.servers, ...checked.data } }),
    folder,
    server: asServer,
    ...(config === undefined && { early: own }),
  };
}

// The reader of YAML is loaded where there is some: it would cost a tenth of the start.
async function read(file: string): Promise<LocalSettings> {
  const [{ parseSettings, readConfigFile }, { ConfigMistakes }, { readSource }] = await Promise.all([
    import('../config/load.ts'),
    import('../config/mistake.ts'),
    import('../config/source.ts'),
  ]);
  const source = readSource(file, readConfigFile(file));
  const { provider } = ((source.data ?? {}) as { identity?: { provider?: unknown } | null }).identity ?? {};
  if (isConfidential(provider)) throw new GenkanError('local_provider_confidential', { file });
  const { settings, mistakes } = parseSettings(source, localSettings);
  if (mistakes.length > 0) throw new ConfigMistakes(file, mistakes);
  return settings!;
}

/**
 * Without a configuration, whoever starts a command on their own machine may use it: they could start it without us. What
 * they get is the record and the checks, and a server that does nothing behind their back.
 */
const alone = ({ asServer = '', account }: LocalWish): LocalSettings =>
  localSettings.parse({
    log: { level: 'warn' },
    access: {
      assignments:
        asServer === ''
          ? []
          : [{ principal: { user: `${unverifiedPrefix}${account}` }, role: 'MCP User', scope: `/servers/${asServer}` }],
    },
  });

function usable(settings: LocalSettings): LocalSettings {
  for (const [server, entry] of Object.entries(settings.servers))
    // Where it acts as the caller there is nothing to ask: the tokens come from the person's own sign-in.
    if ('authorization' in entry && entry.authorization?.as === 'person')
      throw new GenkanError('local_server_by_browser', { server });
  return settings;
}

/** Unused for a day is a client that has been forgotten. */
const longestSeconds = 86_400;

/** What the client has set for the command is meant for the command; what is meant for us is not. */
const passedOn = (env: LocalWish['env']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && /^[A-Za-z_][A-Za-z0-9_]*$/.test(entry[0]) && !entry[0].startsWith('GENKAN_'),
    ),
  );

const invalid = (reason: string): Refusal => refuse('operation_input_invalid', { operation: 'local', reason });

/** The provider of a configuration, for commands that are about the sign-in alone. */
export const providerOf = async (config: string): Promise<PublicProviderSettings | undefined> =>
  (await read(config)).identity?.provider;
