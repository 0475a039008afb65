// What people read about MCP servers that do not answer, and about records that cannot be written.
import type { Text } from '../text.ts';

export const upstreamTexts = {
  upstream_unavailable: {
    message: {
      en: 'Server "{server}" is not available.',
      ja: 'サーバー「{server}」は利用できません。',
      ko: '서버 "{server}"을(를) 사용할 수 없습니다.',
      'zh-Hant': '伺服器「{server}」無法使用。',
    },
    hint: {
      en: 'Try again shortly. Administrators find the cause with: genkan server list',
      ja: 'しばらくしてからもう一度お試しください。管理者は genkan server list で原因を確認できます。',
      ko: '잠시 후 다시 시도하세요. 관리자는 genkan server list로 원인을 확인할 수 있습니다.',
      'zh-Hant': '請稍後再試。管理員可用 genkan server list 查明原因。',
    },
  },
  upstream_busy: {
    message: {
      en: 'Server "{server}" has had too many requests and asks for a pause of {seconds} seconds.',
      ja: 'サーバー「{server}」は要求が多すぎるため、{seconds} 秒待つよう求めています。',
      ko: '서버 "{server}"에 요청이 너무 많아 {seconds}초 동안 기다려야 합니다.',
      'zh-Hant': '伺服器「{server}」收到過多要求，請等候 {seconds} 秒。',
    },
    hint: {
      en: 'Repeat the call after {seconds} seconds, not before.',
      ja: '{seconds} 秒以上たってから、もう一度呼び出してください。',
      ko: '{seconds}초가 지난 뒤에 다시 호출하세요.',
      'zh-Hant': '請在 {seconds} 秒之後再重新呼叫。',
    },
  },
  upstream_timeout: {
    message: {
      en: 'Server "{server}" did not answer within {seconds} seconds.',
      ja: 'サーバー「{server}」が {seconds} 秒以内に応答しませんでした。',
      ko: '서버 "{server}"이(가) {seconds}초 안에 응답하지 않았습니다.',
      'zh-Hant': '伺服器「{server}」未在 {seconds} 秒內回應。',
    },
    hint: {
      en: 'The call may still have taken effect. Check before you repeat it.',
      ja: '呼び出しは実行された可能性があります。繰り返す前に確認してください。',
      ko: '호출이 실제로 수행되었을 수 있습니다. 반복하기 전에 확인하세요.',
      'zh-Hant': '呼叫可能已經生效。重複之前請先確認。',
    },
  },
  upstream_answer_invalid: {
    message: {
      en: 'Server "{server}" gave an answer that is not valid MCP.',
      ja: 'サーバー「{server}」が MCP として正しくない応答を返しました。',
      ko: '서버 "{server}"이(가) 올바르지 않은 MCP 응답을 반환했습니다.',
      'zh-Hant': '伺服器「{server}」傳回的回應不是有效的 MCP。',
    },
    hint: {
      en: 'Report it to the author of the server; the log has the details.',
      ja: 'サーバーの作成者に報告してください。詳細はログにあります。',
      ko: '서버 작성자에게 알려 주세요. 자세한 내용은 로그에 있습니다.',
      'zh-Hant': '請回報給伺服器作者;詳細資料在記錄檔中。',
    },
  },
  upstream_asks_too_often: {
    message: {
      en: 'Server "{server}" asked for input more than {rounds} times in one call. The call was given up.',
      ja: 'サーバー「{server}」が 1 回の呼び出しで {rounds} 回を超えて入力を求めたため、呼び出しを中止しました。',
      ko: '서버 "{server}"이(가) 한 번의 호출에서 {rounds}회를 넘겨 입력을 요청하여 호출을 중단했습니다.',
      'zh-Hant': '伺服器「{server}」在一次呼叫中要求輸入超過 {rounds} 次,因此已中止呼叫。',
    },
    hint: {
      en: 'Check what the call has done before you repeat it. Report it to the author of the server.',
      ja: '繰り返す前に、呼び出しで何が実行されたかを確認してください。サーバーの作成者にも報告してください。',
      ko: '반복하기 전에 호출이 무엇을 수행했는지 확인하고, 서버 작성자에게 알려 주세요.',
      'zh-Hant': '重複之前,請先確認呼叫執行了哪些動作,並回報給伺服器作者。',
    },
  },
  upstream_changes_untold: {
    message: {
      en: 'Server "{server}" does not announce changes of this resource.',
      ja: 'サーバー「{server}」は、このリソースの変更を通知しません。',
      ko: '서버 "{server}"은(는) 이 리소스의 변경을 알리지 않습니다.',
      'zh-Hant': '伺服器「{server}」不會通知此資源的變更。',
    },
    hint: {
      en: 'Read the resource again when you need its current content.',
      ja: '最新の内容が必要なときは、リソースをもう一度読み取ってください。',
      ko: '최신 내용이 필요하면 리소스를 다시 읽으세요.',
      'zh-Hant': '需要最新內容時,請重新讀取此資源。',
    },
  },
  upstream_not_approved: {
    message: {
      en: 'Server "{server}" is off until an administrator approves it.',
      ja: 'サーバー「{server}」は管理者が承認するまで無効です。',
      ko: '서버 "{server}"은(는) 관리자가 승인할 때까지 꺼져 있습니다.',
      'zh-Hant': '伺服器「{server}」在管理員核准前為停用狀態。',
    },
    hint: {
      en: 'Administrators: genkan server approve --name {server}',
      ja: '管理者向け: genkan server approve --name {server}',
      ko: '관리자: genkan server approve --name {server}',
      'zh-Hant': '管理員:genkan server approve --name {server}',
    },
  },
  upstream_unknown: {
    message: {
      en: 'There is no server "{server}".',
      ja: 'サーバー「{server}」は存在しません。',
      ko: '서버 "{server}"은(는) 존재하지 않습니다.',
      'zh-Hant': '沒有名為「{server}」的伺服器。',
    },
    hint: {
      en: 'Check the name. Administrators see all servers with: genkan server list',
      ja: '名前を確認してください。管理者は genkan server list で一覧を確認できます。',
      ko: '이름을 확인하세요. 관리자는 genkan server list로 전체 목록을 볼 수 있습니다.',
      'zh-Hant': '請確認名稱。管理員可用 genkan server list 查看所有伺服器。',
    },
  },
  upstream_name_taken: {
    message: {
      en: 'There is already a server "{server}".',
      ja: 'サーバー「{server}」は既に存在します。',
      ko: '서버 "{server}"이(가) 이미 있습니다.',
      'zh-Hant': '已有名為「{server}」的伺服器。',
    },
    hint: {
      en: 'Choose another name, or remove the other server first.',
      ja: '別の名前を選ぶか、先に既存のサーバーを削除してください。',
      ko: '다른 이름을 선택하거나 기존 서버를 먼저 제거하세요.',
      'zh-Hant': '請改用其他名稱,或先移除現有的伺服器。',
    },
  },
  upstream_configured: {
    message: {
      en: 'Server "{server}" stands in the configuration file and cannot be removed while running.',
      ja: 'サーバー「{server}」は設定ファイルに記述されているため、実行中には削除できません。',
      ko: '서버 "{server}"은(는) 구성 파일에 있으므로 실행 중에는 제거할 수 없습니다.',
      'zh-Hant': '伺服器「{server}」寫在設定檔中,無法在執行期間移除。',
    },
    hint: {
      en: 'Take it out of genkan.yaml and start Genkan again.',
      ja: 'genkan.yaml から削除し、Genkan を再起動してください。',
      ko: 'genkan.yaml에서 삭제한 뒤 Genkan을 다시 시작하세요.',
      'zh-Hant': '請從 genkan.yaml 移除後重新啟動 Genkan。',
    },
  },
  upstream_demands_again: {
    message: {
      en: 'Server "{server}" turns you away although you have just signed in as it asked.',
      ja: '求められたとおりにサインインした直後ですが、サーバー「{server}」に拒否されました。',
      ko: '요청한 대로 방금 로그인했지만 서버 "{server}"이(가) 거부했습니다.',
      'zh-Hant': '您剛剛已依要求登入，但伺服器「{server}」仍然拒絕。',
    },
    hint: {
      en: 'Signing in once more will not help. Ask your administrator to look at the policies of this server.',
      ja: 'もう一度サインインしても解決しません。このサーバーのポリシーの確認を管理者に依頼してください。',
      ko: '다시 로그인해도 해결되지 않습니다. 관리자에게 이 서버의 정책 확인을 요청하세요.',
      'zh-Hant': '再次登入也無法解決。請要求管理員檢查此伺服器的原則。',
    },
  },
  upstream_needs_person: {
    message: {
      en: 'Server "{server}" acts in the name of the person who calls, and an application has nobody behind it.',
      ja: 'サーバー「{server}」は呼び出した人の名義で動作しますが、アプリケーションだけでは対象となる人がいません。',
      ko: '서버 "{server}"은(는) 호출한 사람의 이름으로 작동하지만, 애플리케이션에는 그 주체인 사람이 없습니다.',
      'zh-Hant': '伺服器「{server}」以呼叫者本人的名義執行，而應用程式背後沒有任何人。',
    },
    hint: {
      en: 'Call it through a client in which a person is signed in.',
      ja: '人がサインインしているクライアントから呼び出してください。',
      ko: '사람이 로그인한 클라이언트를 통해 호출하세요.',
      'zh-Hant': '請透過有人登入的用戶端呼叫。',
    },
  },
  upstream_sign_in_required: {
    message: {
      en: 'Server "{server}" needs your own sign-in.',
      ja: 'サーバー「{server}」には、あなた自身のサインインが必要です。',
      ko: '서버 "{server}"에 직접 로그인해야 합니다.',
      'zh-Hant': '伺服器「{server}」需要您本人登入。',
    },
    hint: {
      en: 'Open {url} in your browser, sign in, then repeat the call.',
      ja: 'ブラウザーで {url} を開いてサインインし、呼び出しをやり直してください。',
      ko: '브라우저에서 {url} 을(를) 열어 로그인한 다음 호출을 다시 시도하세요.',
      'zh-Hant': '請在瀏覽器中開啟 {url} 並登入，然後重新呼叫。',
    },
  },
  upstream_sign_in_failed: {
    message: {
      en: 'The sign-in at server "{server}" did not work.',
      ja: 'サーバー「{server}」へのサインインに失敗しました。',
      ko: '서버 "{server}"에 로그인하지 못했습니다.',
      'zh-Hant': '無法登入伺服器「{server}」。',
    },
    hint: {
      en: 'Ask your assistant again for the address and retry. Administrators find the reason in the log.',
      ja: 'アシスタントにアドレスをもう一度表示させて、やり直してください。管理者はログで理由を確認できます。',
      ko: '어시스턴트에게 주소를 다시 요청한 뒤 시도하세요. 관리자는 로그에서 이유를 확인할 수 있습니다.',
      'zh-Hant': '請向助理重新取得網址後再試一次。管理員可在記錄檔中查明原因。',
    },
  },
  upstream_sign_in_expired: {
    message: {
      en: 'This sign-in is no longer valid.',
      ja: 'このサインインは無効になりました。',
      ko: '이 로그인은 더 이상 유효하지 않습니다.',
      'zh-Hant': '這次登入已失效。',
    },
    hint: {
      en: 'Repeat the call in your assistant and open the new address in this browser.',
      ja: 'アシスタントで呼び出しをやり直し、新しいアドレスをこのブラウザーで開いてください。',
      ko: '어시스턴트에서 호출을 다시 시도하고 새 주소를 이 브라우저에서 여세요.',
      'zh-Hant': '請在助理中重新呼叫，並在此瀏覽器中開啟新的網址。',
    },
  },
  upstream_sign_in_other_person: {
    message: {
      en: 'This address was made for somebody else.',
      ja: 'このアドレスは別の人のために作成されたものです。',
      ko: '이 주소는 다른 사람을 위해 만들어진 것입니다.',
      'zh-Hant': '此網址是為其他人建立的。',
    },
    hint: {
      en: 'If somebody sent it to you, do not continue. If it is yours, sign in with the account that your assistant uses.',
      ja: '誰かから送られてきた場合は、続行しないでください。自分のものであれば、アシスタントが使用しているアカウントでサインインしてください。',
      ko: '다른 사람이 보낸 주소라면 계속하지 마세요. 본인의 주소라면 어시스턴트가 사용하는 계정으로 로그인하세요.',
      'zh-Hant': '若是他人傳送給您的，請勿繼續。若是您自己的，請以助理所使用的帳戶登入。',
    },
  },
  record_unavailable: {
    message: {
      en: 'The call was not carried out or not answered, because it could not be recorded.',
      ja: '記録できないため、呼び出しは実行されないか、応答が返されませんでした。',
      ko: '기록할 수 없어 호출을 수행하지 않았거나 응답하지 않았습니다.',
      'zh-Hant': '因為無法記錄,呼叫未執行或未回覆。',
    },
    hint: {
      en: 'Administrators: check disk space and permissions of the data directory.',
      ja: '管理者向け: データ ディレクトリの空き容量と権限を確認してください。',
      ko: '관리자: 데이터 디렉터리의 디스크 공간과 권한을 확인하세요.',
      'zh-Hant': '管理員:請檢查資料目錄的磁碟空間與權限。',
    },
  },
} satisfies Record<string, { readonly message: Text; readonly hint: Text }>;
