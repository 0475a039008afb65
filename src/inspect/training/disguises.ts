// Ways to write a text so that a simple filter does not know it again.

const mapped = (from: string, to: string): ((text: string) => string) => {
  const pairs = new Map([...from].map((letter, index) => [letter, [...to][index]!]));
  return (text) => [...text].map((letter) => pairs.get(letter) ?? letter).join('');
};

/** Each returns the whole text in other clothes; deterministic. */
export const disguises: Readonly<Record<string, (text: string) => string>> = {
  'as it was': (text) => text,
  'full-width letters': (text) => text.replace(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)),
  'Cyrillic look-alikes': mapped('aeopcyxiAEOPCXBKMHT', 'аеорсухіАЕОРСХВКМНТ'),
  'zero-width spaces between letters': (text) => [...text].join('\u200b'),
  'spaces between letters': (text) => [...text].join(' '),
  'digits for letters': mapped('oieasOIEAS', '0134501345'),
  'mathematical letters': (text) =>
    text
      .replace(/[a-z]/g, (letter) => String.fromCodePoint(0x1d41a + letter.charCodeAt(0) - 97))
      .replace(/[A-Z]/g, (letter) => String.fromCodePoint(0x1d400 + letter.charCodeAt(0) - 65)),
  base64: (text) => Buffer.from(text).toString('base64'),
  'percent-encoding': (text) => encodeURIComponent(text),
  'character references': (text) => [...text].map((letter) => `&#${letter.codePointAt(0)};`).join(''),
  'JSON escapes': (text) => text.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'decomposed letters (NFD)': (text) => text.normalize('NFD'),
  'in capitals': (text) => text.toUpperCase(),
};
