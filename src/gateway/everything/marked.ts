// A server's text behind the server's name, on every line: at `/mcp` none can pose as another, or as Genkan.

export function marked(server: string, text: string): string {
  // Whatever any reader might take for the end of a line is one; other control characters are nothing to be read.
  const lines = text.toWellFormed().split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
  return lines.map((line) => `${server}> ${line.replaceAll(/(?!\t)[\p{Cc}\p{Cf}]/gu, '')}`).join('\n');
}
