// What can be set about agents and about assertions of others: whose workloads may sign in, who may act for people, and proofs.
import { z } from 'zod';

const httpsUrl = z.url({ protocol: /^https$/, hostname: /^[^@]+$/ });
const issuer = z.strictObject({
  issuer: httpsUrl.describe('Issuer URL, exactly as `iss` names it.'),
  jwksUri: httpsUrl.optional().describe('Where its keys are; by default what its discovery document says.'),
});

export const workloadIssuers = z
  .array(issuer)
  .max(50)
  .default([])
  .describe(
    'Issuers of workload tokens (e.g. GitHub Actions, Kubernetes) with which agents may sign in instead of a secret. Each agent names one subject.',
  );

export const tokenExchange = z
  .array(
    z.strictObject({
      client: z.string().min(1).max(64).describe('Client id of the agent.'),
      resources: z
        .array(z.string().regex(/^\/[a-z0-9/-]{1,80}$/))
        .min(1)
        .describe('Paths of the resources for which it may act for people, e.g. /mcp/files.'),
    }),
  )
  .max(1000)
  .default([])
  .describe('Agents that may exchange the token of a person for one of their own (RFC 8693). Nobody else may.');

export const enterpriseAssertions = z
  .array(
    issuer.extend({
      tenant: z
        .guid()
        .toLowerCase()
        .optional()
        .describe('At Entra ID, the tenant whose people it may name; they are then known by `oid` and `tid`.'),
    }),
  )
  .max(50)
  .default([])
  .describe(
    'Identity providers whose assertions (ID-JAG, enterprise-managed authorization) let agents act for a person without a sign-in here.',
  );

export const dpop = z
  .enum(['optional', 'required'])
  .default('optional')
  .describe('Whether access tokens are bound to a key of the client (RFC 9449) for clients that wish it, or always.');
