// The `identity.conditionalAccess` part of genkan.yaml.
import { z } from 'zod';
import { contextPattern } from '../scopes.ts';
import { networksOf } from './networks.ts';
import { policySchema } from './policy.ts';

const ranges = z
  .array(z.string().max(64))
  .min(1)
  .max(1000)
  .superRefine((written, context) => {
    for (const [index, range] of written.entries())
      if (networksOf([range]) === undefined)
        context.addIssue({
          code: 'custom',
          path: [index],
          message: 'write an IPv4 or IPv6 range in CIDR, such as 203.0.113.0/24 or 2001:db8::/32',
        });
  });

export const conditionalAccessSettings = z
  .strictObject({
    policies: z
      .array(z.union([z.string().min(1), policySchema]))
      .max(200)
      .default([])
      .describe("Policies in Microsoft Graph's conditionalAccessPolicy JSON: files, or the same written here."),
    contexts: z
      .record(
        z.string().min(1).max(256),
        z.string().regex(contextPattern, 'write an authentication context such as c1'),
      )
      .default({})
      .describe(
        'The authentication context that proves each control (mfa: c1, compliantDevice: c2; authentication strengths and terms of use by name or id): a value of `acrs` at Entra ID, of `acr` elsewhere.',
      ),
    namedLocations: z
      .record(
        z.string().min(1).max(256),
        z.union([
          ranges,
          z.strictObject({
            ranges: ranges.describe('IP ranges in CIDR.'),
            trusted: z.boolean().default(false).describe('Whether it belongs to AllTrusted.'),
          }),
        ]),
      )
      .default({})
      .describe('IP ranges by the names (or ids) that policies use for them.'),
    applications: z
      .record(z.string().min(1).max(256), z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]))
      .default({})
      .describe('What application names in policies mean here: `genkan` for everything, or names of servers.'),
    roles: z
      .record(z.string().min(1).max(256), z.array(z.string().min(1).max(256)).min(1))
      .default({})
      .describe('Groups or principal ids that stand for directory roles in policies.'),
  })
  .prefault({})
  .describe('Conditional access: under which conditions people may use what, and what they have to prove for it.');

export type ConditionalAccessSettings = z.output<typeof conditionalAccessSettings>;
