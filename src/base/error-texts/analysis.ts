// What people read about the analysis of rights and about tests of a policy.
import type { Text } from '../text.ts';

export const analysisTexts = {
  access_expectations_invalid: {
    message: {
      en: 'The expectations in {file} are not valid: {reason}',
      ja: '{file} の期待値が正しくありません: {reason}',
      ko: '{file}의 기대값이 올바르지 않습니다: {reason}',
      'zh-Hant': '{file} 中的預期結果無效:{reason}',
    },
    hint: {
      en: 'docs/least-privilege.md shows such a file; examples/policy-tests has one to begin with.',
      ja: '書き方は docs/least-privilege.md に、手本は examples/policy-tests にあります。',
      ko: '작성 방법은 docs/least-privilege.md에, 예시는 examples/policy-tests에 있습니다.',
      'zh-Hant': '寫法請參閱 docs/least-privilege.md,範例在 examples/policy-tests。',
    },
  },
  access_plan_invalid: {
    message: {
      en: 'The plan cannot be carried out: {reason}',
      ja: 'この計画は実行できません: {reason}',
      ko: '이 계획은 실행할 수 없습니다: {reason}',
      'zh-Hant': '無法執行此計畫:{reason}',
    },
    hint: {
      en: 'Make a new one with genkan access analyze --json, and look at it before it is applied.',
      ja: 'genkan access analyze --json で新しく作成し、適用する前に内容を確認してください。',
      ko: 'genkan access analyze --json으로 새로 만들고, 적용하기 전에 내용을 확인하세요.',
      'zh-Hant': '請以 genkan access analyze --json 重新產生,並在套用前查看內容。',
    },
  },
} satisfies Record<string, { readonly message: Text; readonly hint: Text }>;
