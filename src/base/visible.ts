// Texts of others as people read them: with what nobody would see in them written out.

/** What acts on a text without being seen in it: it turns it round, breaks it, or makes two of them look like one. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A text of others, with what nobody would see in it written out. */
export const visible = (text: string): string =>
  text.replace(unseen, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);

/** The same, in which lines may end. */
export const visibleLines = (text: string): string => text.split(/\r?\n/).map(visible).join('\n');
