// What people read when their roles do not allow something, or when roles and assignments are not right.
import type { Text } from '../text.ts';

export const accessTexts = {
  access_action_missing: {
    message: {
      en: '{tool} needs actions that no role of yours grants at {scope}: {missing}.',
      ja: '{tool} に必要な操作が、{scope} であなたに割り当てられたどのロールにもありません: {missing}。',
      ko: '{tool}에 필요한 작업이 {scope}에서 할당된 어떤 역할에도 없습니다: {missing}.',
      'zh-Hant': '{tool} 所需的動作,在 {scope} 沒有任何指派給您的角色授予:{missing}。',
    },
    hint: {
      en: 'Ask an administrator to assign a role with these actions at this scope.',
      ja: 'この範囲でこれらの操作を含むロールの割り当てを管理者に依頼してください。',
      ko: '관리자에게 이 범위에서 해당 작업이 포함된 역할 할당을 요청하세요.',
      'zh-Hant': '請向管理員要求在此範圍指派包含這些動作的角色。',
    },
  },
  access_action_excluded: {
    message: {
      en: '{tool} is refused: role "{role}" excludes {missing} by NotActions.',
      ja: '{tool} は拒否されました。ロール「{role}」の NotActions が {missing} を除外しています。',
      ko: '{tool}이(가) 거부되었습니다. 역할 "{role}"의 NotActions가 {missing}을(를) 제외합니다.',
      'zh-Hant': '{tool} 遭拒絕:角色「{role}」的 NotActions 排除了 {missing}。',
    },
    hint: {
      en: 'The role leaves this action out on purpose. Ask an administrator if you need it.',
      ja: 'このロールは意図的にこの操作を除外しています。必要な場合は管理者に相談してください。',
      ko: '이 역할은 의도적으로 이 작업을 제외합니다. 필요하면 관리자에게 문의하세요.',
      'zh-Hant': '此角色刻意排除這個動作。如有需要,請洽管理員。',
    },
  },
  access_out_of_scope: {
    message: {
      en: '{tool} is refused at {scope}: your roles grant {missing} elsewhere ({granted}), not there.',
      ja: '{tool} は {scope} では拒否されました。あなたのロールが {missing} を許可しているのは別の範囲 ({granted}) です。',
      ko: '{tool}이(가) {scope}에서 거부되었습니다. 역할은 {missing}을(를) 다른 범위({granted})에서만 허용합니다.',
      'zh-Hant': '{tool} 在 {scope} 遭拒絕:您的角色只在其他範圍({granted})授予 {missing}。',
    },
    hint: {
      en: 'Name a resource group within your scope. A missing resource group means the whole subscription.',
      ja: '権限のある範囲のリソース グループを指定してください。省略するとサブスクリプション全体とみなされます。',
      ko: '권한 범위 안의 리소스 그룹을 지정하세요. 생략하면 구독 전체를 의미합니다.',
      'zh-Hant': '請指定您權限範圍內的資源群組。省略資源群組即代表整個訂用帳戶。',
    },
  },
  access_argument_fixed: {
    message: {
      en: 'Argument "{argument}" of {tool} is fixed by policy and may not be chosen by the caller.',
      ja: '{tool} の引数「{argument}」はポリシーで固定されており、呼び出し側では選べません。',
      ko: '{tool}의 인수 "{argument}"은(는) 정책으로 고정되어 있어 호출자가 선택할 수 없습니다.',
      'zh-Hant': '{tool} 的引數「{argument}」由原則固定,呼叫端不得選擇。',
    },
    hint: {
      en: 'Leave the argument out.',
      ja: 'この引数を省略してください。',
      ko: '이 인수를 생략하세요.',
      'zh-Hant': '請省略此引數。',
    },
  },
  access_argument_unresolved: {
    message: {
      en: 'Argument "{argument}" of {tool} cannot be resolved to an Azure scope.',
      ja: '{tool} の引数「{argument}」を Azure のスコープに解決できません。',
      ko: '{tool}의 인수 "{argument}"을(를) Azure 범위로 확인할 수 없습니다.',
      'zh-Hant': '{tool} 的引數「{argument}」無法解析為 Azure 範圍。',
    },
    hint: {
      en: 'Give a subscription GUID, a plain resource group name or a full resource id.',
      ja: 'サブスクリプションの GUID、リソース グループ名、または完全なリソース ID を指定してください。',
      ko: '구독 GUID, 리소스 그룹 이름 또는 전체 리소스 ID를 지정하세요.',
      'zh-Hant': '請提供訂用帳戶 GUID、資源群組名稱或完整的資源識別碼。',
    },
  },
  access_tool_unmapped: {
    message: {
      en: '{tool} is not known to the action map of server "{server}".',
      ja: '{tool} はサーバー「{server}」の操作マップにありません。',
      ko: '{tool}은(는) 서버 "{server}"의 작업 맵에 없습니다.',
      'zh-Hant': '伺服器「{server}」的動作對應表中沒有 {tool}。',
    },
    hint: {
      en: 'Unknown tools are refused. Update Genkan to a version whose map covers this server version.',
      ja: '未知のツールは拒否されます。このサーバーのバージョンに対応した Genkan に更新してください。',
      ko: '알 수 없는 도구는 거부됩니다. 이 서버 버전을 지원하는 Genkan으로 업데이트하세요.',
      'zh-Hant': '未知的工具會遭拒絕。請將 Genkan 更新至支援此伺服器版本的版本。',
    },
  },
  access_scope_invalid: {
    message: {
      en: '"{scope}" is not a scope.',
      ja: '「{scope}」はスコープとして正しくありません。',
      ko: '"{scope}"은(는) 올바른 범위가 아닙니다.',
      'zh-Hant': '「{scope}」不是有效的範圍。',
    },
    hint: {
      en: 'Write it as /subscriptions/GUID/resourceGroups/NAME or /servers/NAME/tools/NAME, with * only inside one segment.',
      ja: '/subscriptions/GUID/resourceGroups/名前 または /servers/名前/tools/名前 の形で指定してください。* は 1 つの区切りの中でだけ使えます。',
      ko: '/subscriptions/GUID/resourceGroups/이름 또는 /servers/이름/tools/이름 형식으로 쓰세요. *는 한 구간 안에서만 쓸 수 있습니다.',
      'zh-Hant': '請寫成 /subscriptions/GUID/resourceGroups/名稱 或 /servers/名稱/tools/名稱;* 只能用在單一區段內。',
    },
  },
  access_scope_not_assignable: {
    message: {
      en: 'Role "{role}" may not be assigned at {scope}. Its AssignableScopes are: {assignable}.',
      ja: 'ロール「{role}」は {scope} には割り当てられません。AssignableScopes は {assignable} です。',
      ko: '역할 "{role}"은(는) {scope}에 할당할 수 없습니다. AssignableScopes: {assignable}.',
      'zh-Hant': '角色「{role}」不得在 {scope} 指派。其 AssignableScopes 為:{assignable}。',
    },
    hint: {
      en: 'Choose a scope within AssignableScopes, or widen the role on purpose.',
      ja: 'AssignableScopes の範囲内のスコープを選ぶか、意図して割り当て可能な範囲を広げてください。',
      ko: 'AssignableScopes 안의 범위를 선택하거나, 의도한 것이라면 역할의 할당 가능 범위를 넓히세요.',
      'zh-Hant': '請選擇 AssignableScopes 之內的範圍,或在確有需要時放寬角色的可指派範圍。',
    },
  },
  access_role_unknown: {
    message: {
      en: 'There is no role named "{role}".',
      ja: '「{role}」という名前のロールはありません。',
      ko: '이름이 "{role}"인 역할이 없습니다.',
      'zh-Hant': '沒有名為「{role}」的角色。',
    },
    hint: {
      en: 'List the roles with: genkan role list',
      ja: 'ロールの一覧は genkan role list で確認できます。',
      ko: '역할 목록은 genkan role list로 확인할 수 있습니다.',
      'zh-Hant': '可用 genkan role list 列出角色。',
    },
  },
  access_role_invalid: {
    message: {
      en: 'The role in {file} is not valid: {reason}',
      ja: '{file} のロール定義が正しくありません: {reason}',
      ko: '{file}의 역할 정의가 올바르지 않습니다: {reason}',
      'zh-Hant': '{file} 中的角色定義無效:{reason}',
    },
    hint: {
      en: "Write it in the form of Azure's custom role JSON.",
      ja: 'Azure のカスタム ロールの JSON 形式で記述してください。',
      ko: 'Azure 사용자 지정 역할의 JSON 형식으로 작성하세요.',
      'zh-Hant': '請以 Azure 自訂角色的 JSON 格式撰寫。',
    },
  },
  access_variable_unresolved: {
    message: {
      en: 'Variable "{variable}" has no value; it is used in {where}.',
      ja: '変数「{variable}」の値がありません。使用箇所: {where}。',
      ko: '변수 "{variable}"에 값이 없습니다. 사용 위치: {where}.',
      'zh-Hant': '變數「{variable}」沒有值;使用位置:{where}。',
    },
    hint: {
      en: 'Set it under "variables" in genkan.yaml.',
      ja: 'genkan.yaml の variables で値を設定してください。',
      ko: 'genkan.yaml의 variables에서 값을 설정하세요.',
      'zh-Hant': '請在 genkan.yaml 的 variables 中設定其值。',
    },
  },
  access_assignment_unknown: {
    message: {
      en: 'There is no role assignment "{id}".',
      ja: 'ロールの割り当て「{id}」はありません。',
      ko: '역할 할당 "{id}"이(가) 없습니다.',
      'zh-Hant': '沒有角色指派「{id}」。',
    },
    hint: {
      en: 'List the assignments with: genkan role assignments',
      ja: '割り当ての一覧は genkan role assignments で確認できます。',
      ko: '할당 목록은 genkan role assignments로 확인할 수 있습니다.',
      'zh-Hant': '可用 genkan role assignments 列出指派。',
    },
  },
  access_assignment_configured: {
    message: {
      en: 'Role assignment "{id}" is part of the configuration and cannot be removed while running.',
      ja: 'ロールの割り当て「{id}」は構成ファイルで定義されているため、実行中には削除できません。',
      ko: '역할 할당 "{id}"은(는) 구성 파일에 정의되어 있어 실행 중에는 제거할 수 없습니다.',
      'zh-Hant': '角色指派「{id}」由設定檔定義,無法在執行期間移除。',
    },
    hint: {
      en: 'Remove it from genkan.yaml and restart.',
      ja: 'genkan.yaml から削除して再起動してください。',
      ko: 'genkan.yaml에서 삭제한 뒤 다시 시작하세요.',
      'zh-Hant': '請從 genkan.yaml 移除後重新啟動。',
    },
  },
} satisfies Record<string, { readonly message: Text; readonly hint: Text }>;
