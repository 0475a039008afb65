// What people read when records do not reach a sink.
import type { Notice } from '../../base/notice.ts';
import { t } from '../../base/text.ts';
import type { Text } from '../../base/text.ts';

export const behindNotice = (sink: string, sinceMs: number, records: number, reason?: string): Notice => ({
  kind: 'export.behind',
  severity: 'warning',
  id: `export.behind:${sink}:${sinceMs}`,
  text: (language) => ({
    title: t(texts.behind, language, { sink }),
    lines: [
      t(texts.waiting, language, { records, since: new Date(sinceMs).toISOString() }),
      ...(reason === undefined ? [] : [t(texts.reason, language, { reason })]),
      t(texts.nothingLost, language),
    ],
  }),
});

export const wellNotice = (sink: string, sinceMs: number): Notice => ({
  kind: 'export.behind',
  severity: 'info',
  id: `export.recovered:${sink}:${sinceMs}`,
  text: (language) => ({ title: t(texts.well, language, { sink }), lines: [t(texts.delivered, language)] }),
});

/** Once a day: a receiver that refuses one record often refuses many. */
export const setAsideNotice = (sink: string, day: number, records: number, reason: string): Notice => ({
  kind: 'export.set-aside',
  severity: 'warning',
  id: `export.set-aside:${sink}:${day}`,
  text: (language) => ({
    title: t(texts.refused, language, { sink }),
    lines: [
      t(texts.setAside, language, { records }),
      t(texts.reason, language, { reason }),
      t(texts.retry, language, { sink }),
    ],
  }),
});

export const missedNotice = (sink: string, from: number, to: number): Notice => ({
  kind: 'export.set-aside',
  severity: 'critical',
  id: `export.missed:${sink}:${from}`,
  text: (language) => ({
    title: t(texts.missed, language, { sink }),
    lines: [t(texts.removed, language, { from, to }), t(texts.keep, language)],
  }),
});

/** @param common the newest record that is known to stand in both */
export const aheadNotice = (sink: string, acknowledged: number, common: number): Notice => ({
  kind: 'export.behind',
  severity: 'critical',
  id: `export.ahead:${sink}:${acknowledged}:${common}`,
  text: (language) => ({
    title: t(texts.ahead, language, { sink }),
    lines: [t(texts.lost, language, { acknowledged }), t(texts.again, language, { from: common + 1 })],
  }),
});

