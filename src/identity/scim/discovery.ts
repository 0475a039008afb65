// What the endpoint says about itself (RFC 7643 §5–§7, RFC 7644 §4).
import { groupAttributes, groupSchema, userAttributes, userSchema } from './attributes.ts';
import type { Attribute } from './attributes.ts';
import { listOf, maxPortion, notFound } from './resources.ts';

const schemaOfSchemas = 'urn:ietf:params:scim:schemas:core:2.0:Schema';
const typeSchema = 'urn:ietf:params:scim:schemas:core:2.0:ResourceType';

interface Discovery {
  /** @param id absent for all of them */
  answer(kind: 'ServiceProviderConfig' | 'ResourceTypes' | 'Schemas', id: string | undefined): object;
}

export function createDiscovery(base: string): Discovery {
  const types = [
    { name: 'User', schema: userSchema, description: 'People who may sign in here.' },
    { name: 'Group', schema: groupSchema, description: 'Groups that rights are given to.' },
  ].map(({ name, ...type }) => ({
    schemas: [typeSchema],
    id: name,
    name,
    endpoint: `/${name}s`,
    ...type,
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
  }));
  const schemas = [
    { id: userSchema, name: 'User', description: 'User account', attributes: userAttributes.map(describe) },
    { id: groupSchema, name: 'Group', description: 'Group', attributes: groupAttributes.map(describe) },
  ].map((schema) => ({
    schemas: [schemaOfSchemas],
    ...schema,
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${schema.id}` },
  }));
  const config = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: maxPortion },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'The secret token of identity.scim.token.',
        specUri: 'https://www.rfc-editor.org/rfc/rfc6750',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  };
  const listed = { ResourceTypes: types, Schemas: schemas };

  return {
    answer(kind, id) {
      if (kind === 'ServiceProviderConfig') {
        if (id !== undefined) throw notFound();
        return config;
      }
      const all: readonly { readonly id: string }[] = listed[kind];
      if (id === undefined) return listOf(all.length, { offset: 0, limit: all.length }, all);
      const found = all.find((one) => one.id === id);
      if (found === undefined) throw notFound();
      return found;
    },
  };
}

const describe = (attribute: Attribute): object => ({
  name: attribute.name,
  type: attribute.type,
  multiValued: attribute.multiValued ?? false,
  description: attribute.description,
  required: attribute.required ?? false,
  caseExact: attribute.caseExact ?? false,
  mutability: attribute.mutability ?? 'readWrite',
  returned: 'default',
  uniqueness: attribute.uniqueness ?? 'none',
  ...(attribute.parts && { subAttributes: attribute.parts.map(describe) }),
});
