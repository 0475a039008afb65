// What people read about the analysis of rights and about tests of a policy.
import type { Text } from '../text.ts';

const listThem: Text = {
  en: 'List the rights in your own name and hand the lists over:\n{lines}',
  ja: 'ご自身のアカウントで権限を一覧し、その一覧を渡してください:\n{lines}',
  ko: '본인 계정으로 권한을 나열한 다음 그 목록을 넘겨주세요:\n{lines}',
  'zh-Hant': '請以您自己的帳戶列出權限,再交付這些清單:\n{lines}',
};

export const analysisTexts = {
  access_drift_lists: {
    message: {
      en: 'The lists cannot be compared: {reason}',
      ja: 'この一覧は比較できません: {reason}',
      ko: '이 목록은 비교할 수 없습니다: {reason}',
      'zh-Hant': '無法比對這些清單:{reason}',
    },
    hint: {
      en: 'Use what the Azure CLI prints as JSON:\n{lines}',
      ja: 'Azure CLI が JSON で出力したものを使ってください:\n{lines}',
      ko: 'Azure CLI가 JSON으로 출력한 것을 사용하세요:\n{lines}',
      'zh-Hant': '請使用 Azure CLI 輸出的 JSON:\n{lines}',
    },
  },
  access_drift_role_unknown: {
    message: {
      en: 'What these roles of Azure grant is not known: {roles}',
      ja: '次の Azure ロールが何を許可するか分かりません: {roles}',
      ko: '다음 Azure 역할이 무엇을 허용하는지 알 수 없습니다: {roles}',
      'zh-Hant': '不清楚下列 Azure 角色授予哪些權限:{roles}',
    },
    hint: {
      en: 'Hand their definitions over with --definitions; these lines list all that is needed:\n{lines}',
      ja: '定義を --definitions で渡してください。次の行で一覧できます:\n{lines}',
      ko: '해당 정의를 --definitions로 넘겨주세요. 다음 명령으로 나열할 수 있습니다:\n{lines}',
      'zh-Hant': '請用 --definitions 提供其定義,可用下列指令列出:\n{lines}',
    },
  },
  access_drift_refused: {
    message: {
      en: 'Genkan cannot read at Azure what the identity may do there: {reason}',
      ja: 'Genkan は、この ID が Azure で何をできるかを読み取れません: {reason}',
      ko: 'Genkan이 이 ID가 Azure에서 무엇을 할 수 있는지 읽을 수 없습니다: {reason}',
      'zh-Hant': 'Genkan 無法從 Azure 讀取此身分識別可執行的作業:{reason}',
    },
    hint: listThem,
  },
  access_drift_away: {
    message: {
      en: 'Azure does not answer now what the identity may do there: {reason}',
      ja: 'この ID が Azure で何をできるかについて、Azure から今は回答がありません: {reason}',
      ko: '이 ID가 Azure에서 무엇을 할 수 있는지 Azure가 지금 응답하지 않습니다: {reason}',
      'zh-Hant': 'Azure 目前未回覆此身分識別可執行的作業:{reason}',
    },
    hint: listThem,
  },
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
