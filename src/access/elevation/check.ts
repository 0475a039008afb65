// Checks elevation without opening anything: what is wrong with its rules and with who is eligible, and which parts have no effect here.
import { GenkanError } from '../../base/errors.ts';
import { isPrincipalId } from '../approvals/approvers.ts';
import type { Role } from '../role.ts';
import { createEligibilities } from './eligibility.ts';
import { idleParts, readJitSettings } from './jit-settings.ts';
import type { JitSettings } from './jit-settings.ts';
import { breakGlassSettings, elevationSettings } from './settings.ts';
import type { BreakGlassSettings, ElevationSettings } from './settings.ts';

interface CheckedElevation {
  /** What is wrong, with its place below `access`. */
  readonly mistakes: readonly { readonly path: readonly (string | number)[]; readonly reason: string }[];
  /** One line for each part that has no effect as things are, or that is not certain to have it. */
  readonly notes: readonly string[];
}

interface CheckNeighbours {
  /** As the configuration has them; absent where they are wrong themselves. */
  readonly roles: readonly Role[] | undefined;
  readonly readFile: (file: string) => string;
  /** The authentication context that proves a second factor. */
  readonly mfaContext: string | undefined;
  /** Whether people sign in where tokens in their name can be had for Azure. */
  readonly callsOnBehalf?: boolean;
}

const nobody = elevationSettings.parse({ eligible: [] });
const noEmergency = breakGlassSettings.parse({});

export function checkElevation(
  { elevation, breakGlass }: { readonly elevation: ElevationSettings; readonly breakGlass: BreakGlassSettings },
  { roles, readFile, mfaContext, callsOnBehalf = true }: CheckNeighbours,
): CheckedElevation {
  const mistakes: { path: (string | number)[]; reason: string }[] = [];
  const notes = new Set<string>();
  const trying = (path: (string | number)[], attempt: () => void): void => {
    try {
      attempt();
    } catch (error) {
      if (!(error instanceof GenkanError)) throw error;
      mistakes.push({ path, reason: error.message });
    }
  };
  const look = (written: string | JitSettings): void => {
    const { settings, source } = readJitSettings(written, readFile);
    for (const idle of [...idleParts(settings, { mfaContext }), ...namesIn(settings)]) notes.add(`${source}: ${idle}`);
  };

  if (elevation.pim !== undefined && !callsOnBehalf)
    mistakes.push({
      path: ['elevation', 'pim'],
      reason: 'it needs people of Entra ID, with identity.provider.tenant and identity.provider.apiScope',
    });
  if (elevation.eligible.some(({ settings }) => settings === undefined) || typeof elevation.settings === 'string')
    trying(['elevation', 'settings'], () => look(elevation.settings));
  for (const [index, each] of elevation.eligible.entries()) {
    const { settings } = each;
    if (settings !== undefined) trying(['elevation', 'eligible', index, 'settings'], () => look(settings));
    const one = { ...nobody, eligible: [{ ...each, settings: undefined }] };
    if (roles !== undefined)
      trying(['elevation', 'eligible', index], () => createEligibilities(one, noEmergency, neighbours(roles)));
  }
  for (const [index, each] of breakGlass.eligible.entries())
    if (roles !== undefined)
      trying(['breakGlass', 'eligible', index], () =>
        createEligibilities(nobody, { ...breakGlass, eligible: [each] }, neighbours(roles)),
      );
  return { mistakes, notes: [...notes] };

  function neighbours(known: readonly Role[]): Parameters<typeof createEligibilities>[2] {
    return { roles: () => known, items: () => [], readFile };
  }
}

/** A name is only worth whom it means, which a file cannot tell. */
function namesIn({ approvalSettings: { approvers } }: JitSettings): string[] {
  return approvers.flatMap(({ principalType, principalId }, index) =>
    principalType === 'User' && !isPrincipalId(principalId)
      ? `approvalSettings.approvers[${index}] (${principalId}) is a sign-in name: who has it is looked up once, and until somebody is found it approves nothing`
      : [],
  );
}
