// What people read when a server is not what was approved.
import type { Text } from '../text.ts';

const look: Text = {
  en: 'An administrator sees what is different with `genkan pin show {server}`, and approves it there or does not.',
  ja: '管理者は `genkan pin show {server}` で差分を確認し、承認または拒否できます。',
  ko: '관리자는 `genkan pin show {server}`로 차이를 확인하고 승인하거나 거부할 수 있습니다.',
  'zh-Hant': '系統管理員可用 `genkan pin show {server}` 檢視差異,並決定核准或拒絕。',
};

export const pinTexts = {
  inspect_pin_changed: {
    message: {
      en: '{name} of {server} is not what was approved: the server has changed it.',
      ja: '{server} の {name} は承認時の内容と異なります。サーバーによって変更されました。',
      ko: '{server}의 {name}이(가) 승인된 내용과 다릅니다. 서버가 변경했습니다.',
      'zh-Hant': '{server} 的 {name} 與核准時的內容不同:伺服器已將其變更。',
    },
    hint: look,
  },
  inspect_pin_added: {
    message: {
      en: '{name} came to {server} later, and nobody has approved it.',
      ja: '{name} は {server} に後から追加され、まだ承認されていません。',
      ko: '{name}은(는) {server}에 나중에 추가되었으며 아직 승인되지 않았습니다.',
      'zh-Hant': '{name} 是 {server} 後來新增的項目,尚未核准。',
    },
    hint: look,
  },
  inspect_pin_renamed: {
    message: {
      en: '{name} of {server} is something else under a new name, and nobody has approved it.',
      ja: '{server} の {name} は既存の項目の名前を変えたもので、まだ承認されていません。',
      ko: '{server}의 {name}은(는) 기존 항목의 이름을 바꾼 것으로, 아직 승인되지 않았습니다.',
      'zh-Hant': '{server} 的 {name} 是既有項目改名而來,尚未核准。',
    },
    hint: look,
  },
  inspect_pin_shadows: {
    message: {
      en: '{name} of {server} can be taken for a tool of another server, or tells how to use one; nobody has approved it.',
      ja: '{server} の {name} は別のサーバーのツールと紛らわしいか、その使い方を指図しています。まだ承認されていません。',
      ko: '{server}의 {name}은(는) 다른 서버의 도구로 오인될 수 있거나 그 사용법을 지시합니다. 아직 승인되지 않았습니다.',
      'zh-Hant': '{server} 的 {name} 可能被誤認為其他伺服器的工具,或指示如何使用其他伺服器;尚未核准。',
    },
    hint: look,
  },
  inspect_pin_suspect: {
    message: {
      en: 'What {server} says of {name} looks like an attack on whoever reads it, and nobody has approved it.',
      ja: '{server} による {name} の説明には、読み手への攻撃と疑われる内容があります。まだ承認されていません。',
      ko: '{server}의 {name} 설명은 읽는 쪽을 공격하려는 것으로 의심됩니다. 아직 승인되지 않았습니다.',
      'zh-Hant': '{server} 對 {name} 的說明疑似攻擊其讀者,尚未核准。',
    },
    hint: look,
  },
  inspect_pin_first_contact: {
    message: {
      en: '{name} of {server} waits for its first approval.',
      ja: '{server} の {name} は初回の承認を待っています。',
      ko: '{server}의 {name}은(는) 첫 승인을 기다리고 있습니다.',
      'zh-Hant': '{server} 的 {name} 正在等待首次核准。',
    },
    hint: look,
  },
  inspect_pin_rejected: {
    message: {
      en: '{name} of {server} is in a version that was not approved.',
      ja: '{server} の {name} は、承認されなかった版です。',
      ko: '{server}의 {name}은(는) 승인되지 않은 버전입니다.',
      'zh-Hant': '{server} 的 {name} 目前是未獲核准的版本。',
    },
    hint: {
      en: 'It may be used again when the server shows the approved version, or when an administrator approves this one: `genkan pin show {server}`.',
      ja: 'サーバーが承認済みの版に戻すか、管理者がこの版を承認すると、再び使えます: `genkan pin show {server}`。',
      ko: '서버가 승인된 버전을 다시 제시하거나 관리자가 이 버전을 승인하면 다시 사용할 수 있습니다: `genkan pin show {server}`.',
      'zh-Hant': '伺服器恢復為已核准的版本,或系統管理員核准此版本後即可再次使用:`genkan pin show {server}`。',
    },
  },
  inspect_pin_too_many: {
    message: {
      en: '{server} shows more than Genkan keeps of one server; this is not among what was approved.',
      ja: '{server} の項目数が、Genkan が 1 台のサーバーについて保持する上限を超えています。この項目は承認済みに含まれません。',
      ko: '{server}의 항목 수가 Genkan이 서버 하나에 대해 보관하는 한도를 넘었습니다. 이 항목은 승인된 항목이 아닙니다.',
      'zh-Hant': '{server} 的項目超過 Genkan 為單一伺服器保存的上限,此項目不在已核准之列。',
    },
    hint: {
      en: 'Decide on what waits (`genkan pin list {server}`), or raise `inspect.pins.maxItems`.',
      ja: '保留中の項目を処理するか（`genkan pin list {server}`）、`inspect.pins.maxItems` を引き上げてください。',
      ko: '대기 중인 항목을 처리하거나(`genkan pin list {server}`) `inspect.pins.maxItems`를 늘리세요.',
      'zh-Hant': '請先處理等待中的項目(`genkan pin list {server}`),或提高 `inspect.pins.maxItems`。',
    },
  },
  inspect_pin_moved: {
    message: {
      en: 'At {server} nothing with that digest waits for a decision.',
      ja: '{server} には、そのダイジェストの判断待ちの項目がありません。',
      ko: '{server}에 해당 다이제스트로 결정을 기다리는 항목이 없습니다.',
      'zh-Hant': '{server} 沒有具有該摘要且等待決定的項目。',
    },
    hint: {
      en: 'It was decided on, or the server has changed it again since you looked: look once more with `genkan pin show {server}`.',
      ja: 'すでに判断されたか、確認後にサーバーが再び変更しました。`genkan pin show {server}` でもう一度確認してください。',
      ko: '이미 결정되었거나 확인한 뒤 서버가 다시 변경했습니다. `genkan pin show {server}`로 다시 확인하세요.',
      'zh-Hant': '可能已有人決定,或伺服器在您檢視之後又變更了內容:請以 `genkan pin show {server}` 再次檢視。',
    },
  },
  inspect_pin_unknown: {
    message: {
      en: '{server} has shown nothing of that name.',
      ja: '{server} にその名前の項目はありません。',
      ko: '{server}에 그 이름의 항목이 없습니다.',
      'zh-Hant': '{server} 沒有該名稱的項目。',
    },
    hint: {
      en: '`genkan pin list {server} --all` shows what there is.',
      ja: '`genkan pin list {server} --all` で一覧を確認できます。',
      ko: '`genkan pin list {server} --all`로 목록을 확인할 수 있습니다.',
      'zh-Hant': '`genkan pin list {server} --all` 會列出現有項目。',
    },
  },
  inspect_pin_not_person: {
    message: {
      en: 'What a server shows is approved by people in their own name.',
      ja: 'サーバーの内容を承認できるのは、本人として操作する人だけです。',
      ko: '서버가 제시하는 내용은 본인 자격의 사람만 승인할 수 있습니다.',
      'zh-Hant': '伺服器所提供的內容只能由本人以自己的名義核准。',
    },
    hint: {
      en: 'No agent decides, and no assistant for a person: use the command line or the REST API yourself.',
      ja: 'エージェントや、本人の代わりに動くアシスタントは判断できません。コマンドラインか REST API をご自身で使ってください。',
      ko: '에이전트나 본인을 대신하는 어시스턴트는 결정할 수 없습니다. 명령줄이나 REST API를 직접 사용하세요.',
      'zh-Hant': '代理程式或代替本人行動的助理都不能決定:請親自使用命令列或 REST API。',
    },
  },
  inspect_pin_mfa: {
    message: {
      en: 'To decide on what a server shows needs a sign-in with a second factor.',
      ja: 'サーバーの内容の判断には、多要素認証によるサインインが必要です。',
      ko: '서버가 제시하는 내용을 결정하려면 다단계 인증을 사용한 로그인이 필요합니다.',
      'zh-Hant': '決定伺服器所提供的內容需要以多重要素驗證登入。',
    },
    hint: {
      en: 'Sign in again with the second factor, as the answer asks for it.',
      ja: '応答の求めに従い、多要素認証でサインインし直してください。',
      ko: '응답이 요구하는 대로 다단계 인증으로 다시 로그인하세요.',
      'zh-Hant': '請依回應的要求,以多重要素驗證重新登入。',
    },
  },
} satisfies Record<string, { message: Text; hint: Text }>;
