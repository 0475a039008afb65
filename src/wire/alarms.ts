// What people outside hear when records cannot be written.
import type { Log } from '../base/log.ts';
import { t } from '../base/text.ts';
import type { Text } from '../base/text.ts';
import type { Notify } from '../notify/notify.ts';
import type { Gap } from '../record/gap.ts';

export interface Alarms {
  readonly recordUnavailable: (gap: Gap) => void;
}

/** @param notices how people hear of things; known only once the record is open */
export function createAlarms(notices: () => Pick<Notify, 'alarm'>, log: Log): Alarms {
  return {
    recordUnavailable({ notRecorded, fromMs, reason }) {
      const goesOn = notRecorded > 0;
      notices()
        .alarm({
          kind: 'record.unavailable',
          severity: 'critical',
          id: `record.unavailable:${fromMs}`,
          text: (language) => ({
            title: t(texts.title, language),
            lines: [t(goesOn ? texts.open : texts.closed, language), t(texts.reason, language, { reason })],
          }),
        })
        .catch((error: unknown) => log.error({ err: error }, 'an alarm was not sent'));
    },
  };
}

const texts = {
  title: {
    en: 'Audit records cannot be written',
    ja: '監査記録を書き込めません',
    ko: '감사 기록을 쓸 수 없습니다',
    'zh-Hant': '無法寫入稽核記錄',
  },
  closed: {
    en: 'Every call is refused until they can be written again.',
    ja: '書き込めるようになるまで、すべての呼び出しを拒否します。',
    ko: '다시 쓸 수 있을 때까지 모든 호출을 거부합니다.',
    'zh-Hant': '在恢復寫入之前，所有呼叫都會遭到拒絕。',
  },
  open: {
    en: 'Calls go on without their records, as record.fail: open says. How many were not recorded will stand in the log.',
    ja: 'record.fail: open の設定に従い、呼び出しは記録なしで続行されます。記録されなかった件数は、後でログに残ります。',
    ko: 'record.fail: open 설정에 따라 호출은 기록 없이 계속됩니다. 기록되지 않은 건수는 나중에 로그에 남습니다.',
    'zh-Hant': '依 record.fail: open 的設定，呼叫會在沒有記錄的情況下繼續。未記錄的筆數之後會寫入記錄檔。',
  },
  reason: {
    en: 'Reason: {reason}',
    ja: '理由: {reason}',
    ko: '원인: {reason}',
    'zh-Hant': '原因：{reason}',
  },
} satisfies Record<string, Text>;
