// Reading at Azure what an identity may do there, with the rights that Genkan's own application has been given in Azure.
import { createIdentityReader } from '../access/analysis/identity-reader.ts';
import type { IdentityReader } from '../access/analysis/identity-reader.ts';
import { createArm } from '../access/elevation/pim/arm.ts';
import type { Config } from '../config/load.ts';
import type { Foundation } from './foundation.ts';

/** Each cloud has a sign-in and a Resource Manager of its own. */
const managers: Readonly<Record<string, string>> = {
  'https://login.microsoftonline.us': 'https://management.usgovcloudapi.net',
  'https://login.partner.microsoftonline.cn': 'https://management.chinacloudapi.cn',
};

/** Undefined where people sign in elsewhere, and where it is not said in which tenant Genkan is at home. */
export function openIdentityReader(
  { settings }: Config,
  { clock, secretFor }: Pick<Foundation, 'clock' | 'secretFor'>,
): IdentityReader | undefined {
  const { provider } = settings.identity;
  if (!('tenant' in provider) || provider.tenant === 'organizations') return undefined;
  const managementUrl =
    settings.access.elevation.pim?.managementUrl ?? managers[provider.authorityHost] ?? 'https://management.azure.com';
  return {
    async read(wish) {
      const { createOwnApplication } = await import('../identity/entra/own-application.ts');
      // The token is for Resource Manager in the place of Graph.
      const own = createOwnApplication(
        { ...provider, graphUrl: managementUrl },
        { secret: secretFor('access'), clock, fetch },
      );
      let token: Promise<string> | undefined;
      const tokenFor = async (_person: string, _scopes: readonly string[], renewed = false) => {
        if (renewed) token = undefined;
        token ??= own.signIn().then((signedIn) => signedIn.token);
        return { token: await token, expiresAtMs: 0 };
      };
      return createIdentityReader(createArm(managementUrl, { callers: { tokenFor }, fetch, clock })).read(wish);
    },
  };
}
