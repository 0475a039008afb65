// What people read about local mode, where Genkan runs on their own machine.
import type { Text } from '../text.ts';

export const localTexts = {
  identity_local_browser: {
    message: {
      en: 'You have yet to sign in. A page was opened in your browser for it: {url}',
      ja: 'まだサインインしていません。ブラウザーにサインイン用のページを開きました: {url}',
      ko: '아직 로그인하지 않았습니다. 브라우저에 로그인 페이지를 열었습니다: {url}',
      'zh-Hant': '您尚未登入。已在瀏覽器中開啟登入頁面：{url}',
    },
    hint: {
      en: 'Sign in there, then try again here.',
      ja: 'そのページでサインインしてから、もう一度お試しください。',
      ko: '그 페이지에서 로그인한 후 여기서 다시 시도하세요.',
      'zh-Hant': '請在該頁面登入，然後回到這裡再試一次。',
    },
  },
  identity_local_device_code: {
    message: {
      en: 'You have yet to sign in. Open {url} and enter the code {code}.',
      ja: 'まだサインインしていません。{url} を開き、コード {code} を入力してください。',
      ko: '아직 로그인하지 않았습니다. {url} 을(를) 열고 코드 {code} 을(를) 입력하세요.',
      'zh-Hant': '您尚未登入。請開啟 {url} 並輸入代碼 {code}。',
    },
    hint: {
      en: 'Sign in there, then try again here. Any device with a browser will do.',
      ja: 'サインインしてから、もう一度お試しください。ブラウザーのある機器ならどれでもかまいません。',
      ko: '로그인한 후 여기서 다시 시도하세요. 브라우저가 있는 기기라면 무엇이든 됩니다.',
      'zh-Hant': '請登入後回到這裡再試一次。任何有瀏覽器的裝置都可以使用。',
    },
  },
  identity_local_elsewhere: {
    message: {
      en: 'You have yet to sign in, and another application of yours is asking you to at this moment.',
      ja: 'まだサインインしていません。現在、別のアプリケーションがサインインを求めています。',
      ko: '아직 로그인하지 않았습니다. 지금 다른 애플리케이션에서 로그인을 요청하고 있습니다.',
      'zh-Hant': '您尚未登入，您的另一個應用程式目前正在要求您登入。',
    },
    hint: {
      en: 'Sign in there: it holds for all of them. Then try again here.',
      ja: 'そちらでサインインしてください。すべてに有効です。その後、もう一度お試しください。',
      ko: '거기서 로그인하세요. 모든 애플리케이션에 적용됩니다. 그런 다음 여기서 다시 시도하세요.',
      'zh-Hant': '請在該處登入，對所有應用程式都有效。然後回到這裡再試一次。',
    },
  },
  identity_local_impossible: {
    message: {
      en: 'You cannot be asked to sign in: there is no browser here, and your identity provider offers no device codes.',
      ja: 'サインインを求めることができません。ここにはブラウザーがなく、ID プロバイダーはデバイス コードに対応していません。',
      ko: '로그인을 요청할 수 없습니다. 여기에는 브라우저가 없고 ID 공급자가 디바이스 코드를 제공하지 않습니다.',
      'zh-Hant': '無法要求您登入：這裡沒有瀏覽器，而您的身分識別提供者不提供裝置代碼。',
    },
    hint: {
      en: 'Sign in once on this machine where a browser can be opened: genkan local sign-in.',
      ja: 'ブラウザーを開ける環境で、このマシンから一度サインインしてください: genkan local sign-in',
      ko: '이 컴퓨터에서 브라우저를 열 수 있는 환경에서 한 번 로그인하세요: genkan local sign-in',
      'zh-Hant': '請在這台電腦上可開啟瀏覽器的環境中登入一次：genkan local sign-in',
    },
  },
  local_provider_confidential: {
    message: {
      en: 'The identity provider in {file} is set up for a server: it has a credential of its own.',
      ja: '{file} の ID プロバイダーはサーバー用の設定です。独自の資格情報が指定されています。',
      ko: '{file} 의 ID 공급자는 서버용으로 설정되어 있습니다. 자체 자격 증명이 지정되어 있습니다.',
      'zh-Hant': '{file} 中的身分識別提供者是為伺服器設定的：它有自己的認證。',
    },
    hint: {
      en: "A person's own machine keeps no such credential. Register a public client, and give its clientId alone.",
      ja: '個人のマシンにそのような資格情報を置いてはいけません。パブリック クライアントを登録し、その clientId だけを指定してください。',
      ko: '개인 컴퓨터에는 그런 자격 증명을 두지 않습니다. 공용 클라이언트를 등록하고 그 clientId만 지정하세요.',
      'zh-Hant': '個人電腦上不應保存這類認證。請註冊公用用戶端，並只提供其 clientId。',
    },
  },
  local_server_by_browser: {
    message: {
      en: 'The server "{server}" asks each person to sign in at its own address, which needs a Genkan that runs as a server.',
      ja: 'サーバー「{server}」は利用者ごとに独自のアドレスでのサインインを求めます。これにはサーバーとして動く Genkan が必要です。',
      ko: '서버 "{server}"은(는) 각 사용자가 자체 주소에서 로그인하도록 요구합니다. 이를 위해서는 서버로 실행되는 Genkan이 필요합니다.',
      'zh-Hant': '伺服器「{server}」要求每位使用者在它自己的位址登入，這需要以伺服器方式執行的 Genkan。',
    },
    hint: {
      en: 'Use that server through such a Genkan, or take it out of the configuration for local mode.',
      ja: 'そのサーバーはサーバーとして動く Genkan 経由で使うか、ローカル モードの構成から外してください。',
      ko: '그 서버는 서버로 실행되는 Genkan을 통해 사용하거나 로컬 모드 구성에서 제외하세요.',
      'zh-Hant': '請透過以伺服器方式執行的 Genkan 使用該伺服器，或從本機模式的設定中移除它。',
    },
  },
  local_log_ambiguous: {
    message: {
      en: 'There are several audit logs, and each counts its own records.',
      ja: '監査ログが複数あり、レコードの番号はログごとに付いています。',
      ko: '감사 로그가 여러 개이며 각 로그가 자체 레코드 번호를 사용합니다.',
      'zh-Hant': '有多個稽核記錄，每個都有自己的編號。',
    },
    hint: {
      en: 'Name one of them: genkan audit prove --data DIRECTORY. They are: {directories}',
      ja: 'そのうちの 1 つを指定してください: genkan audit prove --data DIRECTORY。対象: {directories}',
      ko: '그중 하나를 지정하세요: genkan audit prove --data DIRECTORY. 대상: {directories}',
      'zh-Hant': '請指定其中一個：genkan audit prove --data DIRECTORY。可選：{directories}',
    },
  },
  local_places_full: {
    message: {
      en: '{limit} Genkans already run for the server "{server}" on this machine.',
      ja: 'このマシンではサーバー「{server}」のために、すでに {limit} 個の Genkan が動いています。',
      ko: '이 컴퓨터에서 서버 "{server}"에 대해 이미 {limit}개의 Genkan이 실행 중입니다.',
      'zh-Hant': '這台電腦上已有 {limit} 個 Genkan 在為伺服器「{server}」執行。',
    },
    hint: {
      en: 'Close the clients that you no longer use.',
      ja: '使わなくなったクライアントを閉じてください。',
      ko: '더 이상 쓰지 않는 클라이언트를 닫으세요.',
      'zh-Hant': '請關閉不再使用的用戶端。',
    },
  },
} as const satisfies Readonly<Record<string, { readonly message: Text; readonly hint: Text }>>;
