// Masks that keep the form of what they hide, so that people and assistants still see what it was.

const sign = /[\p{L}\p{N}]/u;

/** Stars for letters and digits but the last few; what stands between them stays: `**** **** **** 1111`. */
export function maskButLast(value: string, kept: number, first = 0): string {
  const characters = [...value];
  const signs = characters.filter((character) => sign.test(character)).length;
  let seen = 0;
  return characters
    .map((character) => {
      if (!sign.test(character)) return character;
      seen++;
      return seen <= first || seen > signs - kept ? character : '*';
    })
    .join('');
}

/** `d***@contoso.com` */
export const maskEmail = (address: string): string => `${address[0]}***${address.slice(address.lastIndexOf('@'))}`;
