// What reviewers hear of reviews: that one will begin, that some of it is left, and how it ended.
import type { Notice, Notifier } from '../../base/notice.ts';
import { t } from '../../base/text.ts';
import type { Text } from '../../base/text.ts';
import type { Approver } from '../approvals/approval.ts';
import type { Review, ReviewFigures } from './review.ts';

export interface ReviewNotices {
  upcoming(campaign: string, atMs: number, reviewers: readonly Approver[]): Promise<void>;
  /** @param round tells one reminder from the next */
  reminder(review: Review, figures: ReviewFigures, round: number): Promise<void>;
  completed(review: Review, figures: ReviewFigures): Promise<void>;
}

export function createReviewNotices(notifier: Notifier): ReviewNotices {
  const say = (
    { kind, id, reviewers }: Pick<Notice, 'kind' | 'id'> & { readonly reviewers: readonly Approver[] },
    title: Text,
    lines: readonly Text[],
    params: Record<string, string | number>,
  ): Promise<void> =>
    notifier.notify({
      kind,
      severity: 'info',
      id,
      to: reviewers.filter((reviewer) => reviewer.kind !== 'operator'),
      text: (language) => ({
        title: t(title, language, params),
        lines: lines.map((line) => t(line, language, params)),
      }),
    });

  return {
    upcoming: (campaign, atMs, reviewers) =>
      say({ kind: 'review.upcoming', id: `upcoming:${campaign}:${atMs}`, reviewers }, texts.upcoming, [], {
        name: campaign,
        when: day(atMs),
      }),
    reminder: (review, figures, round) =>
      say(
        { kind: 'review.reminder', id: `reminder:${review.id}:${round}`, reviewers: review.terms.reviewers },
        texts.reminder,
        [texts.left, texts.how],
        { name: nameOf(review), when: day(review.endsAtMs), id: review.id, ...figures },
      ),
    completed: (review, figures) =>
      say(
        { kind: 'review.completed', id: `completed:${review.id}`, reviewers: review.terms.reviewers },
        texts.completed,
        [texts.result],
        { name: nameOf(review), id: review.id, ...figures },
      ),
  };
}

const nameOf = ({ campaign, id }: Review): string => (campaign === '' ? id : campaign);
const day = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const texts = {
  upcoming: {
    en: 'Access review "{name}" begins on {when}',
    ja: 'アクセス レビュー「{name}」が {when} に始まります',
    ko: '액세스 검토 "{name}"이(가) {when}에 시작됩니다',
    'zh-Hant': '存取權檢閱「{name}」將於 {when} 開始',
  },
  reminder: {
    en: 'Access review "{name}" waits for your decisions',
    ja: 'アクセス レビュー「{name}」があなたの判断を待っています',
    ko: '액세스 검토 "{name}"이(가) 결정을 기다리고 있습니다',
    'zh-Hant': '存取權檢閱「{name}」正等待您的決定',
  },
  left: {
    en: '{undecided} of {items} are undecided, {highRiskUndecided} of them of high risk. It ends on {when}.',
    ja: '{items} 件中 {undecided} 件が未判断です（うち高リスク {highRiskUndecided} 件）。期限: {when}',
    ko: '{items}건 중 {undecided}건이 미결정입니다(고위험 {highRiskUndecided}건). 종료: {when}',
    'zh-Hant': '{items} 項中有 {undecided} 項尚未決定(其中高風險 {highRiskUndecided} 項)。結束時間:{when}',
  },
  how: {
    en: 'Decide with: genkan review show {id}',
    ja: '判断するには: genkan review show {id}',
    ko: '결정하려면: genkan review show {id}',
    'zh-Hant': '請使用:genkan review show {id}',
  },
  completed: {
    en: 'Access review "{name}" is completed',
    ja: 'アクセス レビュー「{name}」が完了しました',
    ko: '액세스 검토 "{name}"이(가) 완료되었습니다',
    'zh-Hant': '存取權檢閱「{name}」已完成',
  },
  result: {
    en: '{items} rights: {kept} kept, {removed} removed, {undecided} left as they are; {completionPercent} % decided by people.',
    ja: '対象 {items} 件: 維持 {kept} 件、削除 {removed} 件、変更なし {undecided} 件。人による判断 {completionPercent} %。',
    ko: '대상 {items}건: 유지 {kept}건, 제거 {removed}건, 그대로 {undecided}건. 사람이 결정한 비율 {completionPercent}%.',
    'zh-Hant': '共 {items} 項:保留 {kept}、移除 {removed}、維持原狀 {undecided};由人員決定 {completionPercent} %。',
  },
} satisfies Record<string, Text>;
