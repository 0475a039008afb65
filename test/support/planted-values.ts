// Values that no client may see, made up from a seed: valid check digits, forms of real keys, nobody's.
import {
  fitsChineseResident,
  fitsKoreanResident,
  fitsLuhn,
  fitsMod97,
  fitsMyNumber,
  fitsTaiwaneseId,
  fitsTravelDocument,
} from './check-digits-by-the-book.ts';

export interface Planted {
  readonly rule: string;
  /** What has to be gone. */
  readonly value: string;
  /** The value with what stands around it in life. */
  readonly text: string;
}

/** Numbers from 0 to below 1, always the same for a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const base62 = letters + digits;

/** The makers, one for each form; `count` values go round them. */
export function plantedValues(seed: number, count: number): readonly Planted[] {
  const random = seeded(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const some = (length: number, from = base62): string =>
    Array.from({ length }, () => from[below(from.length)]).join('');
  const pick = <Item>(...items: readonly Item[]): Item => items[below(items.length)]!;
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = (): string => two(1 + below(12)) + two(1 + below(28));
  const plain = (rule: string, value: string, before = '', after = ''): Planted => ({
    rule,
    value,
    text: `${before}${value}${after}`,
  });
  /** Appends the digit that makes a number fit. */
  const checked = (stem: string, fits: (number: string) => boolean, last = digits): string | undefined =>
    [...last].map((digit) => stem + digit).find(fits);
  const until = (make: () => string | undefined): string => {
    for (;;) {
      const made = make();
      if (made !== undefined) return made;
    }
  };
  const base64Of = (length: number): string => some(length, `${base62}+/`);
  const base64url = (length: number): string => some(length, `${base62}-_`);
  const jwt = (): string => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ sub: some(12), aud: 'https://management.azure.com' })}.${base64url(342)}`;
  };
  const pem = (kind: string, line: string): string => {
    const body = Array.from({ length: 8 }, () => base64Of(64)).join(line);
    return `-----BEGIN ${kind}-----${line}${body}${line}-----END ${kind}-----`;
  };
  /** With capitals, digits and a sign: as policies ask for. */
  const password = (): string => `${some(5)}${pick('!', '#', '%', '$', '+', '.')}${some(4)}${some(3, digits)}`;
  const card = (): string =>
    until(() =>
      checked(
        pick(
          () => `4${some(14, digits)}`,
          () => `5${1 + below(5)}${some(13, digits)}`,
          () => `3${pick('4', '7')}${some(12, digits)}`,
          () => `35${pick('30', '66', '89')}${some(11, digits)}`,
          () => `62${some(13, digits)}`,
        )(),
        fitsLuhn,
      ),
    );
  const fours = (number: string, between: string): string =>
    (number.length === 15 ? [number.slice(0, 4), number.slice(4, 10), number.slice(10)] : number.match(/.{4}/g)!).join(
      between,
    );

  const makers: readonly (() => Planted)[] = [
    () =>
      plain(
        'azure-storage-key',
        `${base64Of(76)}+ASt${base64Of(5)}${pick('A', 'Q', 'g', 'w')}==`,
        'DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=',
        ';EndpointSuffix=core.windows.net',
      ),
    () =>
      plain('azure-storage-key', `${base64Of(85)}${pick('A', 'Q', 'g', 'w')}==`, '"keyName": "key1", "value": "', '"'),
    () =>
      plain(
        'azure-key',
        `${base64Of(33)}${pick('+ASb', '+AEh', '+ARm')}${base64Of(6)}=`,
        'Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=',
      ),
    () =>
      plain(
        'secret',
        `${base64Of(43)}=`,
        'Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=',
        ';EntityPath=orders',
      ),
    () =>
      plain(
        'azure-key',
        `${base64Of(76)}ACDb${base64Of(6)}==`,
        'AccountEndpoint=https://contoso.documents.azure.com:443/;AccountKey=',
        ';',
      ),
    () =>
      plain(
        'azure-key',
        `${base64Of(33)}AzCa${base64Of(6)}=`,
        'contoso.redis.cache.windows.net:6380,password=',
        ',ssl=True,abortConnect=False',
      ),
    () =>
      plain(
        'azure-key',
        `${base64url(44)}AzFu${base64url(5)}A==`,
        'https://contoso.azurewebsites.net/api/orders?code=',
      ),
    () => plain('azure-key', `${some(52)}JQQJ99BFAC${some(10)}AAABACOG${some(4)}`, 'AZURE_OPENAI_API_KEY='),
    () => plain('azure-key', `${some(52)}JQQJ99BFAC${some(10)}AAABACOG${some(4)}`),
    () => plain('azure-devops-token', `${some(52)}JQQJ99BFACAAAAAA${some(6)}ASAZDO${some(4)}`, 'PAT '),
    () =>
      plain(
        'azure-devops-token',
        until(() => {
          const made = some(52, 'abcdefghijklmnopqrstuvwxyz234567');
          return /(?:[2-7].*){3}/.test(made) ? made : undefined;
        }),
        'AZURE_DEVOPS_EXT_PAT=',
      ),
    () =>
      plain(
        'azure-sas-signature',
        `${some(43)}%3D`,
        'https://contoso.blob.core.windows.net/backup?sv=2024-11-04&se=2026-12-31T00%3A00%3A00Z&sr=c&sp=rl&sig=',
      ),
    () => plain('entra-client-secret', `${some(3)}8Q~${some(34, `${base62}-_.~`)}`, 'AZURE_CLIENT_SECRET='),
    () => plain('entra-client-secret', `${some(3)}8Q~${some(33, `${base62}-_.`)}a`, 'the secret is ', ' for now'),
    () => plain('azure-databricks-token', `dapi${some(30, '0123456789abcdef')}a1`),
    () => plain('aws-access-key', `AKIA${some(15, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}7`, 'aws_access_key_id = '),
    () => plain('secret', base64Of(38) + '7a', 'aws_secret_access_key = '),
    () => plain('google-key', `AIza${base64url(35)}`),
    () => plain('google-key', `GOCSPX-${base64url(28)}`),
    () =>
      plain(
        'private-key',
        pem('PRIVATE KEY', '\\n').slice(30, -30),
        '{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\\n',
        '\\n-----END PRIVATE KEY-----\\n"}',
      ),
    () => plain('github-token', `${pick('ghp', 'gho', 'ghs', 'ghu')}_${some(36)}`),
    () => plain('github-token', `github_pat_${some(22)}_${some(59)}`),
    () => plain('gitlab-token', `glpat-${base64url(20)}`),
    () => plain('slack-token', `xoxb-${some(12, digits)}-${some(12, digits)}-${some(24)}`),
    () => plain('webhook', `T${some(8)}/B${some(8)}/${some(24)}`, 'https://hooks.slack.com/services/'),
    () => plain('stripe-key', `${pick('sk', 'rk')}_live_${some(24)}`),
    () => plain('npm-token', `npm_${some(36)}`, '//packages.contoso.com/:_authToken='),
    () => plain('pypi-token', `pypi-AgEIcHlwaS5vcmc${base64url(80)}`),
    () => plain('openai-key', `sk-proj-${base64url(74)}T3BlbkFJ${base64url(74)}`),
    () => plain('anthropic-key', `sk-ant-api03-${base64url(93)}AA`),
    () => plain('hugging-face-token', `hf_${some(34)}`),
    () => plain('sendgrid-key', `SG.${base64url(21)}4.${base64url(42)}7`),
    () => plain('twilio-key', `SK${some(30, '0123456789abcdef')}a1`),
    () => plain('telegram-bot-token', `${1 + below(9)}${some(9, digits)}:AA${base64url(33)}`),
    () =>
      plain(
        'private-key',
        base64Of(64),
        `-----BEGIN ${pick('RSA ', 'EC ', 'OPENSSH ', '')}PRIVATE KEY-----\n`,
        `\n${base64Of(64)}\n-----END PRIVATE KEY-----`,
      ),
    () =>
      plain(
        'private-key',
        base64Of(64),
        `PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\n`,
        `\nPrivate-MAC: ${some(64, '0123456789abcdef')}`,
      ),
    () => plain('private-key', `AGE-SECRET-KEY-1${some(58, 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L')}`),
    () => plain('jwt', jwt()),
    () => plain('bearer-token', base64url(40) + '7a', 'Authorization: Bearer '),
    () =>
      plain('basic-credentials', Buffer.from(`${some(8)}:${password()}`).toString('base64'), 'Authorization: Basic '),
    () =>
      plain(
        'url-password',
        some(16),
        `${pick('postgres', 'mongodb+srv', 'redis', 'amqps', 'https')}://app:`,
        '@db.contoso.com/orders',
      ),
    () =>
      plain(
        'password',
        password(),
        'Server=tcp:contoso.database.windows.net,1433;User ID=app;Password=',
        ';Encrypt=True',
      ),
    () => plain('password', password(), '"password": "', '"'),
    () => plain('password', password(), 'password: '),
    () => plain('password', password(), 'jdbc:sqlserver://contoso:1433;user=app;password=', ';'),
    () => plain('password', password(), pick('パスワードは ', 'パスワード：', 'パスワード: '), ' です'),
    () => plain('password', password(), pick('비밀번호: ', '비밀번호는 '), ' 입니다'),
    () => plain('password', password(), pick('密码：', '密碼：', '密码是 ', '密碼為 ')),
    () =>
      plain(
        'secret',
        some(30) + '7a',
        pick('client_secret=', 'clientSecret: "', 'api_key = "', 'トークン: ', '시크릿: ', '密钥：'),
      ),
    () =>
      plain(
        'kubernetes-secret',
        Buffer.from(some(18)).toString('base64'),
        'apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  value: ',
        '\n',
      ),
    () => plain('card', card()),
    () =>
      plain(
        'card',
        fours(
          until(() => {
            const made = card();
            return made.length === 16 ? made : undefined;
          }),
          pick(' ', '-'),
        ),
      ),
    () =>
      plain(
        'iban',
        until(() => {
          const bban = some(18, digits);
          for (let check = 2; check < 99; check++) {
            const made = `DE${two(check)}${bban}`;
            if (fitsMod97(made)) return pick(made, made.replace(/(.{4})(?=.)/g, '$1 '));
          }
          return undefined;
        }),
        'IBAN ',
      ),
    () =>
      plain(
        'my-number',
        until(() => checked(some(11, digits), fitsMyNumber)),
        pick('マイナンバー: ', '個人番号 ', 'My Number: '),
      ),
    () =>
      plain(
        'my-number',
        fours(
          until(() => checked(some(11, digits), fitsMyNumber)),
          ' ',
        ),
      ),
    () => plain('kr-resident-number', `${two(30 + below(70))}${day()}-${1 + below(2)}${some(6, digits)}`),
    () =>
      plain(
        'kr-resident-number',
        until(() => checked(`${two(30 + below(70))}${day()}${1 + below(2)}${some(5, digits)}`, fitsKoreanResident)),
      ),
    () => plain('kr-resident-number', `2${below(6)}${day()}${3 + below(2)}${some(6, digits)}`, '주민등록번호 '),
    () =>
      plain(
        'cn-resident-id',
        until(() =>
          checked(
            `${pick('110105', '310115', '440305', '510104')}19${two(50 + below(50))}${day()}${some(3, digits)}`,
            fitsChineseResident,
            '0123456789X',
          ),
        ),
      ),
    () =>
      plain(
        'tw-national-id',
        until(() =>
          checked(
            `${some(1, 'ABCDEFGHIJKLMNOPQRSTUVXYWZ')}${pick('1', '2', '8', '9')}${some(7, digits)}`,
            fitsTaiwaneseId,
          ),
        ),
      ),
    () =>
      plain(
        'passport',
        pick(
          () => `T${some(1, 'KRSZ')}${some(7, digits)}`,
          () => `M${some(8, digits)}`,
          () => `E${some(8, digits)}`,
          () => `M${some(3, digits)}A${some(4, digits)}`,
        )(),
        pick('パスポート番号: ', '旅券番号 ', '여권번호: ', '护照号码：', 'passport no. '),
      ),
    () => {
      const number = `T${some(1, 'KRSZ')}${some(7, digits)}`;
      const check = [...digits].find((digit) => fitsTravelDocument(number, digit))!;
      const second = `${number}${check}JPN8001014F3101017${'<'.repeat(14)}06`.padEnd(44, '0').slice(0, 44);
      return { rule: 'passport', value: second, text: `${'P<JPNGENKAN<<HANAKO'.padEnd(44, '<')}\n${second}` };
    },
    () => plain('email', `${some(6).toLowerCase()}.${some(5).toLowerCase()}@contoso.com`),
    () =>
      plain(
        'phone',
        pick(
          () => `090-${some(4, digits)}-${some(4, digits)}`,
          () => `03-${some(4, digits)}-${some(4, digits)}`,
          () => `010-${some(4, digits)}-${some(4, digits)}`,
          () => `0912-${some(3, digits)}-${some(3, digits)}`,
          () => `+81 90 ${some(4, digits)} ${some(4, digits)}`,
          () => `138 ${some(4, digits)} ${some(4, digits)}`,
        )(),
      ),
  ];
  return Array.from({ length: count }, (_, index) => makers[index % makers.length]!());
}
