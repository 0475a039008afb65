// The ids of people and agents as they look, apart from all names; the command line reads this without opening a database.
/**
 * `{oid}@{tid}` of Entra ID, `{issuer}#{sub}` of others, `application:{client}` of agents. What looks like this names nobody
 * in any other way: else somebody could take the id of another for a name, and be found in their place or beside them.
 */
export function principalIdIn(text: string): string | undefined {
  if (/^[0-9a-f-]{36}@[0-9a-f-]{36}$/i.test(text)) return text.toLowerCase(); // GUIDs have no case (RFC 9562 §4)
  return /^(?:https?:\/\/[^#\s]+#\S+|application:\S+)$/.test(text) ? text : undefined;
}
