// What the trial prints once it is open: where it listens, who one can be, and what to do next.
import { t } from '../base/text.ts';
import type { Language, Text } from '../base/text.ts';
import { installLinks } from './install-links.ts';
import type { TrialPerson } from './people.ts';

const texts = {
  open: {
    en: 'Genkan is open at {url}',
    ja: 'Genkan が {url} で待ち受けています',
    ko: 'Genkan이 {url}에서 열렸습니다',
    'zh-Hant': 'Genkan 已在 {url} 開啟',
  },
  trial: {
    en: 'This is a trial: anybody on this machine can be anybody. The servers are not isolated from this machine.',
    ja: '試用モードです。このマシンを使える人は、だれにでもなれます。サーバーはこのマシンから隔離されていません。',
    ko: '체험 모드입니다. 이 컴퓨터를 쓰는 사람은 누구든 될 수 있습니다. 서버는 이 컴퓨터와 격리되어 있지 않습니다.',
    'zh-Hant': '這是試用模式：使用這台電腦的任何人都可以成為任何人。伺服器並未與這台電腦隔離。',
  },
  people: {
    en: 'People to sign in as',
    ja: 'サインインできる人',
    ko: '로그인할 수 있는 사람',
    'zh-Hant': '可登入的人員',
  },
  servers: { en: 'MCP addresses', ja: 'MCP アドレス', ko: 'MCP 주소', 'zh-Hant': 'MCP 位址' },
  all: { en: 'all of them', ja: 'すべて', ko: '전체', 'zh-Hant': '全部' },
  shut: {
    en: 'shut until approved: {command}',
    ja: '承認されるまで使えません: {command}',
    ko: '승인될 때까지 사용할 수 없음: {command}',
    'zh-Hant': '核准前無法使用：{command}',
  },
  connect: {
    en: 'Add it to a client (the browser then opens by itself)',
    ja: 'クライアントへの追加 (サインイン画面は自動で開きます)',
    ko: '클라이언트에 추가 (브라우저는 자동으로 열립니다)',
    'zh-Hant': '加入用戶端（瀏覽器會自動開啟）',
  },
  next: { en: 'Next', ja: '次の手順', ko: '다음 단계', 'zh-Hant': '接下來' },
  demo: {
    en: 'a journey through all of this, without a client',
    ja: 'クライアントなしで一通りの流れを見る',
    ko: '클라이언트 없이 전체 흐름 살펴보기',
    'zh-Hant': '不需用戶端即可走完整個流程',
  },
  audit: {
    en: 'what has happened, and the proof',
    ja: '何が起きたかと、その証明',
    ko: '무슨 일이 있었는지와 그 증명',
    'zh-Hant': '發生過的事與其證明',
  },
  explain: {
    en: 'why a call is refused',
    ja: '呼び出しが拒否される理由',
    ko: '호출이 거부되는 이유',
    'zh-Hant': '呼叫被拒絕的原因',
  },
  stop: {
    en: 'Ctrl+C stops it. Data and keys stay in {data}; {reset} empties it.',
    ja: 'Ctrl+C で停止します。データと鍵は {data} に残り、{reset} で空にできます。',
    ko: 'Ctrl+C로 중지합니다. 데이터와 키는 {data}에 남으며 {reset}(으)로 비울 수 있습니다.',
    'zh-Hant': '按 Ctrl+C 停止。資料與金鑰保留在 {data}，可用 {reset} 清空。',
  },
} satisfies Record<string, Text>;

export interface Welcome {
  readonly publicUrl: string;
  readonly people: readonly TrialPerson[];
  readonly servers: readonly { readonly name: string; readonly title?: string; readonly approved: boolean }[];
  readonly dataDirectory: string;
}

const command = (words: string): string => `npm run -s genkan -- ${words}`;

/** The whole text, ending in a line break. */
export function welcome({ publicUrl, people, servers, dataDirectory }: Welcome, language: Language): string {
  const say = (key: keyof typeof texts, params: Record<string, string> = {}): string => t(texts[key], language, params);
  const notes = new Map(
    servers.map(({ name, title = '', approved }) => [
      `${publicUrl}/mcp/${name}`,
      approved ? title : say('shut', { command: command(`server approve ${name}`) }),
    ]),
  );
  const sections = [
    [`玄関 ${say('open', { url: publicUrl })}`, say('trial')],
    [say('people'), ...columns(people.map(({ id, groups, note }) => [id, groups.join(', '), t(note, language)]))],
    [say('servers'), ...columns([...notes, [`${publicUrl}/mcp`, say('all')]])],
    [say('connect'), ...columns(installLinks('genkan', `${publicUrl}/mcp`).map(({ client, way }) => [client, way]))],
    [
      say('next'),
      ...columns([
        ['npm run demo', say('demo')],
        [command('audit list'), say('audit')],
        [command('audit verify'), ''],
        [command(`access explain --as dana --server azure --tool compute_vm_delete`), say('explain')],
      ]),
    ],
    [say('stop', { data: dataDirectory, reset: command('trial reset') })],
  ];
  return `\n${sections.map((lines) => lines.join('\n')).join('\n\n')}\n\n`;
}

/** Indented rows whose cells, but for the last, are as wide as their column. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_cell, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    `  ${row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at]!))).join('  ')}`.trimEnd(),
  );
}
