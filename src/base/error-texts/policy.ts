// What people read when the policy of access is changed, taken back, or cannot be read.
import type { Text } from '../text.ts';

export const policyTexts = {
  access_times_invalid: {
    message: {
      en: 'An assignment must end after it begins, and in the future.',
      ja: '割り当ての終了は、開始より後、かつ現在より後でなければなりません。',
      ko: '할당의 종료 시각은 시작 시각과 현재보다 뒤여야 합니다.',
      'zh-Hant': '指派的結束時間必須晚於開始時間,且在未來。',
    },
    hint: {
      en: 'Check the two times and their time zones.',
      ja: '2 つの時刻とタイムゾーンを確認してください。',
      ko: '두 시각과 시간대를 확인하세요.',
      'zh-Hant': '請檢查這兩個時間及其時區。',
    },
  },
  access_assignment_ambiguous: {
    message: {
      en: 'Several assignments are meant: {ids}.',
      ja: '該当する割り当てが複数あります: {ids}。',
      ko: '해당하는 할당이 여러 개입니다: {ids}.',
      'zh-Hant': '有多個符合的指派:{ids}。',
    },
    hint: {
      en: 'They differ in their condition or times. Name one by its id.',
      ja: '条件または期間が異なります。ID で 1 つを指定してください。',
      ko: '조건이나 기간이 서로 다릅니다. ID로 하나를 지정하세요.',
      'zh-Hant': '它們的條件或時間不同。請以識別碼指定其中一個。',
    },
  },
  access_assignment_elevated: {
    message: {
      en: 'Assignment {id} is held for a while, after a request.',
      ja: '割り当て {id} は、申請によって一時的に付与されたものです。',
      ko: '할당 {id}은(는) 요청에 따라 일시적으로 부여된 것입니다.',
      'zh-Hant': '指派 {id} 是經申請而暫時取得的。',
    },
    hint: {
      en: 'End the elevation instead: genkan elevation list shows it.',
      ja: '代わりに昇格を終了してください。genkan elevation list で確認できます。',
      ko: '대신 권한 상승을 종료하세요. genkan elevation list로 확인할 수 있습니다.',
      'zh-Hant': '請改為結束該次提升;可用 genkan elevation list 查看。',
    },
  },
  access_role_malformed: {
    message: {
      en: 'This is not a role definition: {reason}',
      ja: 'ロール定義として正しくありません: {reason}',
      ko: '올바른 역할 정의가 아닙니다: {reason}',
      'zh-Hant': '這不是正確的角色定義:{reason}',
    },
    hint: {
      en: "Write it as Azure's custom role JSON: Name, Actions, NotActions, AssignableScopes.",
      ja: 'Azure のカスタム ロールの JSON 形式 (Name、Actions、NotActions、AssignableScopes) で記述してください。',
      ko: 'Azure 사용자 지정 역할 JSON 형식(Name, Actions, NotActions, AssignableScopes)으로 작성하세요.',
      'zh-Hant': '請依 Azure 自訂角色的 JSON 格式撰寫(Name、Actions、NotActions、AssignableScopes)。',
    },
  },
  access_role_taken: {
    message: {
      en: 'There is a role "{role}" already.',
      ja: 'ロール「{role}」はすでに存在します。',
      ko: '역할 "{role}"이(가) 이미 있습니다.',
      'zh-Hant': '角色「{role}」已存在。',
    },
    hint: {
      en: 'Choose another name, or update that role. Names that differ in case alone are the same.',
      ja: '別の名前を選ぶか、そのロールを更新してください。大文字と小文字だけが違う名前は同じものとして扱われます。',
      ko: '다른 이름을 선택하거나 해당 역할을 업데이트하세요. 대소문자만 다른 이름은 같은 이름입니다.',
      'zh-Hant': '請選擇其他名稱,或更新該角色。僅大小寫不同的名稱視為相同。',
    },
  },
  access_role_fixed: {
    message: {
      en: 'Role "{role}" does not change while Genkan runs: it comes from {source}.',
      ja: 'ロール「{role}」は実行中に変更できません。定義元は {source} です。',
      ko: '역할 "{role}"은(는) 실행 중에 변경할 수 없습니다. 출처: {source}.',
      'zh-Hant': '角色「{role}」無法在執行期間變更:它來自 {source}。',
    },
    hint: {
      en: 'Change it where it stands, or create a role of another name.',
      ja: '定義元を変更するか、別の名前のロールを作成してください。',
      ko: '정의된 곳에서 변경하거나 다른 이름의 역할을 만드세요.',
      'zh-Hant': '請在其定義處變更,或建立其他名稱的角色。',
    },
  },
  access_deny_taken: {
    message: {
      en: 'There is a deny assignment "{name}" at {scope} already.',
      ja: '{scope} には拒否割り当て「{name}」がすでに存在します。',
      ko: '{scope}에 거부 할당 "{name}"이(가) 이미 있습니다.',
      'zh-Hant': '{scope} 已有拒絕指派「{name}」。',
    },
    hint: {
      en: 'Choose another name, or delete that one first.',
      ja: '別の名前を選ぶか、先に既存のものを削除してください。',
      ko: '다른 이름을 선택하거나 기존 항목을 먼저 삭제하세요.',
      'zh-Hant': '請選擇其他名稱,或先刪除該指派。',
    },
  },
  access_deny_unknown: {
    message: {
      en: 'There is no deny assignment {id}.',
      ja: '拒否割り当て {id} は存在しません。',
      ko: '거부 할당 {id}이(가) 없습니다.',
      'zh-Hant': '沒有拒絕指派 {id}。',
    },
    hint: {
      en: 'genkan deny list shows all of them.',
      ja: 'genkan deny list で一覧を確認できます。',
      ko: 'genkan deny list로 전체 목록을 볼 수 있습니다.',
      'zh-Hant': 'genkan deny list 會列出全部。',
    },
  },
  access_deny_configured: {
    message: {
      en: 'Deny assignment {id} stands in genkan.yaml.',
      ja: '拒否割り当て {id} は genkan.yaml に記述されています。',
      ko: '거부 할당 {id}은(는) genkan.yaml에 있습니다.',
      'zh-Hant': '拒絕指派 {id} 位於 genkan.yaml。',
    },
    hint: {
      en: 'Remove it there and restart.',
      ja: 'そこから削除して再起動してください。',
      ko: '그곳에서 제거하고 다시 시작하세요.',
      'zh-Hant': '請在該處移除並重新啟動。',
    },
  },
  access_policy_changed: {
    message: {
      en: 'The policy has changed meanwhile: {items}.',
      ja: 'その間にポリシーが変更されました: {items}。',
      ko: '그사이에 정책이 변경되었습니다: {items}.',
      'zh-Hant': '原則已在此期間變更:{items}。',
    },
    hint: {
      en: 'Look at it as it is now, and ask for the change again.',
      ja: '現在の内容を確認してから、変更をもう一度依頼してください。',
      ko: '현재 내용을 확인한 뒤 변경을 다시 요청하세요.',
      'zh-Hant': '請查看目前的內容,再重新提出變更。',
    },
  },
  access_policy_breaks: {
    message: {
      en: 'The change would leave these without effect: {items}.',
      ja: 'この変更により、次のものが無効になります: {items}。',
      ko: '이 변경으로 다음 항목이 효력을 잃게 됩니다: {items}.',
      'zh-Hant': '此變更會使下列項目失效:{items}。',
    },
    hint: {
      en: 'Remove or change them first.',
      ja: '先にそれらを削除または変更してください。',
      ko: '먼저 해당 항목을 제거하거나 변경하세요.',
      'zh-Hant': '請先移除或變更這些項目。',
    },
  },
  access_policy_no_approver: {
    message: {
      en: 'The change needs an approval, and none of the approvers that are named is known.',
      ja: 'この変更には承認が必要ですが、指定された承認者が 1 人も見つかりません。',
      ko: '이 변경에는 승인이 필요하지만 지정된 승인자를 한 명도 찾을 수 없습니다.',
      'zh-Hant': '此變更需要核准,但找不到任何指定的核准者。',
    },
    hint: {
      en: 'Name approvers in access.changes by group or principal id, or let them sign in once.',
      ja: 'access.changes の承認者をグループまたはプリンシパル ID で指定するか、一度サインインしてもらってください。',
      ko: 'access.changes의 승인자를 그룹이나 보안 주체 ID로 지정하거나 한 번 로그인하게 하세요.',
      'zh-Hant': '請在 access.changes 以群組或主體識別碼指定核准者,或請其先登入一次。',
    },
  },
  access_policy_too_much: {
    message: {
      en: 'One change may touch {limit} items at most.',
      ja: '1 回の変更で扱える項目は {limit} 件までです。',
      ko: '한 번의 변경으로 최대 {limit}개 항목까지 변경할 수 있습니다.',
      'zh-Hant': '一次變更最多可涉及 {limit} 個項目。',
    },
    hint: {
      en: 'Make it in several parts.',
      ja: 'いくつかに分けて変更してください。',
      ko: '여러 번으로 나누어 변경하세요.',
      'zh-Hant': '請分成數次變更。',
    },
  },
  access_policy_touched: {
    message: {
      en: 'Version {version} cannot be taken back alone: later versions have changed {items}.',
      ja: 'バージョン {version} だけを元に戻すことはできません。後のバージョンで次のものが変更されています: {items}。',
      ko: '버전 {version}만 되돌릴 수 없습니다. 이후 버전에서 변경된 항목: {items}.',
      'zh-Hant': '無法單獨復原版本 {version}:後來的版本已變更 {items}。',
    },
    hint: {
      en: 'Return to a whole earlier state with --to, or change these items themselves.',
      ja: '--to で以前の状態全体に戻すか、これらの項目を直接変更してください。',
      ko: '--to로 이전 상태 전체로 되돌리거나 해당 항목을 직접 변경하세요.',
      'zh-Hant': '請使用 --to 回到先前的整體狀態,或直接變更這些項目。',
    },
  },
  access_policy_configured: {
    message: {
      en: 'Version {version} is a change of the configuration.',
      ja: 'バージョン {version} は構成ファイルの変更です。',
      ko: '버전 {version}은(는) 구성 변경입니다.',
      'zh-Hant': '版本 {version} 是設定檔的變更。',
    },
    hint: {
      en: 'Change genkan.yaml back and restart; that becomes a new version.',
      ja: 'genkan.yaml を元に戻して再起動してください。新しいバージョンとして記録されます。',
      ko: 'genkan.yaml을 되돌리고 다시 시작하세요. 새 버전으로 기록됩니다.',
      'zh-Hant': '請還原 genkan.yaml 並重新啟動;這會成為新的版本。',
    },
  },
  access_policy_version_unknown: {
    message: {
      en: 'There is no version {version} of the policy.',
      ja: 'ポリシーのバージョン {version} は存在しません。',
      ko: '정책 버전 {version}이(가) 없습니다.',
      'zh-Hant': '沒有原則版本 {version}。',
    },
    hint: {
      en: 'genkan policy list shows the versions.',
      ja: 'genkan policy list でバージョンを確認できます。',
      ko: 'genkan policy list로 버전을 볼 수 있습니다.',
      'zh-Hant': 'genkan policy list 會列出各版本。',
    },
  },
  access_policy_item_invalid: {
    message: {
      en: 'What is stored of {item} cannot be read: {reason}',
      ja: '保存されている {item} を読み取れません: {reason}',
      ko: '저장된 {item}을(를) 읽을 수 없습니다: {reason}',
      'zh-Hant': '無法讀取已儲存的 {item}:{reason}',
    },
    hint: {
      en: 'It has no effect. Return to an earlier version, or make it anew.',
      ja: 'この項目は無効です。以前のバージョンに戻すか、作り直してください。',
      ko: '이 항목은 효력이 없습니다. 이전 버전으로 되돌리거나 새로 만드세요.',
      'zh-Hant': '此項目無效。請回到先前版本,或重新建立。',
    },
  },
  access_policy_outdated: {
    message: {
      en: 'Genkan cannot read the current access policy, so nothing is allowed.',
      ja: '現在のアクセス ポリシーを読み取れないため、何も許可できません。',
      ko: '현재 액세스 정책을 읽을 수 없으므로 아무것도 허용되지 않습니다.',
      'zh-Hant': 'Genkan 無法讀取目前的存取原則,因此一律不允許。',
    },
    hint: {
      en: 'Try again shortly. Administrators: the log says what is wrong with the control database.',
      ja: 'しばらくしてからもう一度お試しください。管理者の方は、管理データベースの問題をログで確認してください。',
      ko: '잠시 후 다시 시도하세요. 관리자는 로그에서 제어 데이터베이스의 문제를 확인하세요.',
      'zh-Hant': '請稍後再試。管理員請查看記錄檔中控制資料庫的問題。',
    },
  },
} satisfies Readonly<Record<string, { readonly message: Text; readonly hint: Text }>>;
