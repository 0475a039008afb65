// The rules of elevation in the shape of Azure PIM: the file as it is, and what Genkan makes of each part of it.
import { z } from 'zod';
import { parseDuration } from '../../base/duration.ts';
import type { ApproverSettings } from '../approvals/approvers.ts';
import { readSettingsFile } from '../settings-file.ts';

const longestActivationMs = 24 * 3_600_000; // as in Azure
const longestWaitMs = 30 * 86_400_000;

const durationUpTo = (mostMs: number, most: string) =>
  z.string().refine((text) => (parseDuration(text) ?? Infinity) <= mostMs, `write a duration of at most ${most}`);

/** What is not said is strict. */
export const jitSettings = z
  .strictObject({
    approvalSettings: z
      .strictObject({
        isApprovalRequired: z.boolean().default(true).describe('Whether somebody has to approve an activation.'),
        approvers: z
          .array(
            z.strictObject({
              principalType: z.enum(['User', 'Group']).describe('Whether it is a person or a group.'),
              principalId: z
                .string()
                .min(1)
                .max(256)
                .describe('Group as the identity provider states it; person by principal id or sign-in name.'),
            }),
          )
          .max(50)
          .default([])
          .describe('Who may approve; one of them is enough, and never the one who asks.'),
        approvalDuration: durationUpTo(longestWaitMs, 'P30D')
          .default('PT8H')
          .describe('How long a request waits for an approval, e.g. PT8H.'),
        isApprovalRequiredForExtension: z.boolean().default(true).describe('Whether an extension needs one as well.'),
      })
      .prefault({})
      .describe('Who approves, and how long a request waits.'),
    activationSettings: z
      .strictObject({
        maximumDuration: durationUpTo(longestActivationMs, 'PT24H')
          .default('PT8H')
          .describe('How long an activation lasts at most, e.g. PT4H.'),
        isJustificationRequired: z.boolean().default(true).describe('Whether a request has to say why.'),
        isMfaRequired: z
          .boolean()
          .default(true)
          .describe('Whether who asks has to have proved a second factor (identity.conditionalAccess.contexts.mfa).'),
      })
      .prefault({})
      .describe('What a request has to hold to.'),
  })
  .describe('Rules in the shape of Azure PIM.');

export type JitSettings = z.output<typeof jitSettings>;

/** The rules as Genkan follows them. */
export interface ElevationRules {
  readonly approval: boolean;
  readonly extensionApproval: boolean;
  readonly approvers: readonly ApproverSettings[];
  readonly waitMs: number;
  readonly maximumMs: number;
  readonly justification: boolean;
  readonly mfa: boolean;
}

export function rulesOf({ approvalSettings, activationSettings }: JitSettings): ElevationRules {
  return {
    approval: approvalSettings.isApprovalRequired,
    extensionApproval: approvalSettings.isApprovalRequiredForExtension,
    approvers: approvalSettings.approvers.map(({ principalType, principalId: id }) =>
      principalType === 'User' ? { user: id } : { group: id },
    ),
    waitMs: parseDuration(approvalSettings.approvalDuration)!,
    maximumMs: parseDuration(activationSettings.maximumDuration)!,
    justification: activationSettings.isJustificationRequired,
    mfa: activationSettings.isMfaRequired,
  };
}

/**
 * @param written a file, or the rules themselves
 * @throws GenkanError `access_elevation_settings`
 */
export function readJitSettings(
  written: string | JitSettings,
  readFile: (file: string) => string,
): { readonly settings: JitSettings; readonly source: string } {
  if (typeof written !== 'string') return { settings: written, source: 'genkan.yaml' };
  return { settings: readSettingsFile(written, jitSettings, 'access_elevation_settings', readFile), source: written };
}

/** What of a file has no effect as things are, for whoever believes that it has. */
export function idleParts(
  { approvalSettings, activationSettings }: JitSettings,
  { mfaContext }: { readonly mfaContext: string | undefined },
): string[] {
  const said: string[] = [];
  const { approvers, approvalDuration, isApprovalRequired, isApprovalRequiredForExtension } = approvalSettings;
  if (!isApprovalRequired && !isApprovalRequiredForExtension) {
    const idle = 'is not enforced here: nothing has to be approved';
    for (const [index, { principalId }] of approvers.entries())
      said.push(`approvalSettings.approvers[${index}] (${principalId}) ${idle}`);
    said.push(`approvalSettings.approvalDuration (${approvalDuration}) ${idle}`);
  } else if (approvers.length === 0)
    said.push('approvalSettings.approvers names nobody: what needs an approval cannot be requested');
  if (activationSettings.isMfaRequired && mfaContext === undefined)
    said.push(
      'activationSettings.isMfaRequired (true): nobody can show a second factor before identity.conditionalAccess.contexts.mfa says which authentication context proves it',
    );
  return said;
}
