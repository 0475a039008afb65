// What people read about their queries on the record.

export const searchTexts = {
  record_query_invalid: {
    message: {
      en: 'The query cannot be run. Line {line}, column {column}: {reason}\n\n{excerpt}\n',
      ja: 'クエリを実行できません。{line} 行 {column} 列: {reason}\n\n{excerpt}\n',
      ko: '쿼리를 실행할 수 없습니다. {line}행 {column}열: {reason}\n\n{excerpt}\n',
      'zh-Hant': '無法執行查詢。第 {line} 行第 {column} 欄:{reason}\n\n{excerpt}\n',
    },
    hint: {
      en: 'Tables, columns and what differs from Kusto: docs/query.md.',
      ja: 'テーブル、列、Kusto との違いは docs/query.md を参照してください。',
      ko: '테이블, 열, Kusto와의 차이는 docs/query.md를 참고하세요.',
      'zh-Hant': '資料表、資料行,以及與 Kusto 的差異,請參閱 docs/query.md。',
    },
  },
  record_query_too_much: {
    message: {
      en: 'The query takes more than it may: {reason}',
      ja: 'クエリが許容量を超えています: {reason}',
      ko: '쿼리가 허용된 양을 초과합니다: {reason}',
      'zh-Hant': '查詢超出允許的用量:{reason}',
    },
    hint: {
      en: 'Ask for less, or raise record.search in genkan.yaml.',
      ja: '対象を絞るか、genkan.yaml の record.search を引き上げてください。',
      ko: '범위를 줄이거나 genkan.yaml의 record.search를 높이세요.',
      'zh-Hant': '請縮小範圍,或在 genkan.yaml 中提高 record.search 的限制。',
    },
  },
  record_query_busy: {
    message: {
      en: 'Too many queries are running.',
      ja: '実行中のクエリが多すぎます。',
      ko: '실행 중인 쿼리가 너무 많습니다.',
      'zh-Hant': '執行中的查詢過多。',
    },
    hint: {
      en: 'Try again in a moment.',
      ja: 'しばらくしてからもう一度お試しください。',
      ko: '잠시 후 다시 시도하세요.',
      'zh-Hant': '請稍後再試。',
    },
  },
  record_query_yours: {
    message: {
      en: '{most} queries of yours are running already; one person may have no more at a time.',
      ja: '実行中のご自身のクエリがすでに {most} 件あります。1 人が同時に実行できるのはここまでです。',
      ko: '이미 본인의 쿼리 {most}개가 실행 중입니다. 한 사람이 동시에 실행할 수 있는 수는 여기까지입니다.',
      'zh-Hant': '您已有 {most} 個查詢正在執行;一個人同時最多只能執行這麼多。',
    },
    hint: {
      en: 'Try again when one of them has ended.',
      ja: 'いずれかのクエリが終わってから、もう一度お試しください。',
      ko: '그중 하나가 끝난 뒤 다시 시도하세요.',
      'zh-Hant': '請待其中一個查詢結束後再試。',
    },
  },
} as const;
