// What operations may ask about the configuration: its mistakes, what is in force, and its schema.
import { maskSecrets } from '../base/mask.ts';
import { secretReference } from '../base/secret.ts';
import type { ResolveSecret } from '../base/secret.ts';
import type { Language } from '../base/text.ts';
import { configJsonSchema } from './json-schema.ts';
import { checkConfig, findUnavailable, loadConfig, policyMistakes, readConfigFile } from './load.ts';
import type { Config } from './load.ts';
import { renderMistake } from './mistake.ts';
import type { GenkanSettings } from './settings.ts';
import { roleNotes } from './role-notes.ts';

export interface ConfigurationDesk {
  check(options: { resolve: boolean }): Promise<{
    file: string;
    mistakes: { line: number; column: number; kind: string; text: string }[];
    /** What is no mistake and yet ought to be known: parts of policies that are not enforced here. */
    notes: string[];
  }>;
  show(): Record<string, unknown>;
  schema(): Record<string, unknown>;
}

/**
 * @param file path of genkan.yaml
 * @param language of the mistakes
 * @param inForce the settings that a running house was built from; without them, `show` reads the file
 * @param secretOf fetches secrets as a house of that configuration would
 */
export function createConfigurationDesk(
  file: string,
  language: Language = 'en',
  inForce?: GenkanSettings,
  secretOf?: (config: Config) => ResolveSecret,
): ConfigurationDesk {
  return {
    async check({ resolve }) {
      const text = readConfigFile(file);
      const checked = checkConfig(file, text);
      const mistakes =
        'mistakes' in checked
          ? checked.mistakes
          : resolve && secretOf !== undefined
            ? await findUnavailable(file, text, checked.config, secretOf(checked.config))
            : [];
      const policies = 'mistakes' in checked ? { mistakes: [], notes: [] } : policyMistakes(file, text, checked.config);
      const ofRoles = 'mistakes' in checked ? [] : await roleNotes(file, checked.config.settings);
      return {
        file,
        notes: [...policies.notes, ...ofRoles],
        mistakes: [...mistakes, ...policies.mistakes].map((mistake) => {
          const { line, column, kind } = mistake;
          return { line, column, kind, text: renderMistake(mistake, language) };
        }),
      };
    },
    show() {
      const settings = inForce ?? loadConfig(file).settings;
      return maskSecrets(settings, (value) => secretReference.safeParse(value).success) as Record<string, unknown>;
    },
    schema: configJsonSchema,
  };
}
