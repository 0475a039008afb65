// Masks what may be secret in values that people get to see: settings, records, listings.

export const mask = '********';

const secretName =
  /secret|passw|pwd|token|credential|authorization|cookie|api[-_]?key|private[-_]?key|connection[-_]?string/i;
const userInfo = /(?<=[a-z][a-z0-9+.-]*:\/\/)[^/@\s]+(?=@)/gi;

/** Whether a key or an option by its name alone gives its value away as secret. */
export const soundsSecret = (name: PropertyKey): boolean => secretName.test(String(name));

/**
 * Copies plain data. Text under keys that sound secret, arguments of options that do, and user information in addresses
 * are masked.
 * @param leave tells values that are shown as they are, e.g. references to secrets
 */
export function maskSecrets(value: unknown, leave: (value: object) => boolean = () => false, key = ''): unknown {
  if (typeof value === 'string') return soundsSecret(key) ? mask : maskText(value);
  if (Array.isArray(value)) {
    return value.map((item, index) => maskSecrets(item, leave, isOption(value[index - 1]) ? value[index - 1] : key));
  }
  if (typeof value !== 'object' || value === null || leave(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, maskSecrets(item, leave, name)]));
}

const isOption = (item: unknown): item is string => typeof item === 'string' && /^--?[^=\s]+$/.test(item);

// A command line may be written as one text: then options and assignments stand inside it.
function maskText(text: string): string {
  return text
    .replace(userInfo, mask)
    .replace(/(?<=^|\s)(--?[^\s=]+)([=\s]\s*)("[^"]*"|'[^']*'|[^\s-]\S*)/g, maskNamed)
    .replace(/(?<=^|\s)([A-Za-z_]\w*)(=)("[^"]*"|'[^']*'|\S+)/g, maskNamed);
}

const maskNamed = (whole: string, name: string, between: string): string =>
  soundsSecret(name) ? `${name}${between}${mask}` : whole;
