// What people read when a deny assignment or a condition keeps them from something, or when a deny assignment is not right.
import type { Text } from '../text.ts';

export const denyTexts = {
  access_denied_by_assignment: {
    message: {
      en: '{tool} is refused at {scope}: the deny assignment "{name}" denies {missing}, whatever your roles grant.',
      ja: '{tool} は {scope} では拒否されました。拒否割り当て「{name}」が、ロールにかかわらず {missing} を拒否しています。',
      ko: '{tool}이(가) {scope}에서 거부되었습니다. 거부 할당 "{name}"이(가) 역할과 관계없이 {missing}을(를) 거부합니다.',
      'zh-Hant': '{tool} 在 {scope} 遭拒絕:拒絕指派「{name}」拒絕 {missing},不論您的角色授予什麼。',
    },
    hint: {
      en: 'No role and no elevation helps here. If it holds only in a part of that scope, name a narrower one, e.g. a resource group. Otherwise ask an administrator.',
      ja: 'ロールや昇格では解決できません。範囲の一部だけが拒否されている場合は、リソース グループなど、より狭い範囲を指定してください。それ以外は管理者に相談してください。',
      ko: '역할이나 권한 상승으로는 해결되지 않습니다. 범위의 일부만 거부된 경우 리소스 그룹처럼 더 좁은 범위를 지정하세요. 그 밖의 경우에는 관리자에게 문의하세요.',
      'zh-Hant': '角色或提升權限都無法解決。若只有該範圍的一部分遭拒絕,請指定更小的範圍,例如資源群組;否則請洽管理員。',
    },
  },
  access_condition_unmet: {
    message: {
      en: '{tool} is refused at {scope}: role "{role}" grants {missing} only on a condition that this call does not meet: {condition} (assignment {assignment}).',
      ja: '{tool} は {scope} では拒否されました。ロール「{role}」が {missing} を許可するのは条件を満たす場合だけで、この呼び出しは満たしていません: {condition}（割り当て {assignment}）。',
      ko: '{tool}이(가) {scope}에서 거부되었습니다. 역할 "{role}"은(는) 조건을 충족할 때만 {missing}을(를) 허용하며, 이 호출은 조건을 충족하지 않습니다: {condition} (할당 {assignment}).',
      'zh-Hant':
        '{tool} 在 {scope} 遭拒絕:角色「{role}」僅在符合條件時授予 {missing},而此呼叫不符合:{condition}(指派 {assignment})。',
    },
    hint: {
      en: 'Call it so that the condition holds. What the call does not say counts as not met.',
      ja: '条件を満たすように呼び出してください。呼び出しで示されていないものは、満たしていないとみなされます。',
      ko: '조건을 충족하도록 호출하세요. 호출에 명시되지 않은 것은 충족하지 않은 것으로 간주됩니다.',
      'zh-Hant': '請以符合條件的方式呼叫。呼叫中未指明的項目視為不符合。',
    },
  },
  access_deny_invalid: {
    message: {
      en: 'The deny assignment "{name}" is not valid: {reason}.',
      ja: '拒否割り当て「{name}」が正しくありません: {reason}。',
      ko: '거부 할당 "{name}"이(가) 올바르지 않습니다: {reason}.',
      'zh-Hant': '拒絕指派「{name}」無效:{reason}。',
    },
    hint: {
      en: "Write it with Azure's properties: principals, excludePrincipals, permissions, scope, doNotApplyToChildScopes.",
      ja: 'Azure のプロパティ (principals、excludePrincipals、permissions、scope、doNotApplyToChildScopes) で記述してください。',
      ko: 'Azure의 속성(principals, excludePrincipals, permissions, scope, doNotApplyToChildScopes)으로 작성하세요.',
      'zh-Hant': '請以 Azure 的屬性撰寫:principals、excludePrincipals、permissions、scope、doNotApplyToChildScopes。',
    },
  },
} satisfies Record<string, { readonly message: Text; readonly hint: Text }>;
