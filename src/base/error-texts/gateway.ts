// What people read about errors of the gateway and of the HTTP listener.

export const gatewayTexts = {
  inspect_media_type: {
    message: {
      en: 'The body must be application/json, without content encoding.',
      ja: '本文は application/json で、コンテンツ エンコーディングなしで送ってください。',
      ko: '본문은 콘텐츠 인코딩 없이 application/json이어야 합니다.',
      'zh-Hant': '本文必須是 application/json,且不得使用內容編碼。',
    },
    hint: {
      en: 'Send Content-Type: application/json and no Content-Encoding.',
      ja: 'Content-Type: application/json を指定し、Content-Encoding は付けないでください。',
      ko: 'Content-Type: application/json으로 보내고 Content-Encoding은 빼세요.',
      'zh-Hant': '請使用 Content-Type: application/json,且不要使用 Content-Encoding。',
    },
  },
  inspect_params_invalid: {
    message: {
      en: 'The parameters of {method} do not name what it should use.',
      ja: '{method} のパラメーターに対象の指定がありません。',
      ko: '{method}의 매개변수에 사용할 대상이 지정되지 않았습니다.',
      'zh-Hant': '{method} 的參數沒有指明要使用的對象。',
    },
    hint: {
      en: 'See the request schema of {method} in the MCP specification.',
      ja: 'MCP 仕様の {method} のリクエスト スキーマを参照してください。',
      ko: 'MCP 사양에서 {method}의 요청 스키마를 참고하세요.',
      'zh-Hant': '請參閱 MCP 規格中 {method} 的要求結構描述。',
    },
  },
  inspect_origin_foreign: {
    message: {
      en: 'Web pages of this origin may not call this address.',
      ja: 'このオリジンの Web ページからは、このアドレスを呼び出せません。',
      ko: '이 출처의 웹 페이지는 이 주소를 호출할 수 없습니다.',
      'zh-Hant': '此來源的網頁不得呼叫這個位址。',
    },
    hint: {
      en: 'Administrators: add the origin to gateway.allowedOrigins if you trust it.',
      ja: '管理者向け: 信頼できる場合は gateway.allowedOrigins に追加してください。',
      ko: '관리자: 신뢰할 수 있으면 gateway.allowedOrigins에 추가하세요.',
      'zh-Hant': '管理員:若信任此來源,請將它加入 gateway.allowedOrigins。',
    },
  },
  inspect_host_foreign: {
    message: {
      en: 'This server does not answer for the host named in the request.',
      ja: 'このサーバーは、要求されたホスト名では応答しません。',
      ko: '이 서버는 요청에 지정된 호스트에 대해 응답하지 않습니다.',
      'zh-Hant': '此伺服器不回應要求中指定的主機。',
    },
    hint: {
      en: 'Use the address in publicUrl of the configuration.',
      ja: '構成の publicUrl のアドレスを使ってください。',
      ko: '구성의 publicUrl 주소를 사용하세요.',
      'zh-Hant': '請使用設定中 publicUrl 的位址。',
    },
  },
  gateway_path_unknown: {
    message: {
      en: 'There is nothing at this address.',
      ja: 'このアドレスには何もありません。',
      ko: '이 주소에는 아무것도 없습니다.',
      'zh-Hant': '此位址沒有任何內容。',
    },
    hint: {
      en: 'MCP servers are at /mcp/{server}; all of them together are at /mcp.',
      ja: 'MCP サーバーは /mcp/{server}、すべてをまとめたものは /mcp にあります。',
      ko: 'MCP 서버는 /mcp/{server}에, 전체는 /mcp에 있습니다.',
      'zh-Hant': 'MCP 伺服器位於 /mcp/{server},全部則位於 /mcp。',
    },
  },
  gateway_method_unknown: {
    message: {
      en: 'Method {method} is not known here.',
      ja: 'メソッド {method} はここでは使えません。',
      ko: '{method} 메서드는 여기에서 알 수 없습니다.',
      'zh-Hant': '這裡不認得方法 {method}。',
    },
    hint: {
      en: 'Only methods of the MCP revision in use pass the door.',
      ja: '使用中の MCP リビジョンにあるメソッドだけが通ります。',
      ko: '사용 중인 MCP 개정판의 메서드만 통과할 수 있습니다.',
      'zh-Hant': '只有目前 MCP 修訂版中的方法可以通過。',
    },
  },
  gateway_tool_unknown: {
    message: {
      en: 'There is no tool {tool}.',
      ja: 'ツール {tool} はありません。',
      ko: '{tool} 도구가 없습니다.',
      'zh-Hant': '沒有工具 {tool}。',
    },
    hint: {
      en: 'List the tools again with tools/list.',
      ja: 'tools/list でツールの一覧を取得し直してください。',
      ko: 'tools/list로 도구 목록을 다시 가져오세요.',
      'zh-Hant': '請以 tools/list 重新取得工具清單。',
    },
  },
  gateway_name_unknown: {
    message: {
      en: 'There is nothing called {name}.',
      ja: '{name} という名前のものはありません。',
      ko: '{name}(이)라는 항목이 없습니다.',
      'zh-Hant': '沒有名為 {name} 的項目。',
    },
    hint: {
      en: 'List what there is and try again.',
      ja: '一覧を取得して、もう一度お試しください。',
      ko: '목록을 가져온 뒤 다시 시도하세요.',
      'zh-Hant': '請先取得清單後再試一次。',
    },
  },
  gateway_http_method: {
    message: {
      en: 'This HTTP method is not allowed at this address.',
      ja: 'このアドレスでは、この HTTP メソッドは使えません。',
      ko: '이 주소에서는 이 HTTP 메서드를 사용할 수 없습니다.',
      'zh-Hant': '此位址不允許這個 HTTP 方法。',
    },
    hint: {
      en: 'Send messages with POST.',
      ja: 'メッセージは POST で送ってください。',
      ko: '메시지는 POST로 보내세요.',
      'zh-Hant': '請以 POST 傳送訊息。',
    },
  },
  gateway_cancelled: {
    message: {
      en: 'The client gave the request up.',
      ja: 'クライアントが要求を取り消しました。',
      ko: '클라이언트가 요청을 취소했습니다.',
      'zh-Hant': '用戶端已放棄此要求。',
    },
    hint: {
      en: 'A call with effects may still have taken effect. Check before you repeat it.',
      ja: '変更を伴う呼び出しは実行された可能性があります。繰り返す前に確認してください。',
      ko: '변경을 일으키는 호출은 이미 수행되었을 수 있습니다. 반복하기 전에 확인하세요.',
      'zh-Hant': '會造成變更的呼叫可能已經生效。重複之前請先確認。',
    },
  },
  gateway_fault: {
    message: {
      en: 'Something went wrong inside Genkan.',
      ja: 'Genkan の内部で問題が発生しました。',
      ko: 'Genkan 내부에서 문제가 발생했습니다.',
      'zh-Hant': 'Genkan 內部發生問題。',
    },
    hint: {
      en: 'Try again. Administrators find the cause in the log under the correlation id.',
      ja: 'もう一度お試しください。管理者は相関 ID でログから原因を確認できます。',
      ko: '다시 시도하세요. 관리자는 상관 ID로 로그에서 원인을 확인할 수 있습니다.',
      'zh-Hant': '請再試一次。管理員可依相互關聯識別碼在記錄檔中查明原因。',
    },
  },
  gateway_stopping: {
    message: {
      en: 'Genkan is shutting down.',
      ja: 'Genkan は停止処理中です。',
      ko: 'Genkan이 종료되고 있습니다.',
      'zh-Hant': 'Genkan 正在關閉。',
    },
    hint: {
      en: 'Try again in a moment.',
      ja: '少し待ってからもう一度お試しください。',
      ko: '잠시 후 다시 시도하세요.',
      'zh-Hant': '請稍候再試。',
    },
  },
  server_port_taken: {
    message: {
      en: 'Another program is already listening on {address}.',
      ja: '{address} は別のプログラムが使用中です。',
      ko: '다른 프로그램이 이미 {address}에서 연결을 받고 있습니다.',
      'zh-Hant': '另一個程式已在 {address} 上接聽。',
    },
    hint: {
      en: 'Choose another port with --port, or stop the program that holds this one; lsof -i :{port} names it.',
      ja: '--port で別のポートを指定するか、使用中のプログラムを停止してください。lsof -i :{port} で確認できます。',
      ko: '--port로 다른 포트를 지정하거나 이 포트를 쓰는 프로그램을 중지하세요. lsof -i :{port} 명령으로 확인할 수 있습니다.',
      'zh-Hant': '請以 --port 指定其他連接埠，或停止佔用此連接埠的程式；執行 lsof -i :{port} 可查出是哪個程式。',
    },
  },
  server_address_unusable: {
    message: {
      en: 'Genkan cannot listen on {address}: {reason}.',
      ja: '{address} で待ち受けられません: {reason}。',
      ko: '{address}에서 연결을 받을 수 없습니다: {reason}.',
      'zh-Hant': '無法在 {address} 上接聽：{reason}。',
    },
    hint: {
      en: 'In `listen`, write an address of this machine, and a port that this user may open.',
      ja: '`listen` には、このマシンのアドレスと、このユーザーが開けるポートを指定してください。',
      ko: '`listen`에 이 컴퓨터의 주소와 이 사용자가 열 수 있는 포트를 지정하세요.',
      'zh-Hant': '請在 `listen` 中指定這台電腦的位址，以及此使用者可以開啟的連接埠。',
    },
  },
  server_host_repeated: {
    message: {
      en: 'The request names more than one host.',
      ja: '要求に Host ヘッダーが複数あります。',
      ko: '요청에 Host 헤더가 둘 이상 있습니다.',
      'zh-Hant': '要求中有一個以上的 Host 標頭。',
    },
    hint: {
      en: 'Send exactly one Host header.',
      ja: 'Host ヘッダーは 1 つだけ送ってください。',
      ko: 'Host 헤더는 하나만 보내세요.',
      'zh-Hant': '請只傳送一個 Host 標頭。',
    },
  },
  server_metrics_local: {
    message: {
      en: 'Metrics are for programs on this machine.',
      ja: 'メトリックは、このマシン上のプログラムからだけ読み取れます。',
      ko: '메트릭은 이 컴퓨터의 프로그램만 읽을 수 있습니다.',
      'zh-Hant': '只有這台電腦上的程式可以讀取計量。',
    },
    hint: {
      en: 'Ask at http://127.0.0.1 without a proxy. Administrators: `metrics: everywhere` shows them to whoever reaches the port.',
      ja: 'プロキシを介さず http://127.0.0.1 で読み取ってください。管理者向け: `metrics: everywhere` にすると、ポートに到達できる誰もが読み取れます。',
      ko: '프록시 없이 http://127.0.0.1에서 읽으세요. 관리자: `metrics: everywhere`로 설정하면 포트에 연결할 수 있는 누구나 읽을 수 있습니다.',
      'zh-Hant':
        '請不經 Proxy，直接從 http://127.0.0.1 讀取。管理員：設定 `metrics: everywhere` 後，凡能連到此連接埠者皆可讀取。',
    },
  },
} as const;
