// Texts about records that are delivered elsewhere.
import type { Text } from '../text.ts';

export const exportTexts = {
  export_sink_unknown: {
    message: {
      en: 'There is no sink "{sink}".',
      ja: 'エクスポート先「{sink}」はありません。',
      ko: '내보내기 대상 "{sink}"이(가) 없습니다.',
      'zh-Hant': '沒有匯出目的地「{sink}」。',
    },
    hint: {
      en: 'Sinks stand under record.export.sinks in genkan.yaml; list them: genkan export list',
      ja: 'エクスポート先は genkan.yaml の record.export.sinks にあります。一覧: genkan export list',
      ko: '내보내기 대상은 genkan.yaml의 record.export.sinks에 있습니다. 목록: genkan export list',
      'zh-Hant': '匯出目的地寫在 genkan.yaml 的 record.export.sinks 之下；列出：genkan export list',
    },
  },
  export_index_unknown: {
    message: {
      en: 'Delivery cannot begin at record {index}: the log has records {oldest} to {size}, the last one not yet written.',
      ja: '記録 {index} からは配信できません。ログにあるのは {oldest} から {size} まで（最後の番号はこれから書かれる記録）です。',
      ko: '기록 {index}부터 전달할 수 없습니다. 로그에는 {oldest}부터 {size}까지 있으며, 마지막 번호는 아직 쓰이지 않은 기록입니다.',
      'zh-Hant': '無法從記錄 {index} 開始送出：記錄檔的範圍是 {oldest} 到 {size}，最後一個編號是尚未寫入的記錄。',
    },
    hint: {
      en: 'Find the index of a record: genkan audit list',
      ja: '記録の番号を調べる: genkan audit list',
      ko: '기록의 번호 찾기: genkan audit list',
      'zh-Hant': '查詢記錄的編號：genkan audit list',
    },
  },
  export_not_delivered: {
    message: {
      en: 'Sink "{sink}" has not taken it: {reason}.',
      ja: 'エクスポート先「{sink}」は受け取りませんでした: {reason}。',
      ko: '내보내기 대상 "{sink}"이(가) 받지 않았습니다: {reason}.',
      'zh-Hant': '匯出目的地「{sink}」未接收：{reason}。',
    },
    hint: {
      en: 'Nothing is lost: records stay in the audit log. docs/export.md says what receivers need.',
      ja: '失われた記録はなく、監査ログに残っています。受信側に必要なものは docs/export.md を参照してください。',
      ko: '손실된 기록은 없으며 감사 로그에 남아 있습니다. 수신 측에 필요한 것은 docs/export.md를 참조하세요.',
      'zh-Hant': '沒有任何記錄遺失，它們保留在稽核記錄檔中。接收端所需的設定請參閱 docs/export.md。',
    },
  },
} satisfies Record<string, { readonly message: Text; readonly hint: Text }>;
