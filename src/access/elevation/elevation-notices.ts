// What people hear of elevations: that one has begun or ended, and the alarm of an emergency.
import type { Notice, Notifier } from '../../base/notice.ts';
import { onOneLine } from '../../base/one-line.ts';
import { t } from '../../base/text.ts';
import type { Text } from '../../base/text.ts';
import type { Approver } from '../approvals/approval.ts';
import { requestPage } from './elevation.ts';
import type { Elevation, EndReason } from './elevation.ts';

export interface ElevationNotices {
  /** What enforces it as well has not begun yet; `outside` says why. */
  waiting(elevation: Elevation): Promise<void>;
  started(elevation: Elevation): Promise<void>;
  /** @param page where the person can do something about it */
  ended(elevation: Elevation, page?: string): Promise<void>;
}

/** @param reviewers who hears of each emergency, and looks at it afterwards */
export function createElevationNotices(
  notifier: Notifier,
  publicUrl: string,
  reviewers: () => Promise<readonly Approver[]>,
): ElevationNotices {
  const tell = async (
    elevation: Elevation,
    phase: 'waiting' | 'started' | 'ended',
    title: Text,
    lines: readonly Text[],
    page = requestPage(publicUrl),
  ): Promise<void> => {
    const { id, kind, person, role, scope, justification, openedBy, ended } = elevation;
    const isAlarm = kind === 'break-glass';
    const to: Notice['to'] = isAlarm
      ? (await reviewers()).filter((approver) => approver.kind !== 'operator')
      : [{ kind: 'user', ...person }];
    const params = {
      who: onOneLine(person.name),
      role: onOneLine(role),
      scope,
      why: onOneLine(justification),
      status: onOneLine(elevation.outside?.status ?? ''),
      by: onOneLine(openedBy),
      until: readable(elevation.endsAtMs),
      at: readable(ended?.atMs ?? elevation.endsAtMs),
    };
    const reason = endReasons[ended?.reason ?? 'time'];
    await notifier.notify({
      kind: isAlarm ? 'break-glass' : `elevation.${phase}`,
      severity: isAlarm ? (phase === 'started' ? 'critical' : 'warning') : 'info',
      id: `elevation.${phase}:${id}`,
      to,
      url: page,
      text: (language) => ({
        title: t(title, language, params),
        lines: lines.map((line) => t(line, language, { ...params, reason: t(reason, language) })),
      }),
    });
  };

  return {
    waiting: (elevation) => tell(elevation, 'waiting', texts.waiting, [texts.azure]),
    started: (elevation) =>
      elevation.kind === 'break-glass'
        ? tell(elevation, 'started', texts.alarm, [texts.because, texts.until, texts.openedBy])
        : tell(elevation, 'started', texts.started, [
            texts.until,
            elevation.enforcedBy === 'genkan' ? texts.own : texts.both,
          ]),
    ended: (elevation, page) =>
      elevation.kind === 'break-glass'
        ? tell(elevation, 'ended', texts.alarmOver, [texts.ended, texts.review])
        : elevation.ended?.reason === 'activation'
          ? tell(elevation, 'ended', texts.notActivated, [texts.azure, texts.again], page)
          : tell(elevation, 'ended', texts.over, [texts.ended]),
  };
}

const readable = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

const endReasons: Readonly<Record<EndReason, Text>> = {
  time: { en: 'its time was over', ja: '期限切れ', ko: '기간 만료', 'zh-Hant': '時間已到' },
  holder: {
    en: 'the holder has ended it',
    ja: '本人による終了',
    ko: '본인이 종료',
    'zh-Hant': '由本人結束',
  },
  administrator: {
    en: 'an administrator has ended it',
    ja: '管理者による終了',
    ko: '관리자가 종료',
    'zh-Hant': '由管理員結束',
  },
  eligibility: {
    en: 'the person is no longer eligible',
    ja: '資格の喪失',
    ko: '자격 상실',
    'zh-Hant': '已不具資格',
  },
  person: {
    en: 'the person may no longer come in',
    ja: '本人のアクセス停止',
    ko: '본인의 접근 중지',
    'zh-Hant': '本人的存取權已停用',
  },
  activation: {
    en: 'Azure has not activated it',
    ja: 'Azure による有効化の失敗',
    ko: 'Azure에서 활성화되지 않음',
    'zh-Hant': 'Azure 未予啟用',
  },
};

