// Spotlighting (Hines et al. 2024, "Defending Against Indirect Prompt Injection Attacks With Spotlighting"): delimiters and data marking.
import { t } from '../../base/text.ts';
import type { Language } from '../../base/text.ts';
import { spotlightText } from './texts.ts';

/** Where the text is from, and how it is marked off. */
export interface Fence {
  readonly server: string;
  readonly language: Language;
  /** Unguessable, new for each message: text that was written before cannot name it, and so cannot close the fence. */
  readonly code: string;
}

/**
 * A stretch of text that an assistant cannot take for its own instructions as easily: fenced by a code that the text cannot
 * know, and with every blank replaced. Nothing in it looks like a fence. Languages without blanks are joined where their words meet.
 */
export function spotlight(text: string, { server, language, code }: Fence): string {
  const joiner = joiners.find((each) => !text.includes(each)) ?? '^';
  const notice = t(spotlightText, language, { server: JSON.stringify(server).slice(1, -1), joiner });
  return `[genkan:data ${code}] ${notice}\n${mark(text, joiner)}\n[genkan:end ${code}]`;
}

/** Every fence with this code. */
export const fencesWith = (code: string): RegExp =>
  new RegExp(`\\[genkan:data ${code}\\][^]*?\\[genkan:end ${code}\\]`, 'g');

function mark(text: string, joiner: string): string {
  const joined = text.replaceAll('[genkan:', '(genkan:').replace(/[^\S\n]+/gu, joiner);
  if (!scriptWithoutBlanks.test(joined)) return joined;
  return joined.replace(stretchWithoutBlanks, (stretch) =>
    [...words().segment(stretch)].map(({ segment }) => segment).join(joiner),
  );
}

/** The first that the text itself does not have. */
const joiners = ['^', '¦', '‸', '⁞', '⸱'];
const scriptWithoutBlanks = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const stretchWithoutBlanks =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}ー、。，．！？「」]{2,2000}/gu;

let segmenter: Intl.Segmenter | undefined;
/** Made at first use: it would take a hundredth of every start. */
const words = (): Intl.Segmenter => (segmenter ??= new Intl.Segmenter('ja', { granularity: 'word' }));
