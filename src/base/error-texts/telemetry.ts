// Texts about metrics and traces that are sent to a collector.
import type { Text } from '../text.ts';

export const telemetryTexts = {
  telemetry_off: {
    message: {
      en: 'Metrics and traces are sent nowhere.',
      ja: 'メトリックとトレースの送信先が設定されていません。',
      ko: '메트릭과 추적을 보낼 곳이 설정되어 있지 않습니다.',
      'zh-Hant': '尚未設定計量與追蹤的傳送目的地。',
    },
    hint: {
      en: 'Name a collector under telemetry.otlp in genkan.yaml and restart Genkan. docs/metrics.md shows how.',
      ja: 'genkan.yaml の telemetry.otlp にコレクターを指定し、Genkan を再起動してください。手順は docs/metrics.md にあります。',
      ko: 'genkan.yaml의 telemetry.otlp에 수집기를 지정하고 Genkan을 다시 시작하세요. 방법은 docs/metrics.md에 있습니다.',
      'zh-Hant': '請在 genkan.yaml 的 telemetry.otlp 指定收集器，然後重新啟動 Genkan。做法請參閱 docs/metrics.md。',
    },
  },
  telemetry_not_delivered: {
    message: {
      en: 'The collector has not taken the {signal}: {reason}.',
      ja: 'コレクターは {signal} を受け取りませんでした: {reason}。',
      ko: '수집기가 {signal}을(를) 받지 않았습니다: {reason}.',
      'zh-Hant': '收集器未接收 {signal}：{reason}。',
    },
    hint: {
      en: 'Compare url and headers under telemetry.otlp with what the collector expects: OTLP/HTTP with JSON, by default at port 4318.',
      ja: 'telemetry.otlp の url と headers を、コレクターの設定と照合してください。必要なのは JSON の OTLP/HTTP（既定のポートは 4318）です。',
      ko: 'telemetry.otlp의 url과 headers를 수집기의 설정과 비교하세요. JSON 형식의 OTLP/HTTP(기본 포트 4318)가 필요합니다.',
      'zh-Hant':
        '請比對 telemetry.otlp 的 url 與 headers 是否符合收集器的設定：需為使用 JSON 的 OTLP/HTTP（預設連接埠 4318）。',
    },
  },
} satisfies Record<string, { readonly message: Text; readonly hint: Text }>;