const texts = {
  waiting: {
    en: '{role} at {scope} waits for Azure',
    ja: '{scope} の {role} は Azure での処理待ちです',
    ko: '{scope}의 {role} 역할이 Azure의 처리를 기다리고 있습니다',
    'zh-Hant': '{scope} 的 {role} 角色正在等待 Azure 處理',
  },
  notActivated: {
    en: 'Azure has not activated {role} at {scope} for {who}',
    ja: 'Azure は {who} の {scope} での {role} を有効化しませんでした',
    ko: 'Azure가 {who} 님의 {scope} {role} 역할을 활성화하지 않았습니다',
    'zh-Hant': 'Azure 未為 {who} 啟用 {scope} 的 {role} 角色',
  },
  azure: {
    en: 'Azure says: {status}',
    ja: 'Azure の応答: {status}',
    ko: 'Azure 응답: {status}',
    'zh-Hant': 'Azure 的回應:{status}',
  },
  again: {
    en: 'Nothing has begun here either. When that is mended, request it again.',
    ja: 'Genkan でも開始されていません。解消してから改めて申請してください。',
    ko: 'Genkan에서도 시작되지 않았습니다. 해결한 뒤 다시 요청하세요.',
    'zh-Hant': 'Genkan 亦未開始。排除問題後請重新申請。',
  },
  both: {
    en: 'Azure has activated it too (Privileged Identity Management).',
    ja: 'Azure 側でも有効化されました（Privileged Identity Management）。',
    ko: 'Azure에서도 활성화되었습니다(Privileged Identity Management).',
    'zh-Hant': 'Azure 亦已啟用(Privileged Identity Management)。',
  },
  started: {
    en: '{who} now holds {role} at {scope}',
    ja: '{who} に {scope} での {role} が付与されました',
    ko: '{who} 님이 {scope}에서 {role} 역할을 갖습니다',
    'zh-Hant': '{who} 現已取得 {scope} 的 {role} 角色',
  },
  over: {
    en: '{who} no longer holds {role} at {scope}',
    ja: '{who} の {scope} での {role} が終了しました',
    ko: '{who} 님의 {scope} {role} 역할이 끝났습니다',
    'zh-Hant': '{who} 在 {scope} 的 {role} 角色已結束',
  },
  alarm: {
    en: 'EMERGENCY: {who} has taken {role} at {scope} without approval',
    ja: '緊急: {who} が承認なしで {scope} の {role} を取得しました',
    ko: '긴급: {who} 님이 승인 없이 {scope}의 {role} 역할을 취득했습니다',
    'zh-Hant': '緊急:{who} 未經核准取得 {scope} 的 {role} 角色',
  },
  alarmOver: {
    en: 'The emergency access of {who} is over and waits for its review',
    ja: '{who} の緊急アクセスが終了しました。事後レビューが必要です',
    ko: '{who} 님의 긴급 액세스가 끝났습니다. 사후 검토가 필요합니다',
    'zh-Hant': '{who} 的緊急存取已結束,等待事後審查',
  },
  because: { en: 'Reason: {why}', ja: '理由: {why}', ko: '사유: {why}', 'zh-Hant': '理由:{why}' },
  until: {
    en: 'It ends by itself at {until} (UTC).',
    ja: '終了予定: {until}（UTC）。',
    ko: '자동 종료: {until}(UTC).',
    'zh-Hant': '將於 {until}(UTC)自動結束。',
  },
  openedBy: { en: 'Opened by: {by}', ja: '実行者: {by}', ko: '실행자: {by}', 'zh-Hant': '執行者:{by}' },
  own: {
    en: "It is Genkan's own elevation: Azure itself knows nothing of it.",
    ja: 'これは Genkan 独自の昇格です。Azure 側には反映されません。',
    ko: 'Genkan 자체의 권한 상승이며, Azure에는 반영되지 않습니다.',
    'zh-Hant': '這是 Genkan 自有的權限提升,Azure 本身並不知情。',
  },
  ended: {
    en: 'Ended at {at} (UTC): {reason}.',
    ja: '終了: {at}（UTC）、{reason}。',
    ko: '종료: {at}(UTC), {reason}.',
    'zh-Hant': '結束時間:{at}(UTC),{reason}。',
  },
  review: {
    en: 'A reviewer, never the one who used it, has to write down what they find: genkan break-glass list.',
    ja: '使用した本人以外のレビュー担当者が結果を記録してください: genkan break-glass list',
    ko: '사용한 본인이 아닌 검토자가 결과를 기록해야 합니다: genkan break-glass list',
    'zh-Hant': '須由使用者本人以外的審查者記錄結果:genkan break-glass list',
  },
} satisfies Record<string, Text>;
