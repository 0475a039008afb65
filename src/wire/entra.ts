// What administrators do about Genkan's registration at Entra ID, on the ground of a running house.
import type { Config } from '../config/load.ts';
import type { EntraAdministration } from '../identity/entra/administration.ts';
import { createIdentityRecord } from '../identity/identity-record.ts';
import type { Identity } from '../identity/identity.ts';
import type { Foundation } from './foundation.ts';

/** Undefined where people sign in elsewhere. */
export async function openEntra(
  { settings, publicUrl }: Config,
  ground: Foundation,
  { conditionalAccess }: Pick<Identity, 'conditionalAccess'>,
): Promise<EntraAdministration | undefined> {
  if (!('tenant' in settings.identity.provider)) return undefined;
  const [{ createEntraAdministration }, { configuredFor }] = await Promise.all([
    import('../identity/entra/administration.ts'),
    import('../identity/entra/setup/order.ts'),
  ]);
  const { record, clock, log, secretFor, secretPlace } = ground;
  const secret = secretFor('entra');
  const configured = configuredFor(settings, publicUrl, { secret, clock, fetch });
  const compare = conditionalAccess && (() => conditionalAccess.compare());
  const bookkeeping = createIdentityRecord((entry) => record.append(entry), clock, log);
  const rotation = { ...ground, secret, place: secretPlace, record: bookkeeping };
  return configured && createEntraAdministration(configured, { compare, rotation, log });
}
