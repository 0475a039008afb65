// What people read about errors of Microsoft Entra ID: who can mend it, and where.

export const entraTexts = {
  identity_sign_in_again: {
    message: {
      en: 'You have to sign in again before Genkan can act in your name.',
      ja: 'Genkan があなたの名義で操作するには、もう一度サインインする必要があります。',
      ko: 'Genkan이 사용자를 대신하여 작업하려면 다시 로그인해야 합니다.',
      'zh-Hant': '您必須重新登入，Genkan 才能以您的名義操作。',
    },
    hint: {
      en: 'Sign in with Microsoft once more. It may ask for more than last time, such as a second factor.',
      ja: 'Microsoft にもう一度サインインしてください。多要素認証など、前回より多くの確認を求められることがあります。',
      ko: 'Microsoft에 다시 로그인하세요. 다단계 인증처럼 지난번보다 더 많은 확인을 요구할 수 있습니다.',
      'zh-Hant': '請再次登入 Microsoft。系統可能會要求比上次更多的驗證，例如第二個驗證要素。',
    },
  },
  identity_caller_not_person: {
    message: {
      en: 'This can only be done in the name of a person who has signed in with Microsoft Entra ID.',
      ja: 'この操作は、Microsoft Entra ID でサインインした人の名義でのみ実行できます。',
      ko: '이 작업은 Microsoft Entra ID로 로그인한 사람의 이름으로만 수행할 수 있습니다.',
      'zh-Hant': '此作業只能以使用 Microsoft Entra ID 登入者的名義執行。',
    },
    hint: {
      en: 'Applications that act for themselves have nobody on whose behalf a token could be issued. Call through a client in which a person is signed in.',
      ja: '自身として動作するアプリケーションには、代理の対象となる人がいないため、トークンを発行できません。人がサインインしているクライアントから呼び出してください。',
      ko: '스스로 작동하는 애플리케이션에는 대신할 사람이 없으므로 토큰을 발급할 수 없습니다. 사람이 로그인한 클라이언트를 통해 호출하세요.',
      'zh-Hant': '以自身身分執行的應用程式沒有可代表的人，因此無法核發權杖。請透過有人登入的用戶端呼叫。',
    },
  },
  identity_on_behalf_impossible: {
    message: {
      en: 'Genkan cannot get a token to call this server in your name.',
      ja: 'Genkan は、このサーバーをあなたの名義で呼び出すためのトークンを取得できません。',
      ko: 'Genkan이 이 서버를 사용자의 이름으로 호출할 토큰을 받을 수 없습니다.',
      'zh-Hant': 'Genkan 無法取得以您的名義呼叫此伺服器的權杖。',
    },
    hint: {
      en: 'An administrator finds the reason in the log. People have to sign in with Microsoft Entra ID, identity.provider.apiScope has to name a scope of the application itself, and the scopes of the server have to be of one resource.',
      ja: '理由は管理者がログで確認できます。Microsoft Entra ID でサインインすること、identity.provider.apiScope にアプリケーション自身のスコープを指定すること、サーバーのスコープが 1 つのリソースのものであることが必要です。',
      ko: '관리자가 로그에서 이유를 확인할 수 있습니다. Microsoft Entra ID로 로그인해야 하고, identity.provider.apiScope에 애플리케이션 자체의 범위를 지정해야 하며, 서버의 범위는 하나의 리소스에 속해야 합니다.',
      'zh-Hant':
        '管理員可在記錄中查看原因。使用者必須以 Microsoft Entra ID 登入，identity.provider.apiScope 必須指定應用程式本身的範圍，且伺服器的範圍必須屬於同一個資源。',
    },
  },
  identity_consent_missing: {
    message: {
      en: 'Nobody has consented yet to what Genkan needs at Microsoft Entra ID.',
      ja: 'Genkan が Microsoft Entra ID で必要とするアクセス許可に、まだ同意が与えられていません。',
      ko: 'Genkan이 Microsoft Entra ID에서 필요로 하는 권한에 아직 동의하지 않았습니다.',
      'zh-Hant': 'Genkan 在 Microsoft Entra ID 所需的權限尚未獲得同意。',
    },
    hint: {
      en: 'An administrator grants it: Microsoft Entra admin center → Enterprise applications → Genkan → Permissions → Grant admin consent. The permission has to be listed in the app registration.',
      ja: '管理者が Microsoft Entra 管理センター → エンタープライズ アプリケーション → Genkan → アクセス許可 → 「管理者の同意を与える」で許可してください。アクセス許可はアプリの登録に含まれている必要があります。',
      ko: '관리자가 Microsoft Entra 관리 센터 → 엔터프라이즈 애플리케이션 → Genkan → 권한 → 관리자 동의 부여에서 허용합니다. 권한이 앱 등록에 포함되어 있어야 합니다.',
      'zh-Hant':
        '請由管理員前往 Microsoft Entra 系統管理中心 → 企業應用程式 → Genkan → 權限 → 授與管理員同意。該權限必須列在應用程式註冊中。',
    },
  },
  identity_credential_expired: {
    message: {
      en: 'The credential with which Genkan signs in at Microsoft Entra ID has expired.',
      ja: 'Genkan が Microsoft Entra ID で使用する資格情報の有効期限が切れています。',
      ko: 'Genkan이 Microsoft Entra ID에서 사용하는 자격 증명이 만료되었습니다.',
      'zh-Hant': 'Genkan 用於 Microsoft Entra ID 的認證已過期。',
    },
    hint: {
      en: 'An administrator adds a new one (app registration → Certificates & secrets) and puts it where identity.provider.credential points to. No restart is needed.',
      ja: '管理者が新しい資格情報を追加し（アプリの登録 → 証明書とシークレット）、identity.provider.credential の参照先に置いてください。再起動は不要です。',
      ko: '관리자가 새 자격 증명을 추가하고(앱 등록 → 인증서 및 비밀) identity.provider.credential이 가리키는 곳에 두어야 합니다. 다시 시작할 필요는 없습니다.',
      'zh-Hant':
        '請由管理員新增認證（應用程式註冊 → 憑證及祕密），並放到 identity.provider.credential 所指的位置。不需要重新啟動。',
    },
  },
  identity_credential_refused: {
    message: {
      en: 'Microsoft Entra ID does not accept the credential of Genkan.',
      ja: 'Microsoft Entra ID が Genkan の資格情報を受け付けません。',
      ko: 'Microsoft Entra ID가 Genkan의 자격 증명을 받아들이지 않습니다.',
      'zh-Hant': 'Microsoft Entra ID 不接受 Genkan 的認證。',
    },
    hint: {
      en: 'An administrator compares it with the app registration: the value of the secret (not its id), the thumbprint of the certificate, or issuer, subject and audience of the federated credential.',
      ja: '管理者がアプリの登録と照合してください。シークレットの値（ID ではありません）、証明書の拇印、またはフェデレーション資格情報の発行者、サブジェクト、対象ユーザーを確認します。',
      ko: '관리자가 앱 등록과 비교해야 합니다. 비밀의 값(ID가 아님), 인증서의 지문, 또는 페더레이션 자격 증명의 발급자, 주체, 대상을 확인하세요.',
      'zh-Hant': '請由管理員與應用程式註冊比對：祕密的值（不是識別碼）、憑證的指紋，或同盟認證的簽發者、主體與對象。',
    },
  },
  identity_credential_unusable: {
    message: {
      en: 'The credential with which Genkan signs in at Microsoft Entra ID cannot be used.',
      ja: 'Genkan が Microsoft Entra ID で使用する資格情報を読み込めません。',
      ko: 'Genkan이 Microsoft Entra ID에서 사용하는 자격 증명을 사용할 수 없습니다.',
      'zh-Hant': '無法使用 Genkan 用於 Microsoft Entra ID 的認證。',
    },
    hint: {
      en: 'An administrator finds the reason in the log. A certificate needs its own RSA key, an encrypted key its passphrase, a federated token a file that Genkan may read, a managed identity a machine that has one.',
      ja: '理由は管理者がログで確認できます。証明書には対応する RSA キー、暗号化されたキーにはパスフレーズ、フェデレーション トークンには Genkan が読み取れるファイル、マネージド ID にはそれを持つマシンが必要です。',
      ko: '관리자가 로그에서 이유를 확인할 수 있습니다. 인증서에는 해당 RSA 키, 암호화된 키에는 암호, 페더레이션 토큰에는 Genkan이 읽을 수 있는 파일, 관리 ID에는 이를 가진 컴퓨터가 필요합니다.',
      'zh-Hant':
        '管理員可在記錄中查看原因。憑證需要對應的 RSA 金鑰，加密的金鑰需要複雜密碼，同盟權杖需要 Genkan 可讀取的檔案，受控識別需要具備該識別的機器。',
    },
  },
  identity_redirect_unregistered: {
    message: {
      en: 'Microsoft Entra ID does not know the address to which it should send you back.',
      ja: 'サインイン後に戻るアドレスが Microsoft Entra ID に登録されていません。',
      ko: '로그인 후 돌아올 주소가 Microsoft Entra ID에 등록되어 있지 않습니다.',
      'zh-Hant': 'Microsoft Entra ID 中未註冊登入後要返回的位址。',
    },
    hint: {
      en: 'An administrator adds the public address of Genkan followed by /auth/callback to the app registration: Authentication → Web → Redirect URIs.',
      ja: '管理者が、Genkan の公開アドレスに /auth/callback を付けたものをアプリの登録に追加してください（認証 → Web → リダイレクト URI）。',
      ko: '관리자가 Genkan의 공개 주소 뒤에 /auth/callback을 붙여 앱 등록에 추가해야 합니다(인증 → 웹 → 리디렉션 URI).',
      'zh-Hant':
        '請由管理員將 Genkan 的公開位址加上 /auth/callback 後，新增至應用程式註冊（驗證 → Web → 重新導向 URI）。',
    },
  },
  identity_scope_unknown: {
    message: {
      en: 'Microsoft Entra ID does not know a scope or a resource that Genkan asks for.',
      ja: 'Genkan が要求したスコープまたはリソースが Microsoft Entra ID に存在しません。',
      ko: 'Genkan이 요청한 범위 또는 리소스를 Microsoft Entra ID가 알지 못합니다.',
      'zh-Hant': 'Microsoft Entra ID 無法辨識 Genkan 所要求的範圍或資源。',
    },
    hint: {
      en: 'An administrator checks identity.provider.apiScope and the scopes of the server: each is an Application ID URI followed by a scope that is exposed there (Expose an API), and the application has to exist in the tenant.',
      ja: '管理者が identity.provider.apiScope とサーバーのスコープを確認してください。それぞれ、アプリケーション ID URI と、そこで公開されているスコープ（API の公開）の組み合わせであり、アプリケーションがテナントに存在している必要があります。',
      ko: '관리자가 identity.provider.apiScope와 서버의 범위를 확인해야 합니다. 각각 애플리케이션 ID URI와 그곳에서 노출된 범위(API 표시)로 이루어지며, 애플리케이션이 테넌트에 있어야 합니다.',
      'zh-Hant':
        '請由管理員檢查 identity.provider.apiScope 與伺服器的範圍：每個範圍都是應用程式識別碼 URI 加上該處公開的範圍（公開 API），且應用程式必須存在於租用戶中。',
    },
  },
  identity_application_unknown: {
    message: {
      en: 'Genkan is not known as an application in this Microsoft Entra tenant, or it is disabled there.',
      ja: 'この Microsoft Entra テナントに Genkan のアプリケーションが存在しないか、無効になっています。',
      ko: '이 Microsoft Entra 테넌트에 Genkan 애플리케이션이 없거나 사용 중지되어 있습니다.',
      'zh-Hant': '此 Microsoft Entra 租用戶中沒有 Genkan 應用程式，或該應用程式已停用。',
    },
    hint: {
      en: 'An administrator compares identity.provider.tenant and clientId with the overview of the app registration. For several tenants the application has to be multitenant and consented to in each.',
      ja: '管理者が identity.provider.tenant と clientId をアプリの登録の概要と照合してください。複数のテナントで使う場合は、マルチテナントのアプリケーションとし、各テナントで同意を得る必要があります。',
      ko: '관리자가 identity.provider.tenant와 clientId를 앱 등록의 개요와 비교해야 합니다. 여러 테넌트에서 사용하려면 다중 테넌트 애플리케이션이어야 하고 각 테넌트에서 동의를 받아야 합니다.',
      'zh-Hant':
        '請由管理員將 identity.provider.tenant 與 clientId 和應用程式註冊的概觀比對。若用於多個租用戶，應用程式必須為多租用戶，並在各租用戶取得同意。',
    },
  },
  identity_person_not_assigned: {
    message: {
      en: 'Your account is not assigned to Genkan in Microsoft Entra ID.',
      ja: 'お使いのアカウントは Microsoft Entra ID で Genkan に割り当てられていません。',
      ko: '사용자의 계정이 Microsoft Entra ID에서 Genkan에 할당되어 있지 않습니다.',
      'zh-Hant': '您的帳戶未在 Microsoft Entra ID 中指派給 Genkan。',
    },
    hint: {
      en: 'Ask an administrator to assign you or one of your groups: Enterprise applications → Genkan → Users and groups.',
      ja: '管理者に、あなたまたは所属グループの割り当てを依頼してください（エンタープライズ アプリケーション → Genkan → ユーザーとグループ）。',
      ko: '관리자에게 본인 또는 소속 그룹의 할당을 요청하세요(엔터프라이즈 애플리케이션 → Genkan → 사용자 및 그룹).',
      'zh-Hant': '請要求管理員指派您或您的群組：企業應用程式 → Genkan → 使用者和群組。',
    },
  },
  identity_policy_forbids: {
    message: {
      en: 'A Conditional Access policy of your organization does not allow this sign-in.',
      ja: '組織の条件付きアクセス ポリシーにより、このサインインは許可されません。',
      ko: '조직의 조건부 액세스 정책이 이 로그인을 허용하지 않습니다.',
      'zh-Hant': '貴組織的條件式存取原則不允許此次登入。',
    },
    hint: {
      en: 'Use a device and a place that your organization allows. An administrator sees the policy in the sign-in logs of Microsoft Entra ID.',
      ja: '組織が許可しているデバイスと場所から利用してください。該当するポリシーは、管理者が Microsoft Entra ID のサインイン ログで確認できます。',
      ko: '조직에서 허용하는 장치와 위치에서 사용하세요. 관리자는 Microsoft Entra ID의 로그인 로그에서 해당 정책을 확인할 수 있습니다.',
      'zh-Hant': '請使用貴組織允許的裝置與地點。管理員可在 Microsoft Entra ID 的登入記錄中查看該原則。',
    },
  },
  identity_tenant_foreign: {
    message: {
      en: 'Accounts of your organization are not admitted here.',
      ja: 'お使いの組織のアカウントはここでは許可されていません。',
      ko: '사용자의 조직 계정은 여기에서 허용되지 않습니다.',
      'zh-Hant': '此處不接受貴組織的帳戶。',
    },
    hint: {
      en: 'Sign in with a work or school account of an admitted organization. An administrator lists them in identity.provider.allowedTenants.',
      ja: '許可された組織の職場または学校アカウントでサインインしてください。許可する組織は、管理者が identity.provider.allowedTenants に記載します。',
      ko: '허용된 조직의 회사 또는 학교 계정으로 로그인하세요. 관리자가 identity.provider.allowedTenants에 허용할 조직을 지정합니다.',
      'zh-Hant': '請使用獲准組織的公司或學校帳戶登入。管理員可在 identity.provider.allowedTenants 中列出獲准的組織。',
    },
  },
  identity_groups_unavailable: {
    message: {
      en: 'Your groups could not be read from Microsoft Graph, so you were not signed in.',
      ja: 'Microsoft Graph から所属グループを取得できなかったため、サインインを中止しました。',
      ko: 'Microsoft Graph에서 소속 그룹을 읽을 수 없어 로그인하지 못했습니다.',
      'zh-Hant': '無法從 Microsoft Graph 讀取您的群組，因此未完成登入。',
    },
    hint: {
      en: 'Try again in a minute. If it stays like this, an administrator gives the application the delegated permission User.Read, or emits only the groups assigned to it.',
      ja: '1 分ほど待ってからもう一度お試しください。解決しない場合は、管理者がアプリケーションに委任されたアクセス許可 User.Read を付与するか、割り当てられたグループだけをトークンに含めるように設定してください。',
      ko: '잠시 후 다시 시도하세요. 계속되면 관리자가 애플리케이션에 위임된 권한 User.Read를 부여하거나 할당된 그룹만 토큰에 포함하도록 설정해야 합니다.',
      'zh-Hant':
        '請稍候一分鐘再試。若仍然發生，請由管理員授與應用程式委派權限 User.Read，或設定權杖只包含已指派的群組。',
    },
  },
  identity_groups_named: {
    message: {
      en: 'Your groups came by name instead of by id, so you were not signed in.',
      ja: '所属グループが ID ではなく名前で届いたため、サインインを中止しました。',
      ko: '소속 그룹이 ID가 아닌 이름으로 전달되어 로그인하지 못했습니다.',
      'zh-Hant': '您的群組以名稱而非識別碼傳來，因此未完成登入。',
    },
    hint: {
      en: 'An administrator sets the groups claim of the application to Group ID, under Token configuration: whoever may name a group could take on any right.',
      ja: '管理者が、アプリケーションの [トークン構成] でグループ要求を [グループ ID] に設定してください。名前では、グループに名前を付けられる人が任意の権限を得られてしまいます。',
      ko: '관리자가 애플리케이션의 토큰 구성에서 그룹 클레임을 그룹 ID로 설정해야 합니다. 이름을 사용하면 그룹 이름을 정할 수 있는 사람이 어떤 권한이든 얻을 수 있습니다.',
      'zh-Hant':
        '請由管理員在應用程式的「權杖設定」中，將群組宣告設為群組識別碼。若使用名稱，能為群組命名的人便可取得任何權限。',
    },
  },
} as const;
