// Texts in four languages: choosing the language of a person and filling in placeholders.

export const languages = ['en', 'ja', 'ko', 'zh-Hant'] as const;
export type Language = (typeof languages)[number];

/** One text in every language. Placeholders are written `{name}`. */
export type Text = Readonly<Record<Language, string>>;

/**
 * Renders a text.
 * @param params values for the placeholders, themselves texts where languages differ; a placeholder without a value stays as it is written
 */
export function t(
  text: Text,
  language: Language,
  params: Readonly<Record<string, string | number | Text>> = {},
): string {
  return text[language].replace(/\{([a-zA-Z]+)\}/g, (written, name: string) => {
    const value = params[name] ?? written;
    return typeof value === 'object' ? value[language] : String(value);
  });
}

/**
 * The language for a person, from an `Accept-Language` header (RFC 9110 §12.5.4) or a locale such as `ja_JP.UTF-8`.
 * Traditional Chinese is chosen for `zh-Hant`, `zh-TW`, `zh-HK` and `zh-MO`; anything unknown is English.
 */
export function languageOf(preference: string | undefined): Language {
  const ranked = (preference ?? '')
    .slice(0, 256)
    .split(',')
    .map((part) => {
      const [tag = '', quality] = part.trim().split(';q=');
      return { tag: tag.toLowerCase().replaceAll('_', '-'), quality: quality === undefined ? 1 : Number(quality) || 0 };
    })
    .sort((a, b) => b.quality - a.quality);
  for (const { tag } of ranked) {
    if (tag.startsWith('en')) return 'en';
    if (tag.startsWith('ja')) return 'ja';
    if (tag.startsWith('ko')) return 'ko';
    if (/^zh-(hant|tw|hk|mo)/.test(tag)) return 'zh-Hant';
  }
  return 'en';
}
