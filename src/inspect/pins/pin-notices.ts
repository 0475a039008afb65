// What people hear of pins: that a server is no longer what was approved, once a change.
import type { Notice, Notifier } from '../../base/notice.ts';
import { onOneLine } from '../../base/one-line.ts';
import { t } from '../../base/text.ts';
import type { Language, Text } from '../../base/text.ts';
import type { Reason } from './pin-book.ts';
import { digestOf } from './surface.ts';
import type { ItemKind } from './surface.ts';

/** One thing that was noticed of a server. */
export interface Noticed {
  readonly kind: ItemKind;
  readonly name: string;
  readonly digest: string;
  readonly withheld: boolean;
  /** Empty for what the server does not list any more. */
  readonly reasons: readonly Reason[];
}

/** Named in a notice; the rest is counted. */
const maxNamed = 10;

export async function tellOfPins(notifier: Notifier, server: string, noticed: readonly Noticed[]): Promise<void> {
  const key = digestOf(JSON.stringify(noticed.map(({ kind, name, digest }) => [kind, name, digest])));
  const waiting = noticed.filter(({ withheld }) => withheld).length;
  const notice: Notice = {
    kind: 'pin.changed',
    severity: waiting > 0 ? 'critical' : 'warning',
    id: `pin.changed:${server}:${key}`,
    text: (language) => ({
      title: t(waiting > 0 ? texts.withheld : texts.noticed, language, { server, count: waiting || noticed.length }),
      lines: [
        ...noticed.slice(0, maxNamed).map((each) => lineOf(each, language)),
        ...(noticed.length > maxNamed ? [t(texts.more, language, { count: noticed.length - maxNamed })] : []),
        t(waiting > 0 ? texts.look : texts.compare, language, { server }),
      ],
    }),
  };
  await notifier.notify(notice);
}

const lineOf = ({ kind, name, reasons }: Noticed, language: Language): string =>
  `${kind}${name === '' ? '' : ` ${onOneLine(name).slice(0, 120)}`}: ${
    reasons.length === 0 ? t(texts.gone, language) : reasons.map((reason) => reasonText(reason, language)).join('; ')
  }`;

/** Why an item waits, in words. */
export function reasonText(reason: Reason, language: Language): string {
  switch (reason.why) {
    case 'renamed':
      return t(texts.renamed, language, { from: onOneLine(reason.from).slice(0, 120) });
    case 'shadows':
      return t(texts.shadows, language, { name: onOneLine(reason.name).slice(0, 120), server: reason.server });
    case 'refers':
      return t(texts.refers, language, { names: onOneLine(reason.names.join(', ')).slice(0, 300) });
    case 'suspect':
      return t(texts.suspect, language, { rules: onOneLine(reason.rules.join(', ')).slice(0, 300) });
    default:
      return t(texts[reason.why], language);
  }
}

const texts = {
  withheld: {
    en: '{server} is not what was approved: {count} withheld until somebody has looked',
    ja: '{server} は承認時の内容と異なります: {count} 件を確認されるまで保留しています',
    ko: '{server}이(가) 승인된 내용과 다릅니다: 확인될 때까지 {count}건을 보류합니다',
    'zh-Hant': '{server} 與核准時的內容不同:{count} 個項目在有人檢視之前不提供使用',
  },
  noticed: {
    en: '{server} has changed in {count} places',
    ja: '{server} に {count} 件の変更がありました',
    ko: '{server}에서 {count}건이 변경되었습니다',
    'zh-Hant': '{server} 有 {count} 處變更',
  },
  more: { en: 'and {count} more', ja: 'ほか {count} 件', ko: '그 외 {count}건', 'zh-Hant': '以及另外 {count} 個' },
  look: {
    en: 'To see what is different, and to approve it: genkan pin show {server}',
    ja: '差分の確認と承認: genkan pin show {server}',
    ko: '차이 확인 및 승인: genkan pin show {server}',
    'zh-Hant': '檢視差異並核准:genkan pin show {server}',
  },
  compare: {
    en: 'To see what there is: genkan pin list {server}',
    ja: '一覧の確認: genkan pin list {server}',
    ko: '목록 확인: genkan pin list {server}',
    'zh-Hant': '檢視清單:genkan pin list {server}',
  },
  gone: { en: 'not listed any more', ja: '一覧から消えました', ko: '더 이상 목록에 없음', 'zh-Hant': '已不再列出' },
  changed: { en: 'changed', ja: '変更', ko: '변경됨', 'zh-Hant': '已變更' },
  added: { en: 'added later', ja: '後から追加', ko: '나중에 추가됨', 'zh-Hant': '後來新增' },
  'first-contact': {
    en: 'shown for the first time',
    ja: '初回の提示',
    ko: '처음 제시됨',
    'zh-Hant': '首次出現',
  },
  renamed: {
    en: 'was called {from} before',
    ja: '以前の名前は {from}',
    ko: '이전 이름은 {from}',
    'zh-Hant': '先前名為 {from}',
  },
  shadows: {
    en: 'takes the name of {name} of {server}',
    ja: '{server} の {name} と紛らわしい名前',
    ko: '{server}의 {name}와(과) 혼동되는 이름',
    'zh-Hant': '名稱與 {server} 的 {name} 混淆',
  },
  refers: {
    en: 'gives orders about {names} of another server',
    ja: '別のサーバーの {names} について指図している',
    ko: '다른 서버의 {names}에 대해 지시함',
    'zh-Hant': '對其他伺服器的 {names} 下達指示',
  },
  suspect: {
    en: 'looks like an attack ({rules})',
    ja: '攻撃の疑い（{rules}）',
    ko: '공격으로 의심됨({rules})',
    'zh-Hant': '疑似攻擊({rules})',
  },
} satisfies Record<string, Text>;
