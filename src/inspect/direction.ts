// Whose words a text is, and to whom: what is done with findings differs by it.
export const directions = ['results', 'descriptions', 'questions', 'arguments'] as const;
export type Direction = (typeof directions)[number];
