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
} as const;
