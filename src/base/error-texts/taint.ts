// What people read when what a conversation has read may not go where a call sends.

export const taintTexts = {
  inspect_taint_blocked: {
    message: {
      en: 'A taint rule stopped "{name}" of server "{server}": it can send to outsiders what this conversation has read before. {sources}.',
      ja: 'テイント規則により、サーバー「{server}」の「{name}」を止めました。この会話で先に読み取った内容を外部へ送れるためです。{sources}。',
      ko: '테인트 규칙이 서버 "{server}"의 "{name}"을(를) 막았습니다. 이 대화에서 앞서 읽은 내용을 외부로 보낼 수 있기 때문입니다. {sources}.',
      'zh-Hant': '污點規則已攔下伺服器「{server}」的「{name}」:它可能把此對話先前讀取的內容傳給外部。{sources}。',
    },
    hint: {
      en: 'Nothing was carried out; do not try another tool for the same. Tell the person. It is possible again once nothing has been called for as long as inspect.taint.idle says; a new chat or session alone does not change it. An administrator can end the conversation with "genkan taint clear", have such calls approved (inspect.taint.rules, then: approval), or correct a label.',
      ja: '処理は実行されていません。同じ目的で別のツールを試さず、利用者に知らせてください。inspect.taint.idle の時間だけ呼び出しがなければ再び可能になります。新しいチャットやセッションだけでは変わりません。管理者は「genkan taint clear」で会話を終わらせる、承認制にする(inspect.taint.rules の then: approval)、またはラベルを直すことができます。',
      ko: '아무것도 수행되지 않았습니다. 같은 목적으로 다른 도구를 시도하지 말고 사용자에게 알리세요. inspect.taint.idle에 정한 시간 동안 호출이 없으면 다시 가능합니다. 새 채팅이나 세션만으로는 바뀌지 않습니다. 관리자는 "genkan taint clear"로 대화를 끝내거나, 승인을 받게 하거나(inspect.taint.rules의 then: approval), 레이블을 고칠 수 있습니다.',
      'zh-Hant':
        '尚未執行任何動作,請勿改用其他工具達成同一目的,並告知使用者。在 inspect.taint.idle 所定的時間內沒有任何呼叫後即可再次使用;僅開啟新的聊天或工作階段不會改變。管理員可用「genkan taint clear」結束此對話、改為需經核准(inspect.taint.rules 的 then: approval),或更正標籤。',
    },
  },
  inspect_taint_own: {
    message: {
      en: 'Nobody clears what their own conversation has read.',
      ja: '自分の会話が読み取った記録を自分で消すことはできません。',
      ko: '자신의 대화가 읽은 기록을 스스로 지울 수 없습니다.',
      'zh-Hant': '任何人都不能清除自己的對話所讀取的紀錄。',
    },
    hint: {
      en: 'Ask another administrator, or wait until the conversation is over (inspect.taint.idle).',
      ja: '別の管理者に依頼するか、会話が終わる(inspect.taint.idle)まで待ってください。',
      ko: '다른 관리자에게 요청하거나 대화가 끝날 때까지(inspect.taint.idle) 기다리세요.',
      'zh-Hant': '請洽其他管理員,或等待對話結束(inspect.taint.idle)。',
    },
  },
  inspect_taint_off: {
    message: {
      en: 'There are no taint rules here.',
      ja: 'ここではテイント規則が設定されていません。',
      ko: '여기에는 테인트 규칙이 없습니다.',
      'zh-Hant': '此處未設定污點規則。',
    },
    hint: {
      en: 'Write inspect.taint in genkan.yaml, e.g. "taint: {}", and restart.',
      ja: 'genkan.yaml に inspect.taint(例:「taint: {}」)を書き、再起動してください。',
      ko: 'genkan.yaml에 inspect.taint(예: "taint: {}")를 쓰고 다시 시작하세요.',
      'zh-Hant': '請在 genkan.yaml 寫入 inspect.taint(例如「taint: {}」)後重新啟動。',
    },
  },
} as const;
