// What Genkan says of a message in its `_meta` no server can say: it is taken off what comes in.
import { isJsonObject, notification, request, result } from '../../protocol/message.ts';
import type { JsonObject, Message } from '../../protocol/message.ts';
import { asWritten } from '../../protocol/written-numbers.ts';

/** The message without members of `_meta` that are Genkan's own; one that has none keeps its original bytes. */
export function withoutOwnMarks<Kind extends Message>(message: Kind): Kind {
  if (!hasOwnMarks(message.kind === 'response' ? message.result : message.params)) return message;
  const written: Message = asWritten(message as Message);
  if (written.kind === 'response') return result(written.id!, without(written.result!)) as Message as Kind;
  const params = without(written.params);
  const { method } = written;
  return (written.kind === 'request' ? request(written.id, method, params) : notification(method, params)) as Kind;
}

const isOwnMark = (name: string): boolean => /^genkan\//i.test(name);

const hasOwnMarks = (said: JsonObject | undefined): boolean =>
  isJsonObject(said?.['_meta']) && Object.keys(said['_meta']).some(isOwnMark);

const without = ({ _meta: meta, ...rest }: JsonObject): JsonObject => ({
  ...rest,
  _meta: Object.fromEntries(Object.entries(meta as JsonObject).filter(([name]) => !isOwnMark(name))),
});
