// What people read about errors of signing in and of OAuth.

export const identityTexts = {
  identity_token_missing: {
    message: {
      en: 'Sign-in is required.',
      ja: 'サインインが必要です。',
      ko: '로그인이 필요합니다.',
      'zh-Hant': '需要登入。',
    },
    hint: {
      en: 'Connect with a client that supports OAuth; it opens the sign-in page by itself.',
      ja: 'OAuth に対応したクライアントで接続してください。サインイン画面は自動で開きます。',
      ko: 'OAuth를 지원하는 클라이언트로 연결하면 로그인 페이지가 자동으로 열립니다.',
      'zh-Hant': '請使用支援 OAuth 的用戶端連線,它會自動開啟登入頁面。',
    },
  },
  identity_token_invalid: {
    message: {
      en: 'The access token is not valid here.',
      ja: 'このアクセストークンはここでは無効です。',
      ko: '이 액세스 토큰은 여기에서 유효하지 않습니다.',
      'zh-Hant': '此存取權杖在這裡無效。',
    },
    hint: {
      en: 'Sign in again. Only tokens that Genkan issued are accepted.',
      ja: 'もう一度サインインしてください。Genkan が発行したトークンだけを受け付けます。',
      ko: '다시 로그인하세요. Genkan이 발급한 토큰만 허용됩니다.',
      'zh-Hant': '請重新登入。只接受 Genkan 發行的權杖。',
    },
  },
  identity_token_audience: {
    message: {
      en: 'The access token was issued for another resource, not for {resource}.',
      ja: 'このアクセストークンは {resource} ではなく、別のリソース用に発行されたものです。',
      ko: '이 액세스 토큰은 {resource}이(가) 아닌 다른 리소스용으로 발급되었습니다.',
      'zh-Hant': '此存取權杖是為其他資源發行的,不適用於 {resource}。',
    },
    hint: {
      en: 'Request a token with resource={resource}.',
      ja: 'resource={resource} を指定してトークンを要求してください。',
      ko: 'resource={resource}을(를) 지정하여 토큰을 요청하세요.',
      'zh-Hant': '請以 resource={resource} 要求權杖。',
    },
  },
  identity_token_expired: {
    message: {
      en: 'The access token has expired.',
      ja: 'アクセストークンの有効期限が切れています。',
      ko: '액세스 토큰이 만료되었습니다.',
      'zh-Hant': '存取權杖已過期。',
    },
    hint: {
      en: 'Refresh the token or sign in again.',
      ja: 'トークンを更新するか、もう一度サインインしてください。',
      ko: '토큰을 새로 고치거나 다시 로그인하세요.',
      'zh-Hant': '請更新權杖或重新登入。',
    },
  },
  identity_scope_missing: {
    message: {
      en: 'The access token lacks the scope "{scope}".',
      ja: 'アクセストークンにスコープ「{scope}」がありません。',
      ko: '액세스 토큰에 "{scope}" 범위가 없습니다.',
      'zh-Hant': '存取權杖缺少範圍「{scope}」。',
    },
    hint: {
      en: 'Request a token with scope={scope}.',
      ja: 'scope={scope} を指定してトークンを要求してください。',
      ko: 'scope={scope}을(를) 지정하여 토큰을 요청하세요.',
      'zh-Hant': '請以 scope={scope} 要求權杖。',
    },
  },
  identity_grant_revoked: {
    message: {
      en: 'This access has been revoked.',
      ja: 'このアクセス権は取り消されました。',
      ko: '이 액세스 권한은 취소되었습니다.',
      'zh-Hant': '此存取權已被撤銷。',
    },
    hint: {
      en: 'Sign in again.',
      ja: 'もう一度サインインしてください。',
      ko: '다시 로그인하세요.',
      'zh-Hant': '請重新登入。',
    },
  },
  identity_provider_unavailable: {
    message: {
      en: 'The sign-in service cannot be reached.',
      ja: 'サインイン サービスに接続できません。',
      ko: '로그인 서비스에 연결할 수 없습니다.',
      'zh-Hant': '無法連線到登入服務。',
    },
    hint: {
      en: 'Try again shortly. Administrators: check identity.provider in the configuration; the log has the cause.',
      ja: 'しばらくしてからもう一度お試しください。管理者は構成の identity.provider を確認してください。原因はログにあります。',
      ko: '잠시 후 다시 시도하세요. 관리자는 구성의 identity.provider를 확인하세요. 원인은 로그에 있습니다.',
      'zh-Hant': '請稍後再試。管理員請檢查設定中的 identity.provider，原因記載於記錄檔。',
    },
  },
  identity_sign_in_failed: {
    message: {
      en: 'Sign-in could not be completed.',
      ja: 'サインインを完了できませんでした。',
      ko: '로그인을 완료하지 못했습니다.',
      'zh-Hant': '無法完成登入。',
    },
    hint: {
      en: 'Start again from your application. If it happens again, ask an administrator; the log has the cause.',
      ja: 'アプリケーションからやり直してください。繰り返す場合は管理者に連絡してください。原因はログにあります。',
      ko: '애플리케이션에서 다시 시작하세요. 계속되면 관리자에게 문의하세요. 원인은 로그에 있습니다.',
      'zh-Hant': '請從您的應用程式重新開始。若再次發生，請聯絡管理員，原因記載於記錄檔。',
    },
  },
  identity_sign_in_expired: {
    message: {
      en: 'This sign-in has expired, or was begun in another browser.',
      ja: 'このサインインは期限切れか、別のブラウザーで開始されたものです。',
      ko: '이 로그인은 만료되었거나 다른 브라우저에서 시작되었습니다.',
      'zh-Hant': '此登入已過期，或是在其他瀏覽器中開始的。',
    },
    hint: {
      en: 'Start again from your application, and allow cookies for this address.',
      ja: 'アプリケーションからやり直してください。このアドレスの Cookie を許可する必要があります。',
      ko: '애플리케이션에서 다시 시작하고 이 주소의 쿠키를 허용하세요.',
      'zh-Hant': '請從您的應用程式重新開始，並允許此位址使用 Cookie。',
    },
  },
  identity_request_invalid: {
    message: {
      en: 'The request of the application is not valid ({reason}).',
      ja: 'アプリケーションの要求が正しくありません ({reason})。',
      ko: '애플리케이션의 요청이 올바르지 않습니다 ({reason}).',
      'zh-Hant': '應用程式的要求無效（{reason}）。',
    },
    hint: {
      en: 'Remove the connection in your application and add it again. It then registers anew.',
      ja: 'アプリケーションでこの接続を削除し、追加し直してください。登録がやり直されます。',
      ko: '애플리케이션에서 이 연결을 삭제하고 다시 추가하세요. 그러면 새로 등록됩니다.',
      'zh-Hant': '請在應用程式中移除此連線後重新新增，即會重新註冊。',
    },
  },
  identity_requests_too_many: {
    message: {
      en: 'Too many requests came from your address.',
      ja: 'お使いのアドレスからのリクエストが多すぎます。',
      ko: '사용 중인 주소에서 너무 많은 요청이 왔습니다.',
      'zh-Hant': '來自您位址的請求過多。',
    },
    hint: {
      en: 'Wait a minute and try again.',
      ja: '1 分ほど待ってから、もう一度お試しください。',
      ko: '1분 정도 기다린 후 다시 시도하세요.',
      'zh-Hant': '請等候一分鐘後再試一次。',
    },
  },
  identity_request_forged: {
    message: {
      en: 'This form was not sent from our page.',
      ja: 'このフォームは当サイトのページから送信されたものではありません。',
      ko: '이 양식은 이 사이트의 페이지에서 보낸 것이 아닙니다.',
      'zh-Hant': '此表單並非由本站頁面送出。',
    },
    hint: {
      en: 'Nothing was changed. If you meant to allow access, start again from your application.',
      ja: '何も変更されていません。アクセスを許可する場合は、アプリケーションからやり直してください。',
      ko: '변경된 내용은 없습니다. 액세스를 허용하려면 애플리케이션에서 다시 시작하세요.',
      'zh-Hant': '未變更任何內容。若您要允許存取，請從應用程式重新開始。',
    },
  },
};
