// What people read about errors of OAuth clients: agents that administrators register, and tokens that are bound to a key.

export const clientTexts = {
  identity_token_bound: {
    message: {
      en: 'The access token was not shown in the way that it was issued for.',
      ja: 'アクセストークンが、発行時に決められた方法で提示されていません。',
      ko: '액세스 토큰이 발급된 방식대로 제시되지 않았습니다.',
      'zh-Hant': '存取權杖未以發行時約定的方式出示。',
    },
    hint: {
      en: 'A token that is bound to a key goes with Authorization: DPoP and a proof, any other one with Authorization: Bearer.',
      ja: '鍵に紐づけられたトークンは Authorization: DPoP と証明を、それ以外は Authorization: Bearer を使って送ってください。',
      ko: '키에 바인딩된 토큰은 Authorization: DPoP와 증명을 함께 보내고, 그 밖의 토큰은 Authorization: Bearer로 보내세요.',
      'zh-Hant': '綁定金鑰的權杖請以 Authorization: DPoP 並附上證明傳送，其他權杖則使用 Authorization: Bearer。',
    },
  },
  identity_proof_invalid: {
    message: {
      en: 'The DPoP proof is missing or does not belong to this request.',
      ja: 'DPoP の証明がないか、このリクエストのものではありません。',
      ko: 'DPoP 증명이 없거나 이 요청에 대한 것이 아닙니다.',
      'zh-Hant': '缺少 DPoP 證明，或該證明不屬於此要求。',
    },
    hint: {
      en: 'Make a new proof for each request, with its method, its address, the time and the hash of the token. Check the clock of the client.',
      ja: 'リクエストごとに、メソッド、アドレス、時刻、トークンのハッシュを含む証明を新しく作ってください。クライアントの時計も確かめてください。',
      ko: '요청마다 메서드, 주소, 시각, 토큰 해시를 담은 증명을 새로 만드세요. 클라이언트의 시계도 확인하세요.',
      'zh-Hant': '請為每個要求建立新的證明，包含方法、位址、時間與權杖雜湊，並檢查用戶端的時鐘。',
    },
  },
};
