// What people read when a message or a tool definition does not keep to the protocol.
import type { Text } from '../text.ts';

export const protocolTexts = {
  inspect_body_too_large: {
    message: {
      en: 'The message is larger than {limit} bytes.',
      ja: 'メッセージが {limit} バイトを超えています。',
      ko: '메시지가 {limit}바이트를 초과합니다.',
      'zh-Hant': '訊息超過 {limit} 位元組。',
    },
    hint: {
      en: 'Send less at once, or ask an administrator to raise the limit.',
      ja: '一度に送る量を減らすか、管理者に上限の引き上げを依頼してください。',
      ko: '한 번에 보내는 양을 줄이거나 관리자에게 한도 상향을 요청하세요.',
      'zh-Hant': '請減少單次傳送量,或請管理員提高上限。',
    },
  },
  inspect_not_json: {
    message: {
      en: 'The body is not valid JSON in UTF-8.',
      ja: '本文が UTF-8 の正しい JSON ではありません。',
      ko: '본문이 UTF-8로 된 올바른 JSON이 아닙니다.',
      'zh-Hant': '本文不是有效的 UTF-8 JSON。',
    },
    hint: {
      en: 'Send one JSON-RPC message with Content-Type: application/json.',
      ja: 'Content-Type: application/json で JSON-RPC メッセージを 1 つ送ってください。',
      ko: 'Content-Type: application/json으로 JSON-RPC 메시지 하나를 보내세요.',
      'zh-Hant': '請以 Content-Type: application/json 傳送一則 JSON-RPC 訊息。',
    },
  },
  inspect_not_jsonrpc: {
    message: {
      en: 'The message is not valid JSON-RPC 2.0: {reason}.',
      ja: 'メッセージが正しい JSON-RPC 2.0 ではありません: {reason}。',
      ko: '메시지가 올바른 JSON-RPC 2.0이 아닙니다: {reason}.',
      'zh-Hant': '訊息不是有效的 JSON-RPC 2.0:{reason}。',
    },
    hint: {
      en: 'See section 4 of the JSON-RPC 2.0 specification.',
      ja: 'JSON-RPC 2.0 仕様の第 4 章を参照してください。',
      ko: 'JSON-RPC 2.0 사양 4장을 참고하세요.',
      'zh-Hant': '請參閱 JSON-RPC 2.0 規格第 4 節。',
    },
  },
  inspect_too_deep: {
    message: {
      en: 'The message nests deeper than {limit} levels.',
      ja: 'メッセージの入れ子が {limit} 段を超えています。',
      ko: '메시지 중첩이 {limit}단계를 초과합니다.',
      'zh-Hant': '訊息的巢狀層數超過 {limit} 層。',
    },
    hint: {
      en: 'Flatten the arguments.',
      ja: '引数の構造を浅くしてください。',
      ko: '인수 구조를 단순하게 만드세요.',
      'zh-Hant': '請簡化引數的結構。',
    },
  },
  inspect_number_too_large: {
    message: {
      en: 'The message has a number that is too large.',
      ja: 'メッセージに大きすぎる数値が含まれています。',
      ko: '메시지에 너무 큰 숫자가 있습니다.',
      'zh-Hant': '訊息中有過大的數字。',
    },
    hint: {
      en: 'Numbers beyond about 1.8e308 are read differently by different programs. Send such a value as text.',
      ja: '約 1.8e308 を超える数値は、プログラムによって読み取り結果が異なります。そのような値は文字列として送ってください。',
      ko: '약 1.8e308을 넘는 숫자는 프로그램마다 다르게 읽힙니다. 이런 값은 문자열로 보내 주세요.',
      'zh-Hant': '超過約 1.8e308 的數字，不同的程式會有不同的解讀。請改以字串傳送這類數值。',
    },
  },
  inspect_duplicate_key: {
    message: {
      en: 'The message repeats a member name within one object.',
      ja: 'メッセージの 1 つのオブジェクト内に同じ名前のメンバーが重複しています。',
      ko: '메시지의 한 객체 안에 같은 이름의 멤버가 중복되어 있습니다.',
      'zh-Hant': '訊息的同一物件中有重複的成員名稱。',
    },
    hint: {
      en: 'Two parsers could read such a message differently, so it is refused. Name each member once.',
      ja: 'パーサーによって解釈が変わるため拒否されます。各メンバー名は一度だけ使ってください。',
      ko: '파서마다 다르게 읽을 수 있어 거부됩니다. 각 멤버 이름은 한 번만 사용하세요.',
      'zh-Hant': '不同的剖析器可能會有不同解讀,因此遭拒絕。每個成員名稱請只使用一次。',
    },
  },
  inspect_header_mismatch: {
    message: {
      en: 'Header {header} does not agree with the body.',
      ja: 'ヘッダー {header} が本文と一致しません。',
      ko: '헤더 {header}이(가) 본문과 일치하지 않습니다.',
      'zh-Hant': '標頭 {header} 與本文不一致。',
    },
    hint: {
      en: 'Send the header that the body implies, or none where the revision allows it.',
      ja: '本文に対応するヘッダーを送るか、リビジョンが許す場合は省略してください。',
      ko: '본문에 맞는 헤더를 보내거나, 개정판이 허용하면 생략하세요.',
      'zh-Hant': '請傳送與本文相符的標頭,或在該修訂版允許時省略。',
    },
  },
  inspect_arguments_invalid: {
    message: {
      en: 'The arguments of {tool} do not match its input schema: {reason}.',
      ja: '{tool} の引数が入力スキーマに一致しません: {reason}。',
      ko: '{tool}의 인수가 입력 스키마와 일치하지 않습니다: {reason}.',
      'zh-Hant': '{tool} 的引數不符合其輸入結構描述:{reason}。',
    },
    hint: {
      en: 'Read the tool description from tools/list and correct the arguments.',
      ja: 'tools/list でツールの説明を確認し、引数を修正してください。',
      ko: 'tools/list에서 도구 설명을 확인하고 인수를 수정하세요.',
      'zh-Hant': '請從 tools/list 查看工具說明並修正引數。',
    },
  },
  inspect_revision_unknown: {
    message: {
      en: 'Revision {revision} of MCP is not supported.',
      ja: 'MCP のリビジョン {revision} には対応していません。',
      ko: 'MCP 리비전 {revision}은(는) 지원되지 않습니다.',
      'zh-Hant': '不支援 MCP 修訂版 {revision}。',
    },
    hint: {
      en: 'Use one of the revisions listed in the data of the error.',
      ja: 'エラーの data に列挙されたリビジョンのいずれかを使ってください。',
      ko: '오류의 data에 나열된 리비전 중 하나를 사용하세요.',
      'zh-Hant': '請使用錯誤的 data 中所列的任一修訂版。',
    },
  },
  inspect_envelope_invalid: {
    message: {
      en: 'The request is missing what its revision demands in _meta: {reason}.',
      ja: 'リクエストの _meta が、このリビジョンの要件を満たしていません: {reason}。',
      ko: '요청의 _meta가 이 리비전의 요구 사항을 충족하지 않습니다: {reason}.',
      'zh-Hant': '請求的 _meta 不符合此修訂版的要求:{reason}。',
    },
    hint: {
      en: 'Every request of revision 2026-07-28 or later carries its protocol version and client capabilities in _meta.',
      ja: '2026-07-28 以降のリビジョンでは、すべてのリクエストの _meta にプロトコルバージョンとクライアント機能が必要です。',
      ko: '2026-07-28 이후 리비전에서는 모든 요청의 _meta에 프로토콜 버전과 클라이언트 기능이 있어야 합니다.',
      'zh-Hant': '自修訂版 2026-07-28 起,每個請求的 _meta 都必須包含通訊協定版本與用戶端功能。',
    },
  },
  inspect_schema_refused: {
    message: {
      en: 'Calls of {tool} are refused because its input schema cannot be checked safely: {reason}.',
      ja: '{tool} の入力スキーマを安全に検査できないため、呼び出しを拒否しました: {reason}。',
      ko: '{tool}의 입력 스키마를 안전하게 검사할 수 없어 호출이 거부되었습니다: {reason}.',
      'zh-Hant': '無法安全地檢查 {tool} 的輸入結構描述,因此拒絕呼叫:{reason}。',
    },
    hint: {
      en: 'Report it to the author of the server: the schema must be JSON Schema 2020-12 or draft-07, without remote references.',
      ja: 'サーバーの作者に報告してください。スキーマは外部参照のない JSON Schema 2020-12 または draft-07 でなければなりません。',
      ko: '서버 작성자에게 알려 주세요. 스키마는 외부 참조가 없는 JSON Schema 2020-12 또는 draft-07이어야 합니다.',
      'zh-Hant': '請回報給伺服器作者:結構描述必須是不含外部參照的 JSON Schema 2020-12 或 draft-07。',
    },
  },
} satisfies Record<string, { readonly message: Text; readonly hint: Text }>;
