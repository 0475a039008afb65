// Whether policies ask where people are, and what is said where that cannot be seen.
import type { SourcedPolicy } from './policy.ts';

export const asksWhere = (policies: readonly SourcedPolicy[]): boolean =>
  policies.some(({ policy: { state, conditions } }) => {
    const { includeLocations, excludeLocations } = conditions.locations ?? {};
    const named = [...(includeLocations ?? []), ...(excludeLocations ?? [])];
    return state !== 'disabled' && named.some((location) => location !== 'All');
  });

export const placesHiddenSays =
  'conditional access policies ask where people are, and with an https publicUrl every connection comes from the proxy in front of Genkan: whatever holds for its address holds for everybody, until it is named in trustedProxies';
