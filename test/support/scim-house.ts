// An identity house with provisioning turned on, and the directory that speaks to it.
import { startIdentityHouse } from './identity-house.ts';
import type { HouseOptions, IdentityHouse } from './identity-house.ts';

export interface ScimAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ScimHouse extends IdentityHouse {
  /** One request of the directory. @param path below `/scim/v2`, as it is sent */
  scim(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ScimAnswer>;
}

export const scimToken = 'a-token-of-the-directory-that-nobody-guesses';

export async function startScimHouse(settings: object = {}, options: HouseOptions = {}): Promise<ScimHouse> {
  const scim = { token: { source: 'env', name: 'SCIM_TOKEN' }, ...settings };
  const house = await startIdentityHouse({
    secret: () => Promise.resolve(scimToken),
    ...options,
    settings: { scim, ...options.settings },
  });
  return {
    ...house,
    async scim(method, path, body, headers = {}) {
      const response = await fetch(`${house.publicUrl}/scim/v2${path}`, {
        method,
        headers: { authorization: `Bearer ${scimToken}`, 'content-type': 'application/scim+json', ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === '' ? {} : (JSON.parse(text) as ScimAnswer['body']),
      };
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}
