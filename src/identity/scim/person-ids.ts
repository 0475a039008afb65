// Who a provisioned user is when they sign in: the id that their principal will have.
import { guid } from '../../base/guid.ts';
import { accountId } from '../accounts.ts';
import type { Resource } from './attributes.ts';
import { invalid } from './problem.ts';
import type { ScimSettings } from './settings.ts';

export type PersonOf = (user: Resource) => string;

/** What the identity provider's settings say about whom it signs in. */
export type Provider = { readonly issuer: string } | { readonly tenant: string };

/**
 * @param configured what is wrong is said when the first user comes, as the directory shows it to its administrators
 */
export function personIds({ personFrom, tenant: named }: ScimSettings, configured: Provider): PersonOf {
  return (user) => {
    const subject = user[personFrom];
    if (typeof subject !== 'string')
      throw invalid('invalidValue', `${personFrom} is missing, by which people are known here`);
    if ('issuer' in configured) return accountId(configured.issuer, subject);
    const tenant = named ?? configured.tenant;
    if (!guid.test(tenant))
      throw invalid('invalidValue', 'which tenant provisions here is not configured (identity.scim.tenant)');
    // Entra ID maps mailNickname to externalId unless told otherwise: nobody would ever be found by that.
    if (!guid.test(subject))
      throw invalid('invalidValue', `${personFrom} is no object id; map objectId to it in the attribute mapping`);
    return `${subject}@${tenant}`.toLowerCase();
  };
}
