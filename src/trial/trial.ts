// Starts the trial: the real Genkan with the sample configuration, beside it the stand-in identity provider.
import type { Config } from '../config/load.ts';
import { GenkanError } from '../base/errors.ts';
import type { Language } from '../base/text.ts';
import { openHouse } from '../wire.ts';
import { asTrial, secondFactorOf, standInPort, trialPeopleOf } from './as-trial.ts';
import { trialPeople } from './people.ts';
import { startStandInProvider } from './stand-in-provider.ts';
import { welcome } from './welcome.ts';

export interface TrialOptions {
  /** The sample configuration, with port and data directory as the person chose them. */
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly language: Language;
  /** Receives the welcome once everything listens. */
  readonly write: (text: string) => void;
}

export interface Trial {
  readonly publicUrl: string;
  /** Stops in order: nothing new is accepted, what is under way is answered, children end. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts the trial.
 * @throws GenkanError `trial_not_loopback`, `trial_port_taken`, and what opening the house throws
 */
export async function startTrial({ config: given, env, language, write }: TrialOptions): Promise<Trial> {
  const config = asTrial(given);
  const { publicUrl, dataDirectory } = config;
  const redirectUris = [`${publicUrl}/auth/callback`];
  const settings = {
    port: standInPort(config),
    dataDirectory,
    redirectUris,
    people: trialPeople,
    secondFactor: secondFactorOf(config),
  };
  await using opened = new AsyncDisposableStack();

  const provider = await startStandInProvider(settings);
  opened.defer(() => provider.close());
  const house = await openHouse(config, { env, trial: trialPeopleOf(config) });
  opened.defer(() => house.close());
  await house.listen().catch((error: { readonly code?: string }) => {
    const address = `${config.listen.host}:${config.listen.port}`;
    throw error.code === 'server_port_taken'
      ? new GenkanError('trial_port_taken', { address }, { cause: error })
      : error;
  });

  write(welcome({ publicUrl, people: trialPeople, servers: house.catalogue.list(), dataDirectory }, language));
  const running = opened.move();
  let closing: Promise<void> | undefined;
  return { publicUrl, close: () => (closing ??= running.disposeAsync()) };
}
