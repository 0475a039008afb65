// Words near a number that say what it is, in the languages of the countries that give it out.

const before = 48;

/** Whether the key that a value belongs to, or what stands shortly before it, speaks of something. */
export const speaksOf = (words: RegExp, text: string, from: number, key: string): boolean =>
  words.test(key) || words.test(text.slice(Math.max(0, from - before), from));

export const ofMyNumber = /my[ _-]?number|マイナンバー|個人番号|individual[ _-]?number/i;
export const ofKoreanResident =
  /주민등록|주민번호|외국인등록|거소신고|\brrn\b|resident[ _-]?registration|jumin|住民登録番号/i;
export const ofPassport = /passport|パスポート|旅券|여권|护照|護照/i;
export const ofPhone = /phone|mobile|\btel\b|tel[:.]|cell|電話|携帯|전화|휴대|연락처|手机|手機|电话|联系|聯絡|市话/i;
