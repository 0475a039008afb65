// What people read about conditions that are none, and about rules that refuse a call.
import type { Text } from '../text.ts';

export const ruleTexts = {
  access_condition_invalid: {
    message: {
      en: 'The condition is not valid at line {line}, character {column}: expected {expected}, found {found}',
      ja: '条件の {line} 行 {column} 文字目が正しくありません。必要なもの: {expected}。実際: {found}',
      ko: '조건의 {line}행 {column}번째 문자가 올바르지 않습니다. 필요한 것: {expected}. 실제: {found}',
      'zh-Hant': '條件的第 {line} 行第 {column} 個字元無效。應為:{expected}。實際:{found}',
    },
    hint: {
      en: "Conditions are written as Azure's role assignment conditions (version 2.0): see docs/conditions.md.",
      ja: '条件は Azure のロール割り当ての条件 (バージョン 2.0) と同じ書き方です。docs/conditions.md を参照してください。',
      ko: '조건은 Azure 역할 할당 조건(버전 2.0)과 같은 방식으로 작성합니다. docs/conditions.md를 참조하세요.',
      'zh-Hant': '條件的寫法與 Azure 角色指派條件(2.0 版)相同,請參閱 docs/conditions.md。',
    },
  },
  access_rule_invalid: {
    message: {
      en: 'The rule "{rule}" is not valid: {reason}',
      ja: 'ルール「{rule}」が正しくありません: {reason}',
      ko: '규칙 "{rule}"이(가) 올바르지 않습니다: {reason}',
      'zh-Hant': '規則「{rule}」無效:{reason}',
    },
    hint: {
      en: 'Correct it under access.rules; docs/conditions.md shows rules of every sort.',
      ja: 'access.rules で修正してください。docs/conditions.md に各種のルールの例があります。',
      ko: 'access.rules에서 수정하세요. docs/conditions.md에 여러 종류의 규칙 예가 있습니다.',
      'zh-Hant': '請在 access.rules 中修正。docs/conditions.md 有各種規則的範例。',
    },
  },
  access_rule_denied: {
    message: {
      en: 'The rule "{rule}" does not allow this call of {tool}. {reason}',
      ja: 'ルール「{rule}」により、{tool} のこの呼び出しは許可されません。{reason}',
      ko: '규칙 "{rule}"에 따라 {tool}의 이 호출은 허용되지 않습니다. {reason}',
      'zh-Hant': '規則「{rule}」不允許此次呼叫 {tool}。{reason}',
    },
    hint: {
      en: 'Your roles allow the action; change the arguments so that the rule is met.',
      ja: 'ロールではこの操作が許可されています。ルールを満たすように引数を変更してください。',
      ko: '역할로는 이 작업이 허용됩니다. 규칙을 충족하도록 인수를 변경하세요.',
      'zh-Hant': '您的角色允許此動作;請變更引數以符合規則。',
    },
  },
  access_rule_unshown: {
    message: {
      en: 'The rule "{rule}" does not allow this call of {tool}: the call does not show its {attributes} in a form that can be checked. {reason}',
      ja: 'ルール「{rule}」により、{tool} のこの呼び出しは許可されません。呼び出しから {attributes} を確認できません。{reason}',
      ko: '규칙 "{rule}"에 따라 {tool}의 이 호출은 허용되지 않습니다. 호출에서 {attributes}을(를) 확인할 수 없습니다. {reason}',
      'zh-Hant': '規則「{rule}」不允許此次呼叫 {tool}:無法從呼叫中確認 {attributes}。{reason}',
    },
    hint: {
      en: 'Give it as a plain value in the arguments; where the tool has no such argument, only somebody whom the rule exempts can make this call.',
      ja: '引数で単純な値として指定してください。ツールにその引数がない場合、この呼び出しはルールの対象外の人だけが行えます。',
      ko: '인수에 단순한 값으로 지정하세요. 도구에 그런 인수가 없으면 규칙에서 제외된 사람만 이 호출을 할 수 있습니다.',
      'zh-Hant': '請在引數中以單純的值指定;若工具沒有這個引數,只有規則所豁免的人員才能進行此呼叫。',
    },
  },
  access_rule_no_approver: {
    message: {
      en: 'The rule "{rule}" wants an approval for this call of {tool}, and none of its approvers is known.',
      ja: 'ルール「{rule}」では {tool} のこの呼び出しに承認が必要ですが、承認者が一人も見つかりません。',
      ko: '규칙 "{rule}"에 따라 {tool}의 이 호출에는 승인이 필요하지만 알려진 승인자가 없습니다.',
      'zh-Hant': '規則「{rule}」要求此次呼叫 {tool} 須經核准,但找不到任何核准者。',
    },
    hint: {
      en: 'Whoever administers access has to name approvers by principal id or group, or by a sign-in name that the directory knows.',
      ja: 'アクセスの管理者は、承認者をプリンシパル ID、グループ、またはディレクトリにあるサインイン名で指定する必要があります。',
      ko: '액세스 관리자는 승인자를 보안 주체 ID, 그룹 또는 디렉터리에 있는 로그인 이름으로 지정해야 합니다.',
      'zh-Hant': '存取管理員須以主體識別碼、群組,或目錄中的登入名稱指定核准者。',
    },
  },
} satisfies Record<string, { readonly message: Text; readonly hint: Text }>;

/** What a rule without words of its own says: what has to hold, or must not. */
export const ruleReasons = {
  unless: {
    en: 'This has to hold: {condition}',
    ja: '満たす必要がある条件: {condition}',
    ko: '충족해야 하는 조건: {condition}',
    'zh-Hant': '必須符合:{condition}',
  },
  when: {
    en: 'This must not hold: {condition}',
    ja: '該当してはならない条件: {condition}',
    ko: '해당되어서는 안 되는 조건: {condition}',
    'zh-Hant': '不得符合:{condition}',
  },
  always: {
    en: 'It is never allowed here.',
    ja: 'ここでは常に禁止されています。',
    ko: '여기서는 항상 금지됩니다.',
    'zh-Hant': '此處一律禁止。',
  },
} satisfies Record<string, Text>;
