// What administrators read when people cannot be told something.
import type { Text } from '../text.ts';

export const notifyTexts = {
  notify_channel_unknown: {
    message: {
      en: 'There is no channel "{channel}".',
      ja: 'チャネル「{channel}」はありません。',
      ko: '채널 "{channel}"이(가) 없습니다.',
      'zh-Hant': '沒有通道「{channel}」。',
    },
    hint: {
      en: 'Channels stand under notify.channels in genkan.yaml; list them: genkan notice channels.',
      ja: 'チャネルは genkan.yaml の notify.channels にあります。一覧: genkan notice channels',
      ko: '채널은 genkan.yaml의 notify.channels에 있습니다. 목록: genkan notice channels',
      'zh-Hant': '通道寫在 genkan.yaml 的 notify.channels 之下;列出:genkan notice channels',
    },
  },
  notify_not_delivered: {
    message: {
      en: 'The notice did not reach channel "{channel}": {reason}.',
      ja: '通知はチャネル「{channel}」に届きませんでした: {reason}。',
      ko: '알림이 채널 "{channel}"에 도달하지 못했습니다: {reason}.',
      'zh-Hant': '通知未能送達通道「{channel}」:{reason}。',
    },
    hint: {
      en: 'Check the address or the mail server of the channel in genkan.yaml, and the secret that it refers to.',
      ja: 'genkan.yaml のチャネルの宛先またはメール サーバーと、参照先のシークレットを確認してください。',
      ko: 'genkan.yaml에서 채널의 주소나 메일 서버, 그리고 참조하는 비밀을 확인하세요.',
      'zh-Hant': '請檢查 genkan.yaml 中該通道的位址或郵件伺服器,以及其引用的密碼。',
    },
  },
} satisfies Record<string, { readonly message: Text; readonly hint: Text }>;
