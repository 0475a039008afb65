// The smallest contents that are what they say, for tools, prompts and resources that answer with more than text.

/** One red pixel. */
export const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';

/** A header and no sound. */
export const wav = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=';

export const image = { type: 'image', data: png, mimeType: 'image/png' } as const;
export const audio = { type: 'audio', data: wav, mimeType: 'audio/wav' } as const;
export const text = (value: string) => ({ type: 'text', text: value }) as const;
export const embedded = (uri: string, mimeType: string, value: string) =>
  ({ type: 'resource', resource: { uri, mimeType, text: value } }) as const;
