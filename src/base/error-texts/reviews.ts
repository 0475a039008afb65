// What people read about access reviews that they cannot decide on.
import type { Text } from '../text.ts';

export const reviewTexts = {
  access_review_settings: {
    message: {
      en: 'The rules of access reviews in {file} are not valid: {reason}',
      ja: '{file} のアクセス レビューの規則が正しくありません: {reason}',
      ko: '{file}의 액세스 검토 규칙이 올바르지 않습니다: {reason}',
      'zh-Hant': '{file} 中的存取權檢閱規則無效:{reason}',
    },
    hint: {
      en: 'Its members are autoReviewSettings and riskBasedReview; docs/reviews.md describes them.',
      ja: '使えるのは autoReviewSettings と riskBasedReview です。説明は docs/reviews.md にあります。',
      ko: '사용할 수 있는 항목은 autoReviewSettings와 riskBasedReview입니다. docs/reviews.md를 참조하세요.',
      'zh-Hant': '可用的成員為 autoReviewSettings 與 riskBasedReview,說明請見 docs/reviews.md。',
    },
  },
  access_review_unknown: {
    message: {
      en: 'There is no such review, or it has no such item.',
      ja: 'そのようなレビュー、または項目はありません。',
      ko: '그런 검토나 항목이 없습니다.',
      'zh-Hant': '沒有這個檢閱,或其中沒有這個項目。',
    },
    hint: {
      en: 'List them: genkan review list. Show the items of one: genkan review show ID.',
      ja: '一覧: genkan review list。項目の表示: genkan review show ID',
      ko: '목록: genkan review list. 항목 보기: genkan review show ID',
      'zh-Hant': '列出:genkan review list。顯示項目:genkan review show ID',
    },
  },
  access_review_own: {
    message: {
      en: 'Nobody decides on rights of their own, or in a review that they began.',
      ja: '自分自身の権限や、自分が開始したレビューについて判断することはできません。',
      ko: '자신의 권한이나 자신이 시작한 검토에서는 결정할 수 없습니다.',
      'zh-Hant': '任何人都不能決定自己的權限,也不能在自己開始的檢閱中做決定。',
    },
    hint: {
      en: 'Leave this item to another reviewer.',
      ja: 'この項目はほかのレビュー担当者に任せてください。',
      ko: '이 항목은 다른 검토자에게 맡기세요.',
      'zh-Hant': '請將此項目交給其他檢閱者。',
    },
  },
  access_review_over: {
    message: {
      en: 'This review is completed.',
      ja: 'このレビューは完了しています。',
      ko: '이 검토는 완료되었습니다.',
      'zh-Hant': '此檢閱已完成。',
    },
    hint: {
      en: 'Begin another one: genkan review start. Undo what it removed: genkan policy revert VERSION.',
      ja: '新しく始めるには: genkan review start。削除を取り消すには: genkan policy revert VERSION',
      ko: '새로 시작: genkan review start. 제거 취소: genkan policy revert VERSION',
      'zh-Hant': '重新開始:genkan review start。復原移除:genkan policy revert VERSION',
    },
  },
  access_review_no_reviewer: {
    message: {
      en: 'None of the reviewers is anybody here: {names}.',
      ja: 'レビュー担当者に該当する人がいません: {names}。',
      ko: '검토자에 해당하는 사람이 없습니다: {names}.',
      'zh-Hant': '找不到任何檢閱者:{names}。',
    },
    hint: {
      en: 'Name a group, or people who have signed in before.',
      ja: 'グループか、以前にサインインしたことのある人を指定してください。',
      ko: '그룹이나 이전에 로그인한 사람을 지정하세요.',
      'zh-Hant': '請指定群組,或曾經登入過的人員。',
    },
  },
} satisfies Record<string, { readonly message: Text; readonly hint: Text }>;
