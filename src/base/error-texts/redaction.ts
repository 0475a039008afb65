// What people read when a token for a value cannot be put back.

export const redactionTexts = {
  inspect_token_foreign: {
    message: {
      en: 'The arguments hold a token (genkan_…) that cannot be put back for server "{server}": it is of another user or another server, has expired, or was changed on the way.',
      ja: '引数に、サーバー「{server}」に対して元の値へ戻せないトークン(genkan_…)があります。別のユーザーまたは別のサーバーのもの、期限切れ、または途中で変更されたものです。',
      ko: '인수에 서버 "{server}"에 대해 원래 값으로 되돌릴 수 없는 토큰(genkan_…)이 있습니다. 다른 사용자나 다른 서버의 것이거나, 만료되었거나, 도중에 변경되었습니다.',
      'zh-Hant':
        '引數含有無法為伺服器「{server}」還原的權杖(genkan_…):它屬於其他使用者或其他伺服器、已過期,或在途中遭到更改。',
    },
    hint: {
      en: 'Nothing was carried out. Ask the server where the value is from once more and copy the new token exactly; an administrator can let values go to another server under inspect.redaction.tokens.mayGoTo.',
      ja: '処理は実行されていません。値の出どころのサーバーに再度問い合わせ、新しいトークンを正確に写してください。別のサーバーへ渡すことは、管理者が inspect.redaction.tokens.mayGoTo で許可できます。',
      ko: '아무것도 수행되지 않았습니다. 값을 준 서버에 다시 요청하여 새 토큰을 그대로 옮기세요. 다른 서버로 보내는 것은 관리자가 inspect.redaction.tokens.mayGoTo에서 허용할 수 있습니다.',
      'zh-Hant':
        '尚未執行任何動作。請再次向提供該值的伺服器查詢,並完整複製新的權杖;管理員可於 inspect.redaction.tokens.mayGoTo 允許將值傳給其他伺服器。',
    },
  },
} as const;
