// How a token looks that stands for a value: letters, digits, `-` and `_` only, so that it survives wherever a value does.

export const tokenPrefix = 'genkan_';
