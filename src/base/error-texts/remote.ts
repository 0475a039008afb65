// What people read at the command line who work at a Genkan elsewhere in their own name.
import type { Text } from '../text.ts';

export const remoteTexts = {
  remote_address_invalid: {
    message: {
      en: '"{address}" is not the address of a Genkan.',
      ja: '「{address}」は Genkan のアドレスではありません。',
      ko: '"{address}"은(는) Genkan의 주소가 아닙니다.',
      'zh-Hant': '「{address}」不是 Genkan 的位址。',
    },
    hint: {
      en: 'It looks like https://genkan.example.com, without a path. Plain http is for this machine alone.',
      ja: 'https://genkan.example.com のように、パスを付けずに指定してください。http を使えるのはこのマシンだけです。',
      ko: 'https://genkan.example.com처럼 경로 없이 적으세요. http는 이 컴퓨터에서만 쓸 수 있습니다.',
      'zh-Hant': '請寫成 https://genkan.example.com 的形式，不含路徑。http 僅限這部電腦使用。',
    },
  },
  remote_unreachable: {
    message: {
      en: '{url} cannot be reached: {reason}',
      ja: '{url} に接続できません: {reason}',
      ko: '{url} 에 연결할 수 없습니다: {reason}',
      'zh-Hant': '無法連線至 {url}：{reason}',
    },
    hint: {
      en: 'Check the address, the network, and whether this machine trusts the certificate there.',
      ja: 'アドレスとネットワーク、接続先の証明書がこのマシンで信頼されているかを確かめてください。',
      ko: '주소와 네트워크, 그리고 이 컴퓨터가 그곳의 인증서를 신뢰하는지 확인하세요.',
      'zh-Hant': '請檢查位址、網路，以及這部電腦是否信任對方的憑證。',
    },
  },
  remote_unusable: {
    message: {
      en: '{url} does not answer as a Genkan does: {reason}',
      ja: '{url} の応答は Genkan のものではありません: {reason}',
      ko: '{url} 의 응답이 Genkan의 응답과 다릅니다: {reason}',
      'zh-Hant': '{url} 的回應不像 Genkan：{reason}',
    },
    hint: {
      en: 'Use the public address of the Genkan (publicUrl), and a command line of the same version.',
      ja: 'Genkan の公開アドレス（publicUrl）と、同じバージョンのコマンドラインを使ってください。',
      ko: 'Genkan의 공개 주소(publicUrl)와 같은 버전의 명령줄을 사용하세요.',
      'zh-Hant': '請使用 Genkan 的公開位址（publicUrl）以及相同版本的命令列。',
    },
  },
  remote_sign_in_failed: {
    message: {
      en: 'Nobody was signed in at {url}: {reason}',
      ja: '{url} にサインインできませんでした: {reason}',
      ko: '{url} 에 로그인하지 못했습니다: {reason}',
      'zh-Hant': '未能登入 {url}：{reason}',
    },
    hint: {
      en: 'Try again with: genkan login {url}',
      ja: 'もう一度お試しください: genkan login {url}',
      ko: '다시 시도하세요: genkan login {url}',
      'zh-Hant': '請再試一次：genkan login {url}',
    },
  },
  remote_signed_out: {
    message: {
      en: 'You are not signed in at {url}, or not any more.',
      ja: '{url} にサインインしていないか、サインインの期限が切れています。',
      ko: '{url} 에 로그인하지 않았거나 로그인이 만료되었습니다.',
      'zh-Hant': '您尚未登入 {url}，或登入已失效。',
    },
    hint: {
      en: 'Sign in with: genkan login {url}',
      ja: '次のコマンドでサインインしてください: genkan login {url}',
      ko: '다음 명령으로 로그인하세요: genkan login {url}',
      'zh-Hant': '請以此命令登入：genkan login {url}',
    },
  },
  remote_person_other: {
    message: {
      en: 'You are signed in at {url} as {person}, and {other} signed in just now. Nothing was done.',
      ja: '{url} には {person} としてサインインしていますが、今サインインしたのは {other} です。何も実行していません。',
      ko: '{url} 에는 {person} (으)로 로그인되어 있는데, 방금 {other} 이(가) 로그인했습니다. 아무것도 실행하지 않았습니다.',
      'zh-Hant': '您在 {url} 以 {person} 的身分登入，但剛才登入的是 {other}。未執行任何動作。',
    },
    hint: {
      en: 'Choose {person} in the browser, or change to {other} with: genkan login {url}',
      ja: 'ブラウザーで {person} を選ぶか、次のコマンドで {other} に切り替えてください: genkan login {url}',
      ko: '브라우저에서 {person} 을(를) 선택하거나, 다음 명령으로 {other} (으)로 바꾸세요: genkan login {url}',
      'zh-Hant': '請在瀏覽器中選擇 {person}，或以此命令改用 {other}：genkan login {url}',
    },
  },
  remote_here_only: {
    message: {
      en: '"{operation}" is done at the machine where Genkan runs, and nowhere else.',
      ja: '「{operation}」は、Genkan が動いているマシンでのみ実行できます。',
      ko: '"{operation}"은(는) Genkan이 실행되는 컴퓨터에서만 할 수 있습니다.',
      'zh-Hant': '「{operation}」只能在執行 Genkan 的電腦上進行。',
    },
    hint: {
      en: 'Run it there, without --at.',
      ja: 'そのマシンで、--at を付けずに実行してください。',
      ko: '그 컴퓨터에서 --at 없이 실행하세요.',
      'zh-Hant': '請在該電腦上執行，不加 --at。',
    },
  },
} as const satisfies Record<string, { message: Text; hint: Text }>;
