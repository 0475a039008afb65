// The configuration of a trial: people sign in at the stand-in provider, whatever port and data directory were chosen.
import { GenkanError } from '../base/errors.ts';
import type { Config } from '../config/load.ts';
import type { TrialPeople } from '../operations/people.ts';
import { isLoopback } from '../base/loopback.ts';
import { trialPeople } from './people.ts';
import { standInSecretFile } from './stand-in-provider.ts';

/** The stand-in provider listens on the port after Genkan's. */
export const standInPort = (config: Config): number => config.listen.port + 1;

const standInIssuer = (config: Config): string => `http://127.0.0.1:${standInPort(config)}`;

/** Who can be chosen at the stand-in provider, whether or not they have signed in yet. */
export const trialPeopleOf = (config: Config): TrialPeople => ({
  issuer: standInIssuer(config),
  people: trialPeople,
  secondFactor: secondFactorOf(config),
});

/** The authentication context that the stand-in provider states of whoever has shown a second factor. */
export const secondFactorOf = (config: Config): string | undefined =>
  config.settings.identity.conditionalAccess.contexts['mfa'];

/**
 * A configuration with its identity provider replaced by the stand-in.
 * @throws GenkanError `trial_not_loopback` when other machines could reach Genkan
 */
export function asTrial(config: Config): Config {
  const { listen, publicUrl, settings, dataDirectory } = config;
  for (const address of [listen.host, new URL(publicUrl).hostname]) {
    if (!isLoopback(address)) throw new GenkanError('trial_not_loopback', { address });
  }
  const provider = {
    ...settings.identity.provider,
    issuer: standInIssuer(config),
    allowInsecureIssuer: true,
    clientId: 'genkan',
    clientSecret: { source: 'file' as const, path: standInSecretFile(dataDirectory) },
  };
  return { ...config, settings: { ...settings, identity: { ...settings.identity, provider } } };
}
