// What people read about limits: how often they may call, and how often a server lets itself be called.

export const limitTexts = {
  access_limit_exceeded: {
    message: {
      en: 'The limit "{limit}" is reached.',
      ja: '制限「{limit}」に達しました。',
      ko: '한도 "{limit}"에 도달했습니다.',
      'zh-Hant': '已達到限制「{limit}」。',
    },
    hint: {
      en: 'Nothing was carried out. Try again in {seconds} seconds.',
      ja: '処理は実行されていません。{seconds} 秒後にもう一度お試しください。',
      ko: '아무것도 수행되지 않았습니다. {seconds}초 후에 다시 시도하세요.',
      'zh-Hant': '尚未執行任何動作。請在 {seconds} 秒後再試一次。',
    },
  },
  upstream_rate_limited: {
    message: {
      en: 'Server "{server}" takes no more requests for the moment.',
      ja: 'サーバー「{server}」は現在これ以上の要求を受け付けていません。',
      ko: '서버 "{server}"에서 현재 더 이상 요청을 받지 않습니다.',
      'zh-Hant': '伺服器「{server}」目前不再接受要求。',
    },
    hint: {
      en: 'It asked to be left alone; nothing was carried out. Try again in {seconds} seconds.',
      ja: 'サーバーが間隔を空けるよう求めています。処理は実行されていません。{seconds} 秒後にもう一度お試しください。',
      ko: '서버에서 잠시 기다려 달라고 요청했습니다. 아무것도 수행되지 않았습니다. {seconds}초 후에 다시 시도하세요.',
      'zh-Hant': '伺服器要求暫緩,尚未執行任何動作。請在 {seconds} 秒後再試一次。',
    },
  },
} as const;
