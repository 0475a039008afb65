// What a browser shows after signing in on one's own machine.
import type { Text } from '../../base/text.ts';

interface PageText {
  readonly title: Text;
  readonly text: Text;
}

export const loopbackTexts = {
  done: {
    title: {
      en: 'You are signed in',
      ja: 'サインインしました',
      ko: '로그인했습니다',
      'zh-Hant': '您已登入',
    },
    text: {
      en: 'Close this page and go back to your application.',
      ja: 'このページを閉じて、アプリケーションに戻ってください。',
      ko: '이 페이지를 닫고 애플리케이션으로 돌아가세요.',
      'zh-Hant': '請關閉此頁面並返回您的應用程式。',
    },
  },
  failed: {
    title: {
      en: 'You are not signed in',
      ja: 'サインインできませんでした',
      ko: '로그인하지 못했습니다',
      'zh-Hant': '未能登入',
    },
    text: {
      en: 'Your identity provider did not let you in. Go back to your application to try again.',
      ja: 'ID プロバイダーに拒否されました。アプリケーションに戻って、もう一度お試しください。',
      ko: 'ID 공급자가 허용하지 않았습니다. 애플리케이션으로 돌아가 다시 시도하세요.',
      'zh-Hant': '您的身分識別提供者未允許您登入。請返回您的應用程式再試一次。',
    },
  },
  unknown: {
    title: {
      en: 'Nothing to sign in here',
      ja: 'ここで行うサインインはありません',
      ko: '여기서 진행 중인 로그인이 없습니다',
      'zh-Hant': '這裡沒有進行中的登入',
    },
    text: {
      en: 'This address belongs to a sign-in under way, and what came is not its answer.',
      ja: 'このアドレスは進行中のサインイン専用です。届いた内容はその応答ではありません。',
      ko: '이 주소는 진행 중인 로그인 전용입니다. 받은 내용은 그 응답이 아닙니다.',
      'zh-Hant': '此位址屬於進行中的登入，收到的內容並非其回應。',
    },
  },
} as const satisfies Readonly<Record<string, PageText>>;
