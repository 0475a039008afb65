// What the prompt shield finds in a text by which a server describes something: enough that no policy approves it unseen.
import { createPolicy } from '../examination/policy.ts';
import type { ExaminationSettings } from '../examination/settings.ts';
import type { Shield } from '../shield/shield.ts';
import { signsIn } from './signs.ts';

/**
 * Only where such a text would be kept from anybody, and only what next to no harmless text has, for a person is kept waiting: what
 * is certain, and what is suspicious and also shows a sign of an attack on its face.
 */
export function suspectsIn(
  settings: ExaminationSettings,
  { scan, thresholds }: Pick<Shield, 'scan' | 'thresholds'>,
): (text: string, about: { readonly server: string; readonly name: string }) => readonly string[] | undefined {
  const policy = createPolicy(settings);
  const callers = callersIn(settings);
  return (text, about) => {
    const isKept = callers.some(
      (caller) => policy.actionsIn('descriptions', { ...about, ...caller }).certain === 'block',
    );
    if (!isKept) return undefined;
    const { score, spans } = scan(text);
    if (score < thresholds.spotlight) return undefined;
    const grave = spans.filter((span) => span.score >= thresholds.block);
    const found = [...signsIn(text), ...grave.flatMap(({ why }) => why.slice(0, 2))];
    return grave.length === 0 && found.length === 0 ? undefined : [...new Set(found)];
  };
}

/** One pin is for everybody: whoever a setting names, and whoever none does. */
function callersIn({ shield }: ExaminationSettings) {
  const named = shield.overrides.flatMap(({ match: { groups, roles } }) =>
    (groups ?? [undefined]).flatMap((group) => (roles ?? [undefined]).map((role) => ({ group, role }))),
  );
  return [{ group: undefined, role: undefined }, ...named].map(({ group, role }) => ({
    groups: group === undefined ? [] : [group],
    roles: role === undefined ? [] : [role],
  }));
}
