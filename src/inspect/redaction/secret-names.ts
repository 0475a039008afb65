// Which names are of passwords and which of other secrets, in the languages that people name things in.

const password = /(?:passwor[dt]|passwd|passphrase|passcode|^pass|userpass|dbpass|pwd)$/;
const passwordCjk = /(?:パスワード|暗証番号|비밀번호|패스워드|암호|密码|密碼|口令)$/;
const credential = new RegExp(
  '(?:secret|credentials?|token|sessionid|^sig|^pat|passkey|' +
    '(?:api|access|account|private|secret|signing|encryption|master|host|functions?|subscription|storage|admin|query|' +
    'primary|secondary|auth|service|client|symmetric|management|session|webhook|integration|license|security)key[12]?)$',
);
const credentialCjk =
  /(?:シークレット|トークン|秘密鍵|アクセスキー|暗号鍵|APIキー|토큰|시크릿|비밀키|액세스키|인증키|API키|密钥|密鑰|金鑰|私钥|私鑰|令牌|權杖)$/i;
/** Places in a list, cancellations, public halves, and what models count. */
const harmless =
  /(?:page|skip|continuation|continue|next|sync|delta|progress|cancel|cancellation|public|publickey|csrf|max|min|stop|pad|eos|bos|special|mask)token$/;

export type NameKind = 'password' | 'credential';

const codesOf = (characters: string): number[] => [...characters].map((character) => character.charCodeAt(0));
const lastOfCjk = new Set(codesOf('ド号호드码碼令ト鍵钥鑰ー큰릿키牌杖ン'));
const lastThree = (name: string, end: number): number =>
  ((name.charCodeAt(end - 3) | 32) << 16) | ((name.charCodeAt(end - 2) | 32) << 8) | (name.charCodeAt(end - 1) | 32);
const ends = new Set(
  'ord ort swd ase ode ass pwd ret ial als ken nid sig pat key ey1 ey2'.split(' ').map((end) => lastThree(end, 3)),
);

/** Whether a name that ends there may be one: asked of everything that looks like an assignment, so it has to be quick. */
export function mayEndName(text: string, end: number): boolean {
  const last = text.charCodeAt(end - 1);
  return last < 128 ? ends.has(lastThree(text, end)) : lastOfCjk.has(last);
}

/** @param name at most 64 characters */
export function kindOfName(name: string): NameKind | undefined {
  if (name.charCodeAt(name.length - 1) > 127) {
    const joined = name.replace(/\s/g, '');
    return passwordCjk.test(joined) ? 'password' : credentialCjk.test(joined) ? 'credential' : undefined;
  }
  const joined = name.toLowerCase().replace(/[\s_.$-]/g, '');
  if (password.test(joined)) return 'password';
  return credential.test(joined) && !harmless.test(joined) ? 'credential' : undefined;
}
