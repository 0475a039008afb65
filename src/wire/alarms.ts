// What people outside hear when records cannot be written, or a log is not what was published of it.
import { hash } from 'node:crypto';
import type { Log } from '../base/log.ts';
import { t } from '../base/text.ts';
import type { Text } from '../base/text.ts';
import type { Notify } from '../notify/notify.ts';
import type { Notice } from '../base/notice.ts';
import type { Gap } from '../record/gap.ts';
import type { Trouble } from '../record/witness/publisher.ts';
import type { Silent } from '../record/witness/silence.ts';
import type { Refused } from '../record/witness/witness.ts';

export interface Alarms {
  readonly recordUnavailable: (gap: Gap) => void;
  /** A witness of ours takes no checkpoints, or has seen another history. */
  readonly checkpointNotTaken: (trouble: Trouble) => void;
  /** A log that we are a witness for shows two histories. */
  /** Such a log shows itself no longer. */
  readonly logSilent: (silent: Silent) => void;
  readonly logForked: (refused: Pick<Refused, 'origin' | 'shown'>) => void;
}

/** @param notices how people hear of things; known only once the record is open */
export function createAlarms(notices: () => Pick<Notify, 'alarm'>, log: Log): Alarms {
  function alarm(notice: Notice): void {
    notices()
      .alarm(notice)
      .catch((error: unknown) => log.error({ err: error }, 'an alarm was not sent'));
  }

  return {
    recordUnavailable({ notRecorded, fromMs, reason }) {
      const goesOn = notRecorded > 0;
      alarm({
        kind: 'record.unavailable',
        severity: 'critical',
        id: `record.unavailable:${fromMs}`,
        text: (language) => ({
          title: t(texts.title, language),
          lines: [t(goesOn ? texts.open : texts.closed, language), t(texts.reason, language, { reason })],
        }),
      });
    },
    checkpointNotTaken({ witness, sinceMs, reason, contradicts }) {
      const which = contradicts ? 'contradicted' : 'behind';
      alarm({
        kind: 'record.witness',
        severity: contradicts ? 'critical' : 'warning',
        id: `record.witness:${which}:${witness}:${sinceMs}`,
        text: (language) => ({
          title: t(texts[which], language, { witness }),
          lines: [t(texts[`${which}Line`], language), t(texts.reason, language, { reason })],
        }),
      });
    },
    logSilent({ origin, sinceMs }) {
      alarm({
        kind: 'record.witness',
        severity: 'warning',
        id: `record.witness:silent:${origin}:${sinceMs}`,
        text: (language) => ({
          title: t(texts.silent, language, { origin }),
          lines: [t(texts.silentLine, language, { since: new Date(sinceMs).toISOString() })],
        }),
      });
    },
    logForked({ origin, shown }) {
      alarm({
        kind: 'record.witness',
        severity: 'critical',
        id: `record.witness:fork:${hash('sha256', shown)}`,
        text: (language) => ({
          title: t(texts.forked, language, { origin }),
          lines: [t(texts.forkedLine, language)],
        }),
      });
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
  behind: {
    en: 'The witness {witness} takes no checkpoints of the audit log',
    ja: '監査ログのチェックポイントが証人 {witness} に受け取られていません',
    ko: '증인 {witness}이(가) 감사 로그의 체크포인트를 받지 않고 있습니다',
    'zh-Hant': '見證者 {witness} 未接收稽核記錄的檢查點',
  },
  behindLine: {
    en: 'What is recorded meanwhile could be rewritten by whoever holds this machine and its key.',
    ja: 'その間の記録は、このマシンと署名鍵を手にした者に書き換えられるおそれがあります。',
    ko: '그동안의 기록은 이 컴퓨터와 서명 키를 가진 사람이 다시 쓸 수 있습니다.',
    'zh-Hant': '在此期間的記錄，可能遭掌握此機器與簽署金鑰的人改寫。',
  },
  contradicted: {
    en: 'The audit log does not continue what the witness {witness} has seen of it',
    ja: '監査ログが、証人 {witness} の確認した内容の続きになっていません',
    ko: '감사 로그가 증인 {witness}이(가) 확인한 내용과 이어지지 않습니다',
    'zh-Hant': '稽核記錄與見證者 {witness} 先前所見的內容不連續',
  },
  contradictedLine: {
    en: 'It was rewritten, cut, or put back from a copy. Keep this machine as it is and compare: genkan audit verify --against FILE',
    ja: 'ログは書き換えられたか、切り詰められたか、古いコピーから復元されています。マシンをそのまま保全し、照合してください: genkan audit verify --against FILE',
    ko: '로그가 다시 쓰였거나, 잘렸거나, 이전 복사본에서 복원되었습니다. 컴퓨터를 그대로 보존하고 비교하세요: genkan audit verify --against FILE',
    'zh-Hant': '記錄已遭改寫、截短，或由舊複本還原。請保持此機器原狀並進行比對：genkan audit verify --against FILE',
  },
  silent: {
    en: 'The audit log {origin} shows itself no longer',
    ja: '監査ログ {origin} からチェックポイントが届かなくなっています',
    ko: '감사 로그 {origin}에서 체크포인트가 더 이상 오지 않습니다',
    'zh-Hant': '稽核記錄 {origin} 已不再送來檢查點',
  },
  silentLine: {
    en: 'The last checkpoint came at {since}. Either it cannot reach us, or somebody keeps it from doing so.',
    ja: '最後のチェックポイントは {since} に届きました。接続できないか、誰かが送信を妨げています。',
    ko: '마지막 체크포인트는 {since}에 도착했습니다. 연결할 수 없거나 누군가 전송을 막고 있습니다.',
    'zh-Hant': '最後一個檢查點於 {since} 送達。可能是連線中斷，或有人阻止其送出。',
  },
  forked: {
    en: 'The audit log {origin} shows two histories',
    ja: '監査ログ {origin} が 2 つの異なる履歴を示しています',
    ko: '감사 로그 {origin}이(가) 서로 다른 두 개의 이력을 제시합니다',
    'zh-Hant': '稽核記錄 {origin} 出現兩份不同的歷史',
  },
  forkedLine: {
    en: 'Two checkpoints signed by its key have the same size and other contents. Both are in our own audit log: action witness.refuse.',
    ja: '同じ鍵で署名された 2 つのチェックポイントは、件数が同じで内容が異なります。両方とも当方の監査ログにあります (アクション witness.refuse)。',
    ko: '같은 키로 서명된 두 체크포인트가 크기는 같고 내용이 다릅니다. 둘 다 이쪽 감사 로그에 있습니다(작업 witness.refuse).',
    'zh-Hant': '由同一金鑰簽署的兩個檢查點筆數相同但內容不同。兩者皆已記入我方稽核記錄（動作 witness.refuse）。',
  },
} satisfies Record<string, Text>;
