// What people hear of approvals: approvers that somebody waits for them, requesters what became of it.
import type { Notice, Notifier } from '../../base/notice.ts';
import { onOneLine } from '../../base/one-line.ts';
import { t } from '../../base/text.ts';
import type { Text } from '../../base/text.ts';
import type { Approval } from './approval.ts';

/** Where somebody looks at an approval and decides on it. Opening it changes nothing. */
export const approvalUrl = (publicUrl: string, id: string): string => `${publicUrl}/approvals/${id}`;

/** A book of approvals that tells people of what it does. The book comes first: nobody hears of what is not in it. */
export interface ApprovalNotices {
  requested(approval: Approval): Promise<void>;
  decided(approval: Approval): Promise<void>;
}

/** @param failed hears of a notice that could not be kept: what it tells of has happened all the same */
export function createApprovalNotices(
  notifier: Notifier,
  publicUrl: string,
  failed: (error: unknown) => void,
): ApprovalNotices {
  const noticeOf = (
    approval: Approval,
    { kind, title, lines, to }: Pick<Notice, 'kind' | 'to'> & { readonly title: Text; readonly lines: readonly Text[] },
  ): Notice => {
    const { id, subject, requester, justification, expiresAtMs, decision } = approval;
    const params = {
      who: onOneLine(requester.name),
      what: onOneLine(subject),
      // A line that somebody else wrote is not to look like one of ours.
      why: justification === '' ? '–' : onOneLine(justification),
      until: new Date(expiresAtMs).toISOString().slice(0, 16).replace('T', ' '),
      by: onOneLine(decision?.name ?? ''),
      comment: onOneLine(decision?.comment ?? ''),
    };
    return {
      kind,
      severity: approval.kind === 'call' || kind === 'approval.decided' ? 'info' : 'warning',
      id: `${kind}:${id}`,
      to: to ?? [],
      url: approvalUrl(publicUrl, id),
      text: (language) => ({
        title: t(title, language, params),
        lines: lines.map((line) => t(line, language, params)),
      }),
    };
  };

  const tell = (notice: Notice): Promise<void> => notifier.notify(notice).catch(failed);

  return {
    requested: (approval) =>
      tell(
        noticeOf(approval, {
          kind: 'approval.requested',
          title: texts[approval.kind],
          lines: [texts.because, texts.until],
          to: approval.approvers.filter((approver) => approver.kind !== 'operator'),
        }),
      ),
    decided: (approval) =>
      tell(
        noticeOf(approval, {
          kind: 'approval.decided',
          title: approval.state === 'approved' ? texts.approved : texts.denied,
          lines: approval.decision?.comment ? [texts.comment] : [],
          to: [{ kind: 'user', ...approval.requester }],
        }),
      ),
  };
}

const texts = {
  elevation: {
    en: '{who} asks for an elevation: {what}',
    ja: '{who} が昇格を申請しています: {what}',
    ko: '{who} 님이 권한 상승을 요청합니다: {what}',
    'zh-Hant': '{who} 申請提升權限:{what}',
  },
  extension: {
    en: '{who} asks to extend an elevation: {what}',
    ja: '{who} が昇格の延長を申請しています: {what}',
    ko: '{who} 님이 권한 상승 연장을 요청합니다: {what}',
    'zh-Hant': '{who} 申請延長提升的權限:{what}',
  },
  call: {
    en: 'A call of {who} waits for an approval: {what}',
    ja: '{who} の呼び出しが承認を待っています: {what}',
    ko: '{who} 님의 호출이 승인을 기다립니다: {what}',
    'zh-Hant': '{who} 的呼叫正在等待核准:{what}',
  },
  'policy-change': {
    en: '{who} proposes a change of the access policy: {what}',
    ja: '{who} がアクセス ポリシーの変更を提案しています: {what}',
    ko: '{who} 님이 액세스 정책 변경을 제안합니다: {what}',
    'zh-Hant': '{who} 提議變更存取原則:{what}',
  },
  because: { en: 'Justification: {why}', ja: '理由: {why}', ko: '사유: {why}', 'zh-Hant': '理由:{why}' },
  until: {
    en: 'It can be decided until {until} (UTC).',
    ja: '期限: {until}（UTC）。',
    ko: '결정 기한: {until}(UTC).',
    'zh-Hant': '決定期限:{until}(UTC)。',
  },
  approved: {
    en: '{by} has approved: {what}',
    ja: '{by} が承認しました: {what}',
    ko: '{by} 님이 승인했습니다: {what}',
    'zh-Hant': '{by} 已核准:{what}',
  },
  denied: {
    en: '{by} has not approved: {what}',
    ja: '{by} が承認しませんでした: {what}',
    ko: '{by} 님이 승인하지 않았습니다: {what}',
    'zh-Hant': '{by} 未核准:{what}',
  },
  comment: { en: 'Comment: {comment}', ja: 'コメント: {comment}', ko: '의견: {comment}', 'zh-Hant': '意見:{comment}' },
} satisfies Record<string, Text>;
