// A client over stdio whose person has yet to sign in: it is let in, told how, and told again once there is more to see.
import { describe } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Language } from '../base/text.ts';
import { t } from '../base/text.ts';
import { eraOfMessage } from '../protocol/headers.ts';
import { notification, result } from '../protocol/message.ts';
import type { Era, JsonObject, Message, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import { changingLists } from '../protocol/subscriptions.ts';
import { greet } from './everything/greeting.ts';
import { requests } from './methods.ts';
import type { Pipe } from './pipe.ts';
import { signInQuestion } from './sign-in-question.ts';

export interface Stranger {
  /** Answers what a client asks before anybody knows whose it is. */
  answer(messages: readonly Message[], refusal: Refusal): void;
  /** The person is known from now on. */
  known(): void;
}

/** Clients that can show nothing else have their model call it. */
const signInTool = 'sign_in';
const about = {
  en: 'Signs the person in. No other tool of this server can be used before. Tell the person what it answers.',
  ja: '利用者をサインインさせます。それまでこのサーバーの他のツールは使えません。返された内容を利用者に伝えてください。',
  ko: '사용자를 로그인시킵니다. 그 전에는 이 서버의 다른 도구를 쓸 수 없습니다. 응답 내용을 사용자에게 알려 주세요.',
  'zh-Hant': '讓使用者登入。在此之前無法使用這台伺服器的其他工具。請將回傳的內容告訴使用者。',
};

export function createStranger(pipe: Pipe, language: Language): Stranger {
  let strange = false;

  function answerTo(message: RequestMessage, refusal: Refusal, era: Era): ResponseMessage {
    const { id, method, params } = message;
    const answer = (value: JsonObject): ResponseMessage => result(id, { ...(era === 'modern' && momentary), ...value });
    const { message: text, hint } = describe(refusal, language);
    if (method === 'initialize' || method === 'server/discover')
      return result(id, { ...greet(message, []), instructions: `${text} ${hint}` });
    if (method === 'ping' || method === 'logging/setLevel') return answer({});
    const lists = requests.get(method)?.lists;
    if (lists?.member === 'tools') return answer({ tools: [toolIn(language)] });
    if (lists !== undefined) return answer({ [lists.member]: [] });
    const question = signInQuestion(message, refusal, language, pipe.initialize);
    if (question !== undefined) return question;
    if (method !== 'tools/call' || params['name'] !== signInTool) return pipe.reply(message).failure(refusal, id);
    return answer({ content: [{ type: 'text', text: `${text} ${hint}` }] });
  }

  return {
    answer(messages, refusal) {
      strange = true;
      for (const message of messages) {
        if (message.kind !== 'request') continue;
        const era = eraOfMessage(message, {}) === 'modern' ? 'modern' : 'legacy';
        pipe.reply(message).final(answerTo(message, refusal, era));
      }
    },
    known() {
      if (!strange) return;
      strange = false;
      if (pipe.initialize === undefined) return; // a client of the modern era keeps nothing that it was told before
      for (const { announced } of changingLists) pipe.listener.push(notification(announced));
    },
  };
}

const momentary = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };

const toolIn = (language: Language): JsonObject => ({
  name: signInTool,
  description: t(about, language),
  inputSchema: { type: 'object', properties: {} },
  annotations: { readOnlyHint: true },
});
