// What people read about errors of the configuration, of administrative operations and of the trial.
import type { Text } from '../text.ts';

export const operationTexts = {
  config_missing: {
    message: {
      en: 'There is no configuration: {file} cannot be read.',
      ja: '構成がありません: {file} を読み取れません。',
      ko: '구성이 없습니다: {file}을(를) 읽을 수 없습니다.',
      'zh-Hant': '沒有組態:無法讀取 {file}。',
    },
    hint: {
      en: 'Name one with --config FILE, or try Genkan without any: genkan trial start',
      ja: '--config FILE で指定するか、構成なしで試してください: genkan trial start',
      ko: '--config FILE로 지정하거나, 구성 없이 체험해 보세요: genkan trial start',
      'zh-Hant': '請以 --config FILE 指定,或不需組態直接試用:genkan trial start',
    },
  },
  config_invalid: {
    message: {
      en: '{file} contains mistakes: {count}.',
      ja: '{file} に誤りがあります: {count} 件。',
      ko: '{file}에 오류가 있습니다: {count}개.',
      'zh-Hant': '{file} 中有錯誤:{count} 個。',
    },
    hint: {
      en: 'Correct them; genkan config validate shows all of them.',
      ja: '修正してください。genkan config validate ですべて確認できます。',
      ko: '수정하세요. genkan config validate로 모두 확인할 수 있습니다.',
      'zh-Hant': '請更正;genkan config validate 會列出全部錯誤。',
    },
  },
  config_secret_unavailable: {
    message: {
      en: 'The secret at {reference} is not available: {reason}.',
      ja: '{reference} の秘密を取得できません: {reason}。',
      ko: '{reference}의 비밀 값을 가져올 수 없습니다: {reason}.',
      'zh-Hant': '無法取得 {reference} 的密鑰:{reason}。',
    },
    hint: {
      en: 'Make the secret available there, or correct the reference in genkan.yaml.',
      ja: 'そこに秘密を用意するか、genkan.yaml の参照を修正してください。',
      ko: '해당 위치에 비밀 값을 준비하거나 genkan.yaml의 참조를 수정하세요.',
      'zh-Hant': '請在該處提供密鑰,或更正 genkan.yaml 中的參照。',
    },
  },
  operation_unknown: {
    message: {
      en: 'There is no operation "{operation}".',
      ja: '操作「{operation}」はありません。',
      ko: '"{operation}" 작업이 없습니다.',
      'zh-Hant': '沒有「{operation}」這項操作。',
    },
    hint: {
      en: 'See all of them with: genkan --help',
      ja: '一覧は genkan --help で確認できます。',
      ko: '전체 목록: genkan --help',
      'zh-Hant': '查看所有操作:genkan --help',
    },
  },
  operation_mistyped: {
    message: {
      en: 'There is no operation "{operation}". Did you mean "{suggestion}"?',
      ja: '操作「{operation}」はありません。「{suggestion}」のことですか?',
      ko: '"{operation}" 작업이 없습니다. "{suggestion}"을(를) 찾으셨나요?',
      'zh-Hant': '沒有「{operation}」這項操作。您是指「{suggestion}」嗎?',
    },
    hint: {
      en: 'See all of them with: genkan --help',
      ja: '一覧は genkan --help で確認できます。',
      ko: '전체 목록: genkan --help',
      'zh-Hant': '查看所有操作:genkan --help',
    },
  },
  operation_option_unknown: {
    message: {
      en: '{operation} has no option {option}.',
      ja: '{operation} にオプション {option} はありません。',
      ko: '{operation}에는 {option} 옵션이 없습니다.',
      'zh-Hant': '{operation} 沒有選項 {option}。',
    },
    hint: {
      en: 'See what it takes with: genkan {operation} --help',
      ja: '使い方は genkan {operation} --help で確認できます。',
      ko: '사용법: genkan {operation} --help',
      'zh-Hant': '查看用法:genkan {operation} --help',
    },
  },
  operation_option_mistyped: {
    message: {
      en: '{operation} has no option {option}. Did you mean {suggestion}?',
      ja: '{operation} にオプション {option} はありません。{suggestion} のことですか?',
      ko: '{operation}에는 {option} 옵션이 없습니다. {suggestion}을(를) 찾으셨나요?',
      'zh-Hant': '{operation} 沒有選項 {option}。您是指 {suggestion} 嗎?',
    },
    hint: {
      en: 'See what it takes with: genkan {operation} --help',
      ja: '使い方は genkan {operation} --help で確認できます。',
      ko: '사용법: genkan {operation} --help',
      'zh-Hant': '查看用法:genkan {operation} --help',
    },
  },
  operation_input_invalid: {
    message: {
      en: '{operation} cannot be carried out as asked: {reason}.',
      ja: '{operation} をこの指定では実行できません: {reason}。',
      ko: '{operation}을(를) 요청대로 실행할 수 없습니다: {reason}.',
      'zh-Hant': '無法依要求執行 {operation}:{reason}。',
    },
    hint: {
      en: 'See what it takes with: genkan {operation} --help',
      ja: '使い方は genkan {operation} --help で確認できます。',
      ko: '사용법: genkan {operation} --help',
      'zh-Hant': '查看用法:genkan {operation} --help',
    },
  },
  operation_not_found: {
    message: {
      en: 'There is no {kind} "{name}".',
      ja: '{kind}「{name}」は見つかりません。',
      ko: '{kind} "{name}"을(를) 찾을 수 없습니다.',
      'zh-Hant': '找不到 {kind}「{name}」。',
    },
    hint: {
      en: 'Check the spelling. genkan --help shows how to list what exists.',
      ja: 'つづりを確認してください。存在するものの一覧を出す方法は genkan --help で確認できます。',
      ko: '철자를 확인하세요. 목록을 보는 방법은 genkan --help에서 확인할 수 있습니다.',
      'zh-Hant': '請檢查拼字。列出現有項目的方法請見 genkan --help。',
    },
  },
  operation_log_missing: {
    message: {
      en: 'There is no audit log in {directory}.',
      ja: '{directory} に監査ログがありません。',
      ko: '{directory}에 감사 로그가 없습니다.',
      'zh-Hant': '{directory} 中沒有稽核記錄。',
    },
    hint: {
      en: 'Genkan makes it at its first start. Name another data directory with --data DIR.',
      ja: 'Genkan の初回起動時に作られます。別のデータ ディレクトリは --data DIR で指定してください。',
      ko: 'Genkan을 처음 시작할 때 만들어집니다. 다른 데이터 디렉터리는 --data DIR로 지정하세요.',
      'zh-Hant': 'Genkan 首次啟動時會建立。其他資料目錄請以 --data DIR 指定。',
    },
  },
  operation_trial_only: {
    message: {
      en: '{operation} exists in the trial only.',
      ja: '{operation} は試用環境でのみ使えます。',
      ko: '{operation}은(는) 체험판에서만 사용할 수 있습니다.',
      'zh-Hant': '{operation} 僅能在試用環境中使用。',
    },
    hint: {
      en: 'Start the trial with: genkan trial start',
      ja: '試用環境は genkan trial start で起動できます。',
      ko: '체험판 시작: genkan trial start',
      'zh-Hant': '啟動試用環境:genkan trial start',
    },
  },
  operation_server_running: {
    message: {
      en: '{operation} is not possible while the server runs (process {pid}).',
      ja: 'サーバーの実行中 (プロセス {pid}) は {operation} を実行できません。',
      ko: '서버 실행 중(프로세스 {pid})에는 {operation}을(를) 할 수 없습니다.',
      'zh-Hant': '伺服器執行中(行程 {pid})時無法執行 {operation}。',
    },
    hint: {
      en: 'Stop the server first, with Ctrl+C or: kill {pid}',
      ja: '先に Ctrl+C または kill {pid} でサーバーを停止してください。',
      ko: '먼저 Ctrl+C 또는 kill {pid}(으)로 서버를 중지하세요.',
      'zh-Hant': '請先以 Ctrl+C 或 kill {pid} 停止伺服器。',
    },
  },
  operation_fault: {
    message: {
      en: 'Something went wrong inside Genkan.',
      ja: 'Genkan の内部で問題が発生しました。',
      ko: 'Genkan 내부에서 문제가 발생했습니다.',
      'zh-Hant': 'Genkan 內部發生問題。',
    },
    hint: {
      en: 'This is a defect. Please report it with the lines above.',
      ja: '不具合です。上の行を添えて報告してください。',
      ko: '결함입니다. 위 내용을 첨부하여 알려 주세요.',
      'zh-Hant': '這是程式缺陷,請附上以上內容回報。',
    },
  },
  operation_server_unreachable: {
    message: {
      en: 'A server runs for this data directory (process {pid}), but does not answer at {url}.',
      ja: 'このデータ ディレクトリのサーバー (プロセス {pid}) は動いていますが、{url} で応答しません。',
      ko: '이 데이터 디렉터리의 서버(프로세스 {pid})가 실행 중이지만 {url}에서 응답하지 않습니다.',
      'zh-Hant': '此資料目錄的伺服器(行程 {pid})正在執行,但 {url} 沒有回應。',
    },
    hint: {
      en: 'Wait until it has started or stopped, then try again.',
      ja: '起動または停止が終わるのを待ってから、もう一度お試しください。',
      ko: '시작 또는 종료가 끝난 뒤 다시 시도하세요.',
      'zh-Hant': '請等待其啟動或停止完成後再試一次。',
    },
  },
  trial_not_loopback: {
    message: {
      en: 'The trial does not start: {address} can be reached from other machines.',
      ja: '試用モードを開始できません。{address} にはほかのマシンから接続できてしまいます。',
      ko: '체험 모드를 시작할 수 없습니다. 다른 컴퓨터에서 {address}에 연결할 수 있습니다.',
      'zh-Hant': '無法啟動試用模式：其他電腦可以連線到 {address}。',
    },
    hint: {
      en: 'In the trial nobody needs a password, so it listens on 127.0.0.1 only. Configure a real identity provider for anything else.',
      ja: '試用モードではパスワードが不要なため、127.0.0.1 でだけ待ち受けます。それ以外では実際の ID プロバイダーを設定してください。',
      ko: '체험 모드에는 비밀번호가 없으므로 127.0.0.1에서만 연결을 받습니다. 그 밖의 경우에는 실제 ID 공급자를 구성하세요.',
      'zh-Hant': '試用模式不需要密碼，因此只在 127.0.0.1 上接聽。其他情況請設定真正的身分識別提供者。',
    },
  },
  trial_port_taken: {
    message: {
      en: 'Another program is already listening on {address}.',
      ja: '{address} は別のプログラムが使用中です。',
      ko: '다른 프로그램이 이미 {address}에서 연결을 받고 있습니다.',
      'zh-Hant': '另一個程式已在 {address} 上接聽。',
    },
    hint: {
      en: 'If it is a trial that you started earlier, stop it with Ctrl+C. Otherwise choose another port: npm start -- --port 7400',
      ja: '以前に起動した試用モードであれば、Ctrl+C で停止してください。そうでなければ別のポートを指定します: npm start -- --port 7400',
      ko: '이전에 시작한 체험 모드라면 Ctrl+C로 중지하세요. 아니라면 다른 포트를 지정하세요: npm start -- --port 7400',
      'zh-Hant': '如果是先前啟動的試用模式，請按 Ctrl+C 停止。否則請指定其他連接埠：npm start -- --port 7400',
    },
  },
} as const satisfies Record<string, { readonly message: Text; readonly hint: Text }>;
