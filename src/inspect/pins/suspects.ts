// What the prompt shield finds in a text by which a server describes something: enough that no policy approves it unseen.
import { createPolicy } from '../examination/policy.ts';
import type { ExaminationSettings } from '../examination/settings.ts';
import { createShield } from '../shield/linear-shield.ts';
import type { Shield } from '../shield/shield.ts';

/** Only where such a text would be kept from clients, and only what next to no harmless text has: a person is kept waiting for it. */
export function suspectsIn(
  settings: ExaminationSettings,
  { scan, thresholds }: Pick<Shield, 'scan' | 'thresholds'> = createShield(),
): (text: string, about: { readonly server: string; readonly name: string }) => readonly string[] | undefined {
  const policy = createPolicy(settings);
  return (text, about) => {
    if (policy.actionsIn('descriptions', { ...about, groups: [] }).certain !== 'block') return undefined;
    const grave = scan(text).spans.filter(({ score }) => score >= thresholds.block);
    return grave.length === 0 ? undefined : [...new Set(grave.flatMap(({ why }) => why.slice(0, 2)))];
  };
}