const texts = {
  behind: {
    en: 'Audit records do not reach {sink}',
    ja: '監査記録が {sink} に届いていません',
    ko: '감사 기록이 {sink}에 도달하지 않습니다',
    'zh-Hant': '稽核記錄未送達 {sink}',
  },
  waiting: {
    en: '{records} records wait, since {since}.',
    ja: '{since} から {records} 件の記録が待機しています。',
    ko: '{since}부터 기록 {records}건이 대기 중입니다.',
    'zh-Hant': '自 {since} 起有 {records} 筆記錄在等待。',
  },
  reason: {
    en: 'Reason: {reason}',
    ja: '理由: {reason}',
    ko: '원인: {reason}',
    'zh-Hant': '原因：{reason}',
  },
  nothingLost: {
    en: 'Nothing is lost: they stay in the audit log and are delivered as soon as it can be done.',
    ja: '失われた記録はありません。監査ログに残り、配信できるようになり次第送られます。',
    ko: '손실된 기록은 없습니다. 감사 로그에 남아 있으며 전달할 수 있게 되면 바로 전달됩니다.',
    'zh-Hant': '沒有任何記錄遺失：它們保留在稽核記錄檔中，一旦可以送達便會送出。',
  },
  well: {
    en: 'Audit records reach {sink} again',
    ja: '監査記録が再び {sink} に届くようになりました',
    ko: '감사 기록이 다시 {sink}에 도달합니다',
    'zh-Hant': '稽核記錄已恢復送達 {sink}',
  },
  delivered: {
    en: 'All that waited has been delivered.',
    ja: '待機していた記録はすべて配信されました。',
    ko: '대기하던 기록이 모두 전달되었습니다.',
    'zh-Hant': '等待中的記錄已全部送達。',
  },
  refused: {
    en: '{sink} refuses audit records',
    ja: '{sink} が監査記録を拒否しています',
    ko: '{sink}이(가) 감사 기록을 거부합니다',
    'zh-Hant': '{sink} 拒收稽核記錄',
  },
  setAside: {
    en: '{records} were set aside, so that the others go on. They stay in the audit log.',
    ja: 'ほかの記録を進めるため、{records} 件を取り分けました。監査ログには残っています。',
    ko: '다른 기록이 계속 전달되도록 {records}건을 따로 두었습니다. 감사 로그에는 남아 있습니다.',
    'zh-Hant': '為了讓其他記錄繼續送出，已擱置 {records} 筆。它們仍保留在稽核記錄檔中。',
  },
  retry: {
    en: 'Deliver them once the cause is gone: genkan export retry {sink}',
    ja: '原因を取り除いたら配信してください: genkan export retry {sink}',
    ko: '원인을 해결한 뒤 전달하세요: genkan export retry {sink}',
    'zh-Hant': '排除原因後即可送出：genkan export retry {sink}',
  },
  missed: {
    en: '{sink} has missed audit records for good',
    ja: '{sink} に届かないまま失われた監査記録があります',
    ko: '{sink}이(가) 받지 못한 채 삭제된 감사 기록이 있습니다',
    'zh-Hant': '有稽核記錄永遠無法送達 {sink}',
  },
  removed: {
    en: 'Records {from} to {to} were removed by record.retention before they were delivered.',
    ja: '記録 {from} ～ {to} は、配信される前に record.retention により削除されました。',
    ko: '기록 {from}~{to}은(는) 전달되기 전에 record.retention에 따라 삭제되었습니다.',
    'zh-Hant': '記錄 {from} 至 {to} 在送達之前已依 record.retention 移除。',
  },
  keep: {
    en: 'With keepUntilDelivered: true they would have been kept.',
    ja: 'keepUntilDelivered: true にすると、配信されるまで保持されます。',
    ko: 'keepUntilDelivered: true로 설정하면 전달될 때까지 보관됩니다.',
    'zh-Hant': '設為 keepUntilDelivered: true 便會保留到送達為止。',
  },
  ahead: {
    en: '{sink} has audit records that the audit log has lost',
    ja: '{sink} には、監査ログから失われた監査記録があります',
    ko: '감사 로그에서 사라진 감사 기록이 {sink}에 있습니다',
    'zh-Hant': '{sink} 擁有稽核記錄檔已遺失的稽核記錄',
  },
  lost: {
    en: 'It has acknowledged record {acknowledged}, and in the log another one stands there, or none: it was put back from a copy, or cut.',
    ja: '記録 {acknowledged} まで受領済みですが、ログの同じ位置には別の記録があるか、何もありません。コピーから復元されたか、切り詰められています。',
    ko: '기록 {acknowledged}까지 수신이 확인되었지만 로그의 그 자리에는 다른 기록이 있거나 아무것도 없습니다. 복사본에서 복원되었거나 잘렸습니다.',
    'zh-Hant':
      '它已確認收到記錄 {acknowledged}，但記錄檔的該位置是另一筆記錄，或沒有記錄：記錄檔是由複本還原，或遭截短。',
  },
  again: {
    en: 'All records from {from} on are delivered, some of them once more. What was lost keeps an eventId of its own: it may be all that is left of it.',
    ja: '記録 {from} 以降はすべて配信され、一部は重複します。失われた記録の eventId は別のものです。届いた分が唯一の写しかもしれないため、残しておいてください。',
    ko: '기록 {from}부터 모두 전달되며 일부는 다시 전달됩니다. 사라진 기록은 eventId가 따로 있고 그쪽에만 남아 있을 수 있으니 보관하세요.',
    'zh-Hant':
      '從 {from} 起的記錄都會送出，其中一部分會重複。遺失的記錄各有自己的 eventId，對方那一份可能是僅存的，請保留。',
  },
} satisfies Record<string, Text>;
