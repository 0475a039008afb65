// The few texts that every notice has, whatever it is about.
import type { Text } from '../base/text.ts';

export const openText: Text = {
  en: 'Open in Genkan',
  ja: 'Genkan で開く',
  ko: 'Genkan에서 열기',
  'zh-Hant': '在 Genkan 中開啟',
};

export const testTexts = {
  title: {
    en: 'A test of this channel',
    ja: 'このチャネルのテスト',
    ko: '이 채널의 테스트',
    'zh-Hant': '此通道的測試',
  },
  line: {
    en: 'Genkan can reach you here. There is nothing to do.',
    ja: 'Genkan からここへ届きます。対応は必要ありません。',
    ko: 'Genkan이 여기로 알릴 수 있습니다. 할 일은 없습니다.',
    'zh-Hant': 'Genkan 可以透過這裡通知您。您不需要採取任何動作。',
  },
} satisfies Record<string, Text>;
