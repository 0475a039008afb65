// What people read about errors in conversations: sessions, questions to a person, subscriptions, tasks.

export const conversationTexts = {
  gateway_session_required: {
    message: {
      en: 'The request names no session.',
      ja: '要求にセッションの指定がありません。',
      ko: '요청에 세션이 지정되지 않았습니다.',
      'zh-Hant': '要求未指定工作階段。',
    },
    hint: {
      en: 'Send initialize first, then the Mcp-Session-Id of its answer with every request.',
      ja: '最初に initialize を送り、以後は応答の Mcp-Session-Id をすべての要求に付けてください。',
      ko: '먼저 initialize를 보낸 뒤, 응답의 Mcp-Session-Id를 모든 요청에 포함하세요.',
      'zh-Hant': '請先傳送 initialize,之後每個要求都附上其回應中的 Mcp-Session-Id。',
    },
  },
  gateway_session_unknown: {
    message: {
      en: 'There is no such session of yours.',
      ja: 'あなたのそのセッションは存在しません。',
      ko: '해당 세션이 없습니다.',
      'zh-Hant': '您沒有這個工作階段。',
    },
    hint: {
      en: 'Start a new session with initialize; most clients do so by themselves.',
      ja: 'initialize で新しいセッションを開始してください。多くのクライアントは自動で行います。',
      ko: 'initialize로 새 세션을 시작하세요. 대부분의 클라이언트는 자동으로 시작합니다.',
      'zh-Hant': '請以 initialize 開始新的工作階段;多數用戶端會自動處理。',
    },
  },
  gateway_sessions_full: {
    message: {
      en: 'The limit of {limit} open conversations is reached.',
      ja: '同時に開ける会話の上限 ({limit}) に達しました。',
      ko: '열 수 있는 대화 한도({limit})에 도달했습니다.',
      'zh-Hant': '已達同時開啟對話的上限({limit})。',
    },
    hint: {
      en: 'Close clients that you do not use, then try again.',
      ja: '使っていないクライアントを閉じてから、もう一度お試しください。',
      ko: '사용하지 않는 클라이언트를 닫고 다시 시도하세요.',
      'zh-Hant': '請關閉未使用的用戶端後再試一次。',
    },
  },
  gateway_answer_unexpected: {
    message: {
      en: 'Nobody asked the question that this response answers.',
      ja: 'この応答に対応する要求はありません。',
      ko: '이 응답에 해당하는 요청이 없습니다.',
      'zh-Hant': '沒有與此回應相對應的要求。',
    },
    hint: {
      en: 'Answer each request of the server once, under its own id.',
      ja: 'サーバーの各要求には、その id で一度だけ応答してください。',
      ko: '서버의 각 요청에는 해당 id로 한 번만 응답하세요.',
      'zh-Hant': '伺服器的每個要求請以其 id 回應一次。',
    },
  },
  gateway_question_unanswered: {
    message: {
      en: 'A question of server "{server}" was not answered, so the call was not continued.',
      ja: 'サーバー「{server}」からの質問に回答がなかったため、呼び出しを続行しませんでした。',
      ko: '서버 "{server}"의 질문에 답변이 없어 호출을 계속하지 않았습니다.',
      'zh-Hant': '伺服器「{server}」的問題未獲回答,因此未繼續呼叫。',
    },
    hint: {
      en: 'Call again, and answer the question. The server may already have begun with the call.',
      ja: 'もう一度呼び出して、質問に回答してください。サーバーが処理の一部をすでに実行している可能性があります。',
      ko: '다시 호출하여 질문에 답하세요. 서버가 호출의 일부를 이미 수행했을 수 있습니다.',
      'zh-Hant': '請再次呼叫並回答問題。伺服器可能已開始執行部分呼叫。',
    },
  },
  gateway_watched_full: {
    message: {
      en: 'This session watches {limit} resources already, or the URI is too long to be watched.',
      ja: 'このセッションではすでに {limit} 個のリソースを監視しているか、URI が長すぎて監視できません。',
      ko: '이 세션은 이미 리소스 {limit}개를 감시하고 있거나, URI가 너무 길어 감시할 수 없습니다.',
      'zh-Hant': '此工作階段已在監看 {limit} 個資源,或 URI 過長而無法監看。',
    },
    hint: {
      en: 'Unsubscribe from resources that you no longer need.',
      ja: '不要になったリソースの購読を解除してください。',
      ko: '더 이상 필요하지 않은 리소스의 구독을 해제하세요.',
      'zh-Hant': '請取消訂閱不再需要的資源。',
    },
  },
  gateway_cursor_unknown: {
    message: {
      en: 'The cursor does not fit this list, or not any more.',
      ja: 'カーソルがこの一覧に合いません。一覧が変わった可能性があります。',
      ko: '커서가 이 목록에 맞지 않거나 더 이상 유효하지 않습니다.',
      'zh-Hant': '此資料指標不適用於這份清單,或已失效。',
    },
    hint: {
      en: 'Begin again without a cursor.',
      ja: 'カーソルを付けずに、最初から取得し直してください。',
      ko: '커서 없이 처음부터 다시 요청하세요.',
      'zh-Hant': '請不帶資料指標,從頭重新取得。',
    },
  },
  gateway_request_state_invalid: {
    message: {
      en: 'The call that this requestState belongs to is over.',
      ja: 'この requestState に対応する呼び出しはすでに終了しています。',
      ko: '이 requestState에 해당하는 호출은 이미 끝났습니다.',
      'zh-Hant': '此 requestState 所屬的呼叫已經結束。',
    },
    hint: {
      en: 'Genkan does not carry it out again by itself. Check whether it took effect, then make the call anew.',
      ja: 'Genkan が自動で再実行することはありません。実行されたかどうかを確認してから、改めて呼び出してください。',
      ko: 'Genkan은 스스로 다시 수행하지 않습니다. 수행되었는지 확인한 뒤 새로 호출하세요.',
      'zh-Hant': 'Genkan 不會自行重新執行。請先確認是否已生效,再重新呼叫。',
    },
  },
  gateway_input_refused: {
    message: {
      en: 'The server does not carry this out without the page that was declined.',
      ja: 'ページを開くことが拒否されたため、サーバーはこの処理を実行しません。',
      ko: '페이지 열기가 거부되어 서버가 이 작업을 수행하지 않습니다.',
      'zh-Hant': '由於拒絕開啟頁面,伺服器不會執行此作業。',
    },
    hint: {
      en: 'Nothing was carried out. Make the call anew if you want to open the page after all.',
      ja: '何も実行されていません。ページを開く場合は、もう一度呼び出してください。',
      ko: '아무것도 수행되지 않았습니다. 페이지를 열려면 다시 호출하세요.',
      'zh-Hant': '尚未執行任何動作。若要開啟頁面,請重新呼叫。',
    },
  },
  gateway_capability_missing: {
    message: {
      en: 'The server needs {capability} for this, which this client does not offer.',
      ja: 'この処理には {capability} が必要ですが、このクライアントは対応していません。',
      ko: '이 작업에는 {capability}이(가) 필요하지만 이 클라이언트는 지원하지 않습니다.',
      'zh-Hant': '此作業需要 {capability},但此用戶端不支援。',
    },
    hint: {
      en: 'Use a client that declares this capability, or turn it on in the settings of this one.',
      ja: 'この機能に対応するクライアントを使うか、このクライアントの設定で有効にしてください。',
      ko: '이 기능을 선언하는 클라이언트를 사용하거나 이 클라이언트의 설정에서 켜세요.',
      'zh-Hant': '請使用宣告此功能的用戶端,或在此用戶端的設定中啟用。',
    },
  },
  gateway_requests_full: {
    message: {
      en: 'The limit of {limit} requests of one person under way is reached.',
      ja: '1 人が同時に処理できるリクエストの上限 ({limit}) に達しました。',
      ko: '한 사람이 동시에 처리할 수 있는 요청 한도({limit})에 도달했습니다.',
      'zh-Hant': '已達單一使用者同時處理中請求的上限({limit})。',
    },
    hint: {
      en: 'Wait for answers or close event streams that nobody reads. An administrator can raise gateway.maxRequestsPerUser.',
      ja: '応答を待つか、読まれていないイベント ストリームを閉じてください。管理者は gateway.maxRequestsPerUser を引き上げられます。',
      ko: '응답을 기다리거나 아무도 읽지 않는 이벤트 스트림을 닫으세요. 관리자는 gateway.maxRequestsPerUser를 올릴 수 있습니다.',
      'zh-Hant': '請等候回應,或關閉無人讀取的事件串流。管理員可提高 gateway.maxRequestsPerUser。',
    },
  },
  gateway_calls_full: {
    message: {
      en: 'The limit of {limit} requests under way on one connection is reached.',
      ja: '1 つの接続で同時に処理できるリクエストの上限 ({limit}) に達しました。',
      ko: '한 연결에서 동시에 처리할 수 있는 요청 한도({limit})에 도달했습니다.',
      'zh-Hant': '已達單一連線同時處理中請求的上限({limit})。',
    },
    hint: {
      en: 'Wait for answers before you send more, then try again.',
      ja: '応答を待ってから、もう一度お試しください。',
      ko: '응답을 기다린 후 다시 시도하세요.',
      'zh-Hant': '請等候回應後再試一次。',
    },
  },
  gateway_listens_full: {
    message: {
      en: 'The limit of {limit} open subscriptions is reached.',
      ja: '同時に開けるサブスクリプションの上限 ({limit}) に達しました。',
      ko: '열 수 있는 구독 한도({limit})에 도달했습니다.',
      'zh-Hant': '已達同時開啟訂閱的上限({limit})。',
    },
    hint: {
      en: 'End subscriptions that you do not need, then try again.',
      ja: '不要なサブスクリプションを終了してから、もう一度お試しください。',
      ko: '필요하지 않은 구독을 끝내고 다시 시도하세요.',
      'zh-Hant': '請結束不需要的訂閱後再試一次。',
    },
  },
  gateway_task_unknown: {
    message: {
      en: 'You have no such task here.',
      ja: 'そのタスクはここにはありません。',
      ko: '여기에는 그런 작업이 없습니다.',
      'zh-Hant': '您在此處沒有這個工作。',
    },
    hint: {
      en: 'It may have expired, or another client of yours may have started it. Call the tool again.',
      ja: '期限が切れたか、別のクライアントで開始された可能性があります。ツールをもう一度呼び出してください。',
      ko: '만료되었거나 다른 클라이언트에서 시작했을 수 있습니다. 도구를 다시 호출하세요.',
      'zh-Hant': '它可能已過期，或由您的另一個用戶端啟動。請再次呼叫工具。',
    },
  },
} as const;
