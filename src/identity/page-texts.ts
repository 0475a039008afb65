// What the consent and error pages say, in four languages.
import type { Text } from '../base/text.ts';

const texts = {
  consentTitle: { en: 'Allow access', ja: 'アクセスの許可', ko: '액세스 허용', 'zh-Hant': '允許存取' },
  consentHeading: {
    en: '{client} wants to act for you',
    ja: '{client} があなたの代わりに操作しようとしています',
    ko: '{client} 앱이 사용자를 대신하여 작업하려고 합니다',
    'zh-Hant': '{client} 想要代表您進行操作',
  },
  unnamedClient: {
    en: 'An unnamed application',
    ja: '名前のないアプリケーション',
    ko: '이름 없는 애플리케이션',
    'zh-Hant': '未命名的應用程式',
  },
  signedInAs: { en: 'Signed in as', ja: 'サインイン中のユーザー', ko: '로그인한 사용자', 'zh-Hant': '登入身分' },
  switchAccount: {
    en: 'Not you? Sign in as someone else',
    ja: '別のユーザーでサインインする',
    ko: '다른 사용자로 로그인',
    'zh-Hant': '不是您？以其他身分登入',
  },
  resource: { en: 'Access to', ja: 'アクセス先', ko: '액세스 대상', 'zh-Hant': '存取對象' },
  allServers: {
    en: 'All MCP servers that you may use',
    ja: '利用できるすべての MCP サーバー',
    ko: '사용할 수 있는 모든 MCP 서버',
    'zh-Hant': '您可使用的所有 MCP 伺服器',
  },
  oneServer: {
    en: 'MCP server {server}',
    ja: 'MCP サーバー {server}',
    ko: 'MCP 서버 {server}',
    'zh-Hant': 'MCP 伺服器 {server}',
  },
  administration: {
    en: 'Administration of Genkan',
    ja: 'Genkan の管理機能',
    ko: 'Genkan 관리',
    'zh-Hant': 'Genkan 管理功能',
  },
  permissions: { en: 'What it may do', ja: '許可される内容', ko: '허용되는 작업', 'zh-Hant': '允許的操作' },
  scopeMcp: {
    en: 'Use tools, prompts and resources as you, within the roles assigned to you',
    ja: 'あなたに割り当てられたロールの範囲内で、ツール、プロンプト、リソースを利用する',
    ko: '사용자에게 할당된 역할 범위에서 도구, 프롬프트 및 리소스 사용',
    'zh-Hant': '在指派給您的角色範圍內，以您的身分使用工具、提示與資源',
  },
  scopeRead: {
    en: 'Look at what your roles let you see: list and read, change nothing',
    ja: 'ロールで許可された範囲の一覧表示と読み取り。変更はできません',
    ko: '역할로 허용된 범위의 목록 보기와 읽기(변경 불가)',
    'zh-Hant': '在您的角色允許的範圍內列出與讀取，不做任何變更',
  },
  scopeWrite: {
    en: 'Create and change things as you, within the roles assigned to you',
    ja: 'あなたに割り当てられたロールの範囲内で、あなたとして作成と変更を行う',
    ko: '사용자에게 할당된 역할 범위에서 사용자로서 만들기 및 변경',
    'zh-Hant': '在指派給您的角色範圍內，以您的身分建立與變更',
  },
  scopeDestroy: {
    en: 'Delete and stop things as you, within the roles assigned to you',
    ja: 'あなたに割り当てられたロールの範囲内で、あなたとして削除と停止を行う',
    ko: '사용자에게 할당된 역할 범위에서 사용자로서 삭제 및 중지',
    'zh-Hant': '在指派給您的角色範圍內，以您的身分刪除與停止',
  },
  scopeAdmin: {
    en: 'Administer Genkan as you, within the roles assigned to you',
    ja: 'あなたに割り当てられたロールの範囲内で、Genkan を管理する',
    ko: '사용자에게 할당된 역할 범위에서 Genkan 관리',
    'zh-Hant': '在指派給您的角色範圍內，以您的身分管理 Genkan',
  },
  stayConnected: {
    en: 'Stay connected for up to {days} days, until you or an administrator revokes it',
    ja: '最長 {days} 日間、あなたまたは管理者が取り消すまで接続を維持する',
    ko: '사용자 또는 관리자가 취소할 때까지 최대 {days}일 동안 연결 유지',
    'zh-Hant': '最長保持連線 {days} 天，直到您或管理員撤銷為止',
  },
  returnsTo: {
    en: 'You will be sent back to',
    ja: '許可後の移動先',
    ko: '허용 후 이동할 위치',
    'zh-Hant': '核准後將返回',
  },
  nameNotVerified: {
    en: 'The application gave itself this name. Genkan has not verified it; check the address below.',
    ja: 'この名前はアプリケーションの自己申告で、Genkan は確認していません。下の移動先を確かめてください。',
    ko: '이 이름은 애플리케이션이 스스로 밝힌 것이며 Genkan이 확인하지 않았습니다. 아래의 주소를 확인하세요.',
    'zh-Hant': '此名稱由應用程式自行提供，Genkan 並未驗證。請確認下方的位址。',
  },
  vouchedBy: {
    en: 'Described by {host}',
    ja: '{host} が公開している情報による',
    ko: '{host}에서 공개한 정보',
    'zh-Hant': '由 {host} 提供說明',
  },
  vouchedByTrusted: {
    en: 'Described by {host}, which your administrator trusts',
    ja: '{host} が公開している情報による（管理者が信頼しているホスト）',
    ko: '{host}에서 공개한 정보(관리자가 신뢰하는 호스트)',
    'zh-Hant': '由 {host} 提供說明（您的管理員信任此主機）',
  },
  publisherUnknown: {
    en: 'Nobody here has checked this application. Allow it only if you know {host} and trust it.',
    ja: 'このアプリケーションはここでは確認されていません。{host} を知っていて信頼できる場合にのみ許可してください。',
    ko: '이 애플리케이션은 여기에서 확인되지 않았습니다. {host}을(를) 알고 신뢰하는 경우에만 허용하세요.',
    'zh-Hant': '這裡沒有人驗證過此應用程式。僅在您認識並信任 {host} 時才允許。',
  },
  localImpostor: {
    en: 'Any program on this device can pose as this application: the address it returns to does not prove that it comes from {host}.',
    ja: 'このデバイス上のどのプログラムでも、このアプリケーションになりすますことができます。移動先のアドレスは {host} のものである証明にはなりません。',
    ko: '이 기기의 어떤 프로그램이든 이 애플리케이션으로 가장할 수 있습니다. 돌아갈 주소만으로는 {host}에서 온 것이라고 증명되지 않습니다.',
    'zh-Hant': '此裝置上的任何程式都可能冒充此應用程式：返回的位址並不能證明它來自 {host}。',
  },
  localProgram: {
    en: 'The access goes to a program on this device. Allow it only if you have just started the connection yourself.',
    ja: 'アクセス権はこのデバイス上のプログラムに渡されます。いま自分で接続を開始した場合にのみ許可してください。',
    ko: '액세스 권한이 이 기기의 프로그램에 전달됩니다. 방금 직접 연결을 시작한 경우에만 허용하세요.',
    'zh-Hant': '存取權將交給此裝置上的程式。僅在您剛剛親自啟動連線時才允許。',
  },
  allow: { en: 'Allow', ja: '許可する', ko: '허용', 'zh-Hant': '允許' },
  deny: { en: 'Do not allow', ja: '許可しない', ko: '허용 안 함', 'zh-Hant': '不允許' },
  recorded: {
    en: 'Everything done with this access is recorded.',
    ja: 'このアクセスによる操作はすべて記録されます。',
    ko: '이 액세스로 수행한 모든 작업은 기록됩니다.',
    'zh-Hant': '使用此存取權進行的所有操作都會留下紀錄。',
  },
  connectedTitle: {
    en: 'You are connected to {server}',
    ja: '{server} に接続しました',
    ko: '{server}에 연결되었습니다',
    'zh-Hant': '已連線至 {server}',
  },
  connectedBody: {
    en: 'You can close this page and go back to your assistant.',
    ja: 'このページを閉じて、アシスタントに戻ってください。',
    ko: '이 페이지를 닫고 어시스턴트로 돌아가세요.',
    'zh-Hant': '您可以關閉此頁面並返回助理。',
  },
  tryAgain: { en: 'Try again', ja: 'もう一度試す', ko: '다시 시도', 'zh-Hant': '再試一次' },
  errorTitle: { en: 'This did not work', ja: '処理できませんでした', ko: '처리하지 못했습니다', 'zh-Hant': '無法完成' },
  errorCode: { en: 'Code', ja: 'コード', ko: '코드', 'zh-Hant': '代碼' },
} as const satisfies Record<string, Text>;

export const pageTexts: Readonly<Record<keyof typeof texts, Text>> = texts;
