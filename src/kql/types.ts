// What types have to do with each other: which are numbers, which is the wider one, what stands for both.
import type { KqlType } from './values.ts';

const breadth: Partial<Record<KqlType, number>> = { int: 1, long: 2, real: 3, decimal: 4 };

export function isNumber(type: KqlType): boolean {
  return type in breadth;
}

export function isInteger(type: KqlType): boolean {
  return type === 'int' || type === 'long';
}

/** Of two types of numbers the one that holds both. */
export function wider(a: KqlType, b: KqlType): KqlType {
  return breadth[a]! >= breadth[b]! ? a : b;
}

/** What arithmetic on two types of numbers gives: whole numbers give `long` (documentation, "Type rules for arithmetic operations"). */
export function arithmeticType(a: KqlType, b: KqlType): KqlType {
  const type = wider(a, b);
  return type === 'int' ? 'long' : type;
}

/** The type that all of some values have, numbers widened; undefined where there is none. */
export function commonType(types: readonly KqlType[]): KqlType | undefined {
  return types.reduce<KqlType | undefined>((sum, type) => {
    if (sum === undefined || sum === type) return sum;
    return isNumber(sum) && isNumber(type) ? wider(sum, type) : undefined;
  }, types[0]);
}

/** For messages: `a string`, `an int`. */
export function aType(type: KqlType): string {
  return `${type === 'int' ? 'an' : 'a'} ${type}`;
}
