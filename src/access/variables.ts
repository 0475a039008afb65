// Placeholders such as `{subscription-id}` in access values, filled in from the configuration's `variables`.
import { GenkanError } from '../base/errors.ts';

export type Variables = Readonly<Record<string, string>>;

/**
 * Replaces every `{name}` once; a value is not searched again.
 * @param where what an error message says about the place, e.g. `role "Developer" in roles/developer.json`
 * @throws GenkanError `access_variable_unresolved`
 */
export function substitute(text: string, variables: Variables, where: string): string {
  return text.replace(/\{([^{}]*)\}/g, (_written, name: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined) throw new GenkanError('access_variable_unresolved', { variable: name, where });
    return value;
  });
}
