// The `access.elevation.pim` part of genkan.yaml: which elevations Azure's own Privileged Identity Management activates as well.
import { z } from 'zod';
import { parseScope } from '../../scope.ts';

export const pimSettings = z
  .strictObject({
    scopes: z
      .array(
        z
          .string()
          .refine(
            (text) => /^\/(subscriptions|providers)\//i.test(text) && parseScope(text, 'patterns') !== undefined,
            'write a scope of Azure, e.g. /subscriptions/{id}',
          ),
      )
      .min(1)
      .max(1000)
      .describe('At these scopes and below them, what people request is activated at Azure, in their own name.'),
    roles: z
      .array(z.string().min(1).max(256))
      .min(1)
      .max(1000)
      .optional()
      .describe('Only these roles, by the names that they have at Azure; all of them when absent.'),
    ticketSystem: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe(
        'Name of Genkan as a ticket system; with it, activations carry the id of the elevation as their ticket.',
      ),
    managementUrl: z
      .url({ protocol: /^https$/ })
      .refine((text) => URL.canParse(text) && new URL(text).href === `${new URL(text).origin}/`, 'write an origin')
      .transform((text) => new URL(text).origin)
      .default('https://management.azure.com')
      .describe(
        'Where Azure Resource Manager is. Others are https://management.usgovcloudapi.net and https://management.chinacloudapi.cn.',
      ),
  })
  .describe(
    'Privileged Identity Management for Azure resources: roles are activated there in the name of the person, who has to be eligible there too.',
  );

export type PimSettings = z.output<typeof pimSettings>;
