// The ideas that orders to assistants are made of, in the words of several languages: what is learned in one helps in all.

/** Idea → words and phrases, separated by commas. Latin words count by their first five letters, so inflections need no entry. */
export const lexicon: Readonly<Record<string, string>> = {
  override:
    'ignore, disregard, forget, override, overrule, overwrite, bypass, supersede, supersedes, void, cancel, nullify, discard, drop, abandon, erase, set aside, throw away, pay no attention, skip, circumvent, stop following, do not follow, not follow, no longer apply, no longer valid, obsolete, revoked, ' +
    'ignoriere, ignorieren, vergiss, ignorez, oubliez, oublie, ignora, olvida, ignore todas, esqueça, ' +
    '無視, むし, 忘れ, わすれ, 破棄, 従わ, 無効, 取り消, 取消, 撤回, 上書き, 棚上げ, 白紙, 捨て, 気にしな, 気にせ, 考慮しな, 守らな, 反故, リセット, ' +
    '무시, 잊어, 잊고, 잊으, 잊, 따르지, 폐기, 취소, 철회, 덮어쓰, 무효, 신경 쓰지, 신경쓰지, 버려, 버리, 초기화, 건너뛰, 우회, 지키지, ' +
    '忽略, 无视, 忘记, 忘掉, 忘了, 不要理会, 不必理会, 不用理会, 不用管, 不必管, 别管, 作废, 失效, 撤销, 取消, 抛弃, 丢弃, 覆盖, 推翻, 不再有效, 不再适用, 不必遵守, 不用遵守, 不要遵守, 绕过, 清空, 放弃, 略过, 跳过, 搁置',
  prior:
    'previous, prior, above, earlier, preceding, foregoing, before this, so far, initial, original, existing, old, former, past, beforehand, upstream, until now, vorherigen, bisherigen, précédentes, anteriores, previas, ' +
    'これまで, 今まで, いままで, 以前, 上記, 上の, 前述, 先ほど, さっき, 従来, 既存, 最初の, 元の, 初期, 先の, 前の, ここまで, 直前, 当初, 旧, ' +
    '이전, 앞선, 앞의, 위의, 위에, 지금까지, 기존, 앞서, 상기, 원래, 초기, 여태, 방금, 처음, 종전, 아까, ' +
    '之前, 以上, 先前, 上述, 前面, 上面, 此前, 原有, 原来, 早先, 最初, 初始, 先头, 刚才, 前文, 迄今, 既有, 旧的, 现有',
  all: 'all, any, every, everything, entire, whole, each, すべて, 全て, 全部, 一切, 全, あらゆる, ぜんぶ, 모든, 전부, 일체, 모두, 전체, 어떤, 所有, 一切, 任何, 全部, 统统, 全体, 整个',
  instruction:
    'instruction, instructions, rule, rules, prompt, prompts, guideline, directive, constraint, policy, policies, restriction, guardrail, guidance, orders, command, commands, programming, safeguard, filter, context, anweisungen, instrucciones, instructions, instruções, consignes, ' +
    '指示, しじ, 命令, ルール, 規則, 制約, 制限, プロンプト, 方針, ガイドライン, 設定, 規定, 約束, 決まり, 手順, 指令, 規約, ポリシー, インストラクション, ' +
    '지시, 명령, 규칙, 지침, 프롬프트, 제한, 제약, 설정, 가이드라인, 정책, 방침, 규정, 약속, 안내, 수칙, 원칙, ' +
    '指令, 指示, 规则, 提示词, 提示, 限制, 设定, 约束, 命令, 要求, 准则, 规定, 守则, 方针, 规范, 嘱咐, 政策, 条款',
  system:
    'system, developer, admin, administrator, root, operator, superuser, sysadmin, maintainer, システム, 開発者, 管理者, 開発元, 運営, 管理人, 시스템, 개발자, 관리자, 운영자, 개발사, 운영팀, 관리팀, 系统, 开发者, 管理员, 开发人员, 管理者, 运维, 开发商, 后台',
  assistant:
    'assistant, assistants, ai, llm, model, models, agent, agents, chatbot, bot, copilot, gpt, chatgpt, claude, gemini, cursor, language model, neural, artificial intelligence, machine reader, automated reader, ' +
    'アシスタント, エージェント, モデル, 人工知能, チャットボット, ボット, 生成, 言語モデル, コパイロット, クロード, ' +
    '어시스턴트, 비서, 모델, 에이전트, 챗봇, 인공지능, 언어모델, 코파일럿, 봇, 보조, ' +
    '助手, 智能体, 模型, 人工智能, 机器人, 大模型, 代理, 助理, 智慧, 智能助手, 语言模型, 小助手',
  reveal:
    'print, show, reveal, output, repeat, display, expose, disclose, dump, leak, recite, verbatim, list, write out, tell me, copy, paste, echo, summarize, summarise, translate, encode, ' +
    '表示, 出力, 教えて, 開示, 見せ, 公開, 漏ら, 書き出, 暴露, 貼り付け, そのまま, 一字一句, 復唱, 列挙, 繰り返, 出して, 明か, 吐き出, ' +
    '출력, 보여, 알려, 공개, 노출, 그대로, 복사, 나열, 되풀이, 반복, 말해, 읊어, 토해, 드러내, 적어, ' +
    '输出, 显示, 透露, 复述, 公开, 泄露, 打印, 列出, 展示, 逐字, 一字不漏, 重复, 贴出, 抄写, 交代, 说出来, 吐出, 念出, 复制, 原样',
  secret:
    'password, passwords, credential, credentials, api key, apikey, token, tokens, secret, secrets, private key, env, ssh, rsa, pem, cookie, cookies, certificate, wallet, seed phrase, connection string, access key, passphrase, keychain, kubeconfig, vault, ' +
    'パスワード, 秘密, 認証情報, 鍵, キー, トークン, 資格情報, 暗証番号, 機密, 接続文字列, 個人情報, クッキー, シークレット, 証明書, ' +
    '비밀번호, 자격, 키, 토큰, 비밀, 암호, 기밀, 연결 문자열, 인증서, 개인정보, 시크릿, 쿠키, 열쇠, ' +
    '密码, 密钥, 凭证, 凭据, 令牌, 机密, 秘密, 私钥, 口令, 连接字符串, 证书, 个人信息, 敏感, 个资, 金钥, 权杖, 钥匙',
  send:
    'send, post, upload, forward, exfiltrate, email, transmit, submit, deliver, append, attach, include, embed, relay, curl, fetch, bcc, cc, webhook, ping, report back, ' +
    '送信, 転送, アップロード, 送って, 送れ, 送り, 投稿, 添付, 埋め込, 付け加え, 付与, 渡し, 流し, 伝送, 送付, 書き込, ' +
    '전송, 보내, 업로드, 전달, 첨부, 게시, 발송, 송신, 넘겨, 붙여, 포함, 올려, 실어, 회신, ' +
    '发送, 转发, 上传, 提交, 发到, 寄到, 寄给, 传到, 传送, 附上, 附加, 贴到, 回传, 发给, 送到, 外发, 推送, 投递, 抄送, 密送, 塞进, 拼接, 嵌入',
  address:
    'http, https, www, url, link, webhook, endpoint, attacker, evil, collector, リンク, 宛, アドレス, 外部, 링크, 주소, 외부, 链接, 网址, 地址, 外部, 连结, 邮箱, 信箱, 服务器, 伺服器',
  user: 'user, users, customer, human, owner, reader, person, them, ユーザー, ユーザ, 利用者, 使用者, 人間, 相手, 本人, お客, 客, 사용자, 이용자, 유저, 고객, 사람, 상대방, 본인, 用户, 使用者, 客户, 人类, 对方, 本人, 主人',
  not: 'not, never, dont, without, cannot, no, avoid, refrain, do not, ないで, せずに, しない, するな, 禁止, いけな, てはなら, ず, なく, 말고, 말라, 마라, 마세요, 마십시오, 않, 없이, 금지, 안 , 말 것, 말것, 不要, 不得, 别, 勿, 切勿, 不准, 不许, 不可, 无需, 不用, 不必, 禁止, 莫, 毋',
  tell: 'tell, mention, inform, notify, say, disclose, report, alert, acknowledge, explain, ask, confirm, warn, 知らせ, 言わ, 伝え, 報告, 触れ, 話さ, 言及, 通知, 明かさ, 聞か, 確認, 気づか, 気付か, 悟ら, 断り, 말하, 알리, 언급, 보고, 통보, 묻지, 물어보, 확인, 눈치, 밝히, 티, 告诉, 告知, 提及, 通知, 说明, 报告, 提到, 声张, 询问, 确认, 透露, 察觉, 提醒, 让用户',
  silent:
    'silently, quietly, secretly, covertly, discreetly, hidden, hide, conceal, in the background, stealth, invisible, unnoticed, pretend, as if, 黙って, 密かに, ひそかに, こっそり, 静かに, 隠し, 隠れ, 内緒, 裏で, 気づかれ, 伏せ, 何食わぬ, ないしょ, 무음, 몰래, 조용히, 은밀, 숨기, 숨겨, 비밀리, 들키지, 뒤에서, 백그라운드, 슬쩍, 티 나지, 悄悄, 暗中, 静默, 偷偷, 隐藏, 秘密地, 私下, 后台, 不动声色, 默默, 隐瞒, 背着, 若无其事, 低调',
  must: 'must, mandatory, required, important, urgent, immediately, critical, essential, always, compulsory, strictly, attention, obligatory, priority, 必ず, 重要, 至急, 直ちに, ただちに, 即時, 絶対, 緊急, 最優先, すぐに, 厳守, 注意, 義務, 반드시, 중요, 긴급, 즉시, 꼭, 무조건, 당장, 최우선, 필수, 의무, 주의, 必须, 务必, 重要, 紧急, 立即, 立刻, 马上, 一定, 最高优先, 强制, 注意, 优先, 必需, 切记',
  first:
    'before, first, prior to, after, beforehand, step, prerequisite, まず, 最初に, 前に, 先に, 後に, 後で, する前, 事前, 먼저, 전에, 우선, 후에, 이후에, 뒤에, 사전, 首先, 先, 之前, 然后, 之后, 再, 前必须, 前请, 事先',
  call: 'call, invoke, run, execute, use, trigger, launch, perform, eval, install, 実行, 呼び出, 呼ん, 起動, 使っ, 使用, 発行, インストール, 動かし, 走らせ, 호출, 실행, 사용해, 구동, 설치, 불러, 돌려, 调用, 执行, 运行, 使用, 启动, 触发, 呼叫, 安装, 跑',
  tool: 'tool, tools, function, plugin, parameter, argument, mcp, api, command, shell, script, ツール, 関数, 引数, パラメータ, コマンド, スクリプト, 機能, 도구, 함수, 인자, 매개변수, 툴, 명령어, 스크립트, 파라미터, 工具, 函数, 参数, 接口, 脚本, 命令行, 插件, 终端',
  henceforth:
    'from now on, henceforth, from this point, going forward, onwards, always, permanently, remember, memory, memorize, every response, each reply, 今後, 以降, これから, この先, ずっと, 毎回, 永続, 記憶, 覚え, メモリ, 常に, 以後, 앞으로, 이제부터, 이후, 지금부터, 매번, 항상, 영구, 기억, 메모리, 늘, 줄곧, 从现在, 从此, 今后, 以后, 此后, 一直, 永久, 记住, 记忆, 每次, 始终, 往后, 自此, 牢记, 永远',
  role: 'you are, act as, pretend, roleplay, role play, persona, play the role, impersonate, imagine, simulate, become, you re, character, あなたは, 君は, お前は, なりき, 振る舞, 演じ, ふり, 役, 人格, キャラ, 設定で, 너는, 당신은, 역할, 연기, 척, 흉내, 인격, 가정, 캐릭터, 넌, 你是, 您是, 扮演, 假装, 模拟, 角色, 化身, 人格, 人设, 你现在, 你就是',
  unrestricted:
    'unrestricted, uncensored, unfiltered, jailbreak, jailbroken, dan, no limits, without limits, no restrictions, no rules, free of, liberated, god mode, developer mode, debug mode, maintenance mode, unlocked, evil, amoral, anything, 制限なし, 無制限, 制約のな, 制限のな, 制限を解, 解除, 自由, モード, 何でも, 脱獄, 束縛, 縛られ, 제한 없, 제한없, 무제한, 제약 없, 해제, 모드, 탈옥, 자유롭, 구애받지, 무엇이든, 无限制, 不受限, 不受任何, 没有限制, 越狱, 解除, 模式, 自由, 无所不, 不受约束, 解锁, 束缚, 百无禁忌',
  refuse:
    'refuse, refusal, decline, reject, disclaimer, apologize, warning, warnings, sorry, unable, ethics, ethical, moral, safety, 拒否, 断ら, 断る, 拒絶, 謝ら, 警告, 注意書き, 倫理, 安全, 免責, 道徳, できません, 거부, 거절, 경고, 사과, 윤리, 안전, 도덕, 면책, 못한다, 拒绝, 警告, 免责, 道歉, 伦理, 道德, 安全, 推辞, 抱歉, 婉拒, 推托',
  destroy:
    'delete, remove, wipe, destroy, drop table, rm, purge, truncate, format, shut down, 削除, 消去, 消し, 破壊, 抹消, 停止, 삭제, 지워, 제거, 파괴, 중지, 삭제해, 删除, 清除, 删掉, 销毁, 抹除, 移除, 停用, 关闭, 关掉',
  grant:
    'grant, approve, assign, permission, privilege, role assignment, elevate, whitelist, allowlist, merge, accept, unlock, enable access, add user, invite, 付与, 承認, 権限, 許可, 昇格, マージ, 追加, 招待, 부여, 승인, 권한, 허용, 병합, 추가, 초대, 授予, 批准, 权限, 许可, 合并, 提升, 放行, 通过, 赋予, 加入, 邀请, 核准, 白名单',
  disable:
    'disable, turn off, suppress, mute, deactivate, audit, logging, logs, alert, alarm, firewall, monitoring, 無効化, オフ, 監査, ログ, アラート, 警報, 監視, ファイアウォール, 止め, 비활성, 끄, 감사, 로그, 경보, 알림, 방화벽, 모니터링, 禁用, 关闭, 审计, 日志, 警报, 告警, 防火墙, 监控, 稽核, 停掉, 屏蔽',
  money:
    'pay, payment, transfer, wire, bank, account, invoice, bitcoin, crypto, refund, wallet, iban, 振込, 送金, 支払, 口座, 返金, 銀行, ビットコイン, 송금, 이체, 결제, 계좌, 환불, 입금, 비트코인, 转账, 汇款, 支付, 账户, 退款, 打款, 付款, 银行, 汇入, 比特币, 帐户',
  file: 'file, files, document, directory, folder, path, read, open, cat, contents, home, etc, config, ファイル, 文書, 中身, 内容, フォルダ, 読み込, 読み取, 読ん, 開い, 파일, 문서, 내용, 폴더, 읽어, 읽고, 열어, 디렉터리, 文件, 档案, 内容, 目录, 文档, 读取, 打开, 资料夹, 读出, 配置',
  conversation:
    'conversation, history, chat, message, messages, memory, dialogue, session, inbox, emails, transcript, 会話, 履歴, やり取り, メッセージ, 受信, メール, 対話, 文脈, 대화, 기록, 내역, 메시지, 메일, 받은편지함, 맥락, 이력, 对话, 历史, 记录, 聊天, 消息, 邮件, 上下文, 信件, 纪录, 往来',
  judge:
    'summary, summarize, review, rank, rate, rating, score, evaluate, recommend, recommendation, hire, candidate, conclude, verdict, assessment, 要約, 評価, 採点, 推薦, 推奨, おすすめ, 判定, 選考, 順位, 結論, レビュー, 요약, 평가, 채점, 추천, 판정, 순위, 결론, 심사, 검토, 점수, 总结, 摘要, 评价, 评分, 推荐, 打分, 排名, 结论, 审核, 判定, 评估, 录用',
  best: 'best, highest, perfect, excellent, positive, outstanding, safe, harmless, no issues, no vulnerabilities, approved, exceptional, favorable, 最高, 満点, 最優秀, 問題なし, 安全, 最適, 優れ, 合格, 絶賛, 肯定, 無害, 최고, 만점, 우수, 문제없, 문제 없, 안전, 합격, 긍정, 최적, 완벽, 최상, 最好, 满分, 最佳, 优秀, 没有问题, 无漏洞, 安全, 第一, 完美, 正面, 通过, 无害, 五星, 最优',
  authority:
    'authorized, authorised, security team, it department, compliance, official, anthropic, openai, microsoft, google, ceo, police, legal, emergency, verified, consent, already agreed, certified, 許可済, 承認済, 公式, 情報システム, セキュリティ部, 法務, 警察, 緊急, 当局, 社長, 同意済, 監査人, 認可, 승인된, 인가, 공식, 보안팀, 전산팀, 법무, 경찰, 긴급, 대표이사, 동의했, 동의함, 감사팀, 당국, 授权, 官方, 安全部门, 资安, 法务, 警方, 紧急, 已同意, 已批准, 信息部, 董事长, 总部, 上级, 资讯部, 主管',
  ending:
    'end of, begin, start of, new instructions, new task, new rule, task complete, actual task, real task, stop here, instead, rather, now do, next task, 終わり, 終了, 新しい指示, 新たな, 代わりに, ここから, 本当の, 真の, 以下の指示, 次の指示, 新規, 끝, 종료, 새로운 지시, 새로운, 대신, 여기부터, 여기서부터, 진짜, 실제, 다음 지시, 아래 지시, 结束, 新指令, 新的指令, 新的, 新任务, 改为, 转而, 真正的, 以下指令, 下面的指令, 从这里开始, 到此为止, 而是, 接下来',
  follow:
    'follow, obey, comply, adhere, execute the following, do exactly, carry out, act on, treat this, do as, instructed, 従って, 従い, 従え, 遵守, 実行せよ, に沿っ, とおりに, 応じ, せよ, しなさい, 따라, 따르, 복종, 준수, 수행, 이행, 하라, 하시오, 할 것, 遵循, 服从, 遵守, 听从, 照做, 遵照, 按照, 执行以下, 照办, 依照, 奉行',
  answer:
    'answer, respond, reply, response, say, output only, start with, begin with, 回答, 返答, 応答, 答え, 返事, 出力せよ, と言, 返し, 대답, 응답, 답변, 답해, 말해, 회신, 답하, 回答, 回复, 答复, 回应, 只说, 作答, 应答, 回覆',
  instead:
    'hidden instructions, confidential instructions, initial prompt, system prompt, system message, developer message, 初期設定, 内部指示, システムプロンプト, 隠された指示, 内部ルール, 시스템 프롬프트, 내부 지침, 초기 설정, 숨겨진 지시, 비공개 지침, 系统提示, 系统提示词, 内部指令, 隐藏指令, 初始指令, 系统指令, 内部规则, 系统消息',
  order:
    'please, kindly, you must, you should, you need to, you have to, make sure, ensure, be sure, do this, proceed, you will, you are to, ' +
    'てください, て下さい, しろ, せよ, なさい, すること, してくれ, してね, しましょう, して頂, していただ, ように, 願いします, よろしく, してや, たまえ, べし, べきで, ' +
    '하세요, 하십시오, 해라, 하라, 해줘, 해 줘, 할 것, 해야, 하도록, 하시기, 바랍니다, 하자, 해주, 십시오, 으세요, 시오, 거라, 해 주, 줘, 주세요, 부탁, ' +
    '请, 请你, 你要, 你必须, 你应该, 你需要, 给我, 帮我, 麻烦, 烦请, 请将, 请把, 须, 应当, 应立即, 要求你, 把, 将',
  account:
    'can, could, may, might, would, was, were, if, when, whether, because, how to, why, what is, describes, explains, according to, happens, ' +
    'される, された, られる, した場合, する場合, という, について, ことがある, とき, ました, でした, ため, かどうか, なぜ, 方法, です, ます, だった, ている, ことができ, ' +
    '됩니다, 된다, 되는, 하는 경우, 라는, 에 대해, 할 수, 했다, 했습니다, 때문, 인지, 방법, 입니다, 있습니다, 이다, 었다, 았다, 하면, 되었, ' +
    '会, 可能, 被, 的话, 如果, 可以, 因为, 是否, 如何, 为什么, 了解, 介绍, 说明了, 当, 时候, 表示, 认为, 指出, 曾, 已经, 的是, 情况',
  attack:
    'injection, injections, attack, attacks, attacker, attackers, malicious, adversarial, vulnerability, vulnerable, exploit, phishing, threat, threats, detection, detect, detects, detector, mitigation, defense, owasp, sanitize, jailbreaks, red team, untrusted, suspicious, classifier, ' +
    'インジェクション, 攻撃, 攻撃者, 脆弱性, 悪意, 検知, 検出, 対策, 脅威, 防御, 不審, 詐欺, 手口, 悪用, フィッシング, 被害, ' +
    '인젝션, 공격, 공격자, 취약점, 악의, 악성, 탐지, 대응, 위협, 방어, 의심, 피싱, 사기, 수법, 악용, 피해, ' +
    '注入, 攻击, 攻击者, 漏洞, 恶意, 检测, 侦测, 防御, 威胁, 防护, 可疑, 钓鱼, 诈骗, 手法, 滥用, 受害',
  example:
    'example, examples, for instance, such as, eg, sample, test case, dataset, paper, article, section, chapter, quote, called, means, e.g., 例, 例えば, たとえば, 事例, サンプル, 論文, 記事, とは, といった, のような, という文, と書か, 예, 예를, 예시, 사례, 샘플, 논문, 기사, 이란, 란, 같은, 라는 문구, 라고 적, 例如, 比如, 示例, 案例, 样本, 论文, 文章, 所谓, 诸如, 之类, 这样的, 一类, 等等, 譬如',
  people:
    'employees, staff, students, teachers, colleagues, team members, patients, visitors, tenants, residents, passengers, developers, engineers, children, 社員, 従業員, 生徒, 学生, 担当者, 患者, 来場者, 住民, 皆様, 皆さん, 保護者, 乗客, スタッフ, 部下, 직원, 학생, 담당자, 환자, 방문객, 주민, 여러분, 학부모, 승객, 임직원, 팀원, 员工, 学生, 同事, 患者, 访客, 居民, 各位, 大家, 家长, 旅客, 同仁, 住户, 同学, 负责人',
};
