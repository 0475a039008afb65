// What people read when a message or a tool definition does not keep to the protocol.
import type { Text } from '../text.ts';

export const protocolTexts = {
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
