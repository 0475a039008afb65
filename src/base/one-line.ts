// Texts that others wrote, as they may stand in a log, on a terminal or in a fault: one short line that does nothing there.

const maxLength = 300;
/** Control characters act on a terminal; a change of direction or a new line makes a text look like another. */
export const acting = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** The whole of a text whose length is bounded already, on one line and with nothing in it that cannot be seen. */
export const onOneLine = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\p{Cf}/gu, '')
    .replace(acting, ' ');

export const oneLine = (text: string): string => text.trim().slice(0, maxLength).toWellFormed().replace(acting, ' ');
