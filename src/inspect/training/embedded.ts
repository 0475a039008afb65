// Short orders, and short texts that only look like orders, put into the middle of ordinary ones: as they are met in the field.
import { isOrdinary } from './rates.ts';
import type { Text } from './corpus.ts';

const longest = 300; // of what is put in
const least = 150; // of what it is put into
const around = 600;

/** Deterministic. The carriers are texts of the same language, among those given. */
export function embedded(texts: readonly Text[]): readonly Text[] {
  const carriers = Map.groupBy(
    texts.filter((text) => isOrdinary(text) && text.text.length > least),
    ({ lang }) => lang,
  );
  let turn = 1;
  return texts.flatMap((inner): Text[] => {
    const isShort = inner.text.length < longest && inner.spans.length === 0;
    const some = carriers.get(inner.lang);
    if (!isShort || some === undefined || !(inner.label === 1 || inner.family.startsWith('twins/'))) return [];
    const before = some[(turn++ * 17) % some.length]!.text.slice(-around);
    const after = some[(turn++ * 19) % some.length]!.text.slice(0, around);
    const between = ['\n', ' ', '\n\n'][turn % 3]!;
    const from = before.length + between.length;
    const spans = inner.label === 1 ? [{ from, to: from + inner.text.length }] : [];
    return [{ ...inner, id: `${inner.id}-embedded`, text: before + between + inner.text + between + after, spans }];
  });
}
