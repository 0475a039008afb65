// What people read when an argument is not what its declared type allows.

export const typedArgumentTexts = {
  inspect_argument_path: {
    message: {
      en: 'Argument {path} of "{name}" is not a path that may be given: {rule}.',
      ja: '「{name}」の引数 {path} は、指定できるパスではありません:{rule}。',
      ko: '"{name}"의 인수 {path}은(는) 지정할 수 있는 경로가 아닙니다: {rule}.',
      'zh-Hant': '「{name}」的引數 {path} 不是可使用的路徑:{rule}。',
    },
    hint: {
      en: 'Nothing was carried out. Write the plain path inside the allowed folders; an administrator sets them under inspect.arguments.',
      ja: '処理は実行されていません。許可されたフォルダー内のパスをそのまま書いてください。許可範囲は管理者が inspect.arguments で設定します。',
      ko: '아무것도 수행되지 않았습니다. 허용된 폴더 안의 경로를 그대로 쓰세요. 허용 범위는 관리자가 inspect.arguments에서 설정합니다.',
      'zh-Hant': '尚未執行任何動作。請直接寫出允許資料夾內的路徑;允許範圍由管理員於 inspect.arguments 設定。',
    },
  },
  inspect_argument_address: {
    message: {
      en: 'Argument {path} of "{name}" is not an address that may be given: {rule}.',
      ja: '「{name}」の引数 {path} は、指定できるアドレスではありません:{rule}。',
      ko: '"{name}"의 인수 {path}은(는) 지정할 수 있는 주소가 아닙니다: {rule}.',
      'zh-Hant': '「{name}」的引數 {path} 不是可使用的位址:{rule}。',
    },
    hint: {
      en: 'Nothing was carried out. Give an address that is allowed, in its plain form; an administrator sets them under inspect.arguments.',
      ja: '処理は実行されていません。許可されたアドレスを通常の形で指定してください。許可範囲は管理者が inspect.arguments で設定します。',
      ko: '아무것도 수행되지 않았습니다. 허용된 주소를 일반적인 형태로 지정하세요. 허용 범위는 관리자가 inspect.arguments에서 설정합니다.',
      'zh-Hant': '尚未執行任何動作。請以一般形式提供允許的位址;允許範圍由管理員於 inspect.arguments 設定。',
    },
  },
  inspect_argument_shell: {
    message: {
      en: 'Argument {path} of "{name}" may not reach a shell: {rule}.',
      ja: '「{name}」の引数 {path} は、シェルに渡せません:{rule}。',
      ko: '"{name}"의 인수 {path}은(는) 셸에 전달할 수 없습니다: {rule}.',
      'zh-Hant': '「{name}」的引數 {path} 不得傳給殼層:{rule}。',
    },
    hint: {
      en: 'Nothing was carried out. Use plain words without signs that shells interpret; an administrator sets programs and options under inspect.arguments.',
      ja: '処理は実行されていません。シェルが解釈する記号を含まない語だけを使ってください。プログラムとオプションは管理者が inspect.arguments で設定します。',
      ko: '아무것도 수행되지 않았습니다. 셸이 해석하는 기호가 없는 단어만 사용하세요. 프로그램과 옵션은 관리자가 inspect.arguments에서 설정합니다.',
      'zh-Hant': '尚未執行任何動作。請只使用不含殼層特殊符號的字詞;程式與選項由管理員於 inspect.arguments 設定。',
    },
  },
  inspect_argument_sql: {
    message: {
      en: 'Argument {path} of "{name}" is not a query that may be run: {rule}.',
      ja: '「{name}」の引数 {path} は、実行できるクエリではありません:{rule}。',
      ko: '"{name}"의 인수 {path}은(는) 실행할 수 있는 쿼리가 아닙니다: {rule}.',
      'zh-Hant': '「{name}」的引數 {path} 不是可執行的查詢:{rule}。',
    },
    hint: {
      en: 'Nothing was carried out. Give one statement that only reads, in the declared dialect; an administrator sets it under inspect.arguments.',
      ja: '処理は実行されていません。宣言された方言で、読み取りだけを行う文を一つ指定してください。管理者が inspect.arguments で設定します。',
      ko: '아무것도 수행되지 않았습니다. 선언된 방언으로 읽기만 하는 문 하나를 지정하세요. 관리자가 inspect.arguments에서 설정합니다.',
      'zh-Hant': '尚未執行任何動作。請以宣告的方言提供單一且只讀取的陳述式;由管理員於 inspect.arguments 設定。',
    },
  },
} as const;
