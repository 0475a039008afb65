// All functions of scalars by name, and the older names of some.
import { aggregateSynonyms } from '../aggregates/names.ts';
import { conversionFunctions } from './conversions.ts';
import type { Functions } from './define.ts';
import { nullTests } from './null-tests.ts';
import { numberFunctions } from './numbers.ts';
import { textFunctions } from './texts.ts';
import { timeFunctions } from './times.ts';

export const functions: Functions = new Map([
  ...conversionFunctions,
  ...nullTests,
  ...numberFunctions,
  ...textFunctions,
  ...timeFunctions,
]);

const synonyms: ReadonlyMap<string, string> = new Map([
  ...aggregateSynonyms,
  ['iif', 'iff'],
  ['array_iif', 'array_iff'],
  ['notnull', 'isnotnull'],
  ['notempty', 'isnotempty'],
  ['columnifexists', 'column_ifexists'],
  ['toreal', 'todouble'],
  ['toboolean', 'tobool'],
  ['totime', 'totimespan'],
  ['todynamic', 'parse_json'],
  ['toobject', 'parse_json'],
  ['parsejson', 'parse_json'],
  ['floor', 'bin'],
  ['extractall', 'extract_all'],
  ['extractjson', 'extract_json'],
  ['parseurl', 'parse_url'],
  ['parseurlquery', 'parse_urlquery'],
  ['base64_encodestring', 'base64_encode_tostring'],
  ['base64_decodestring', 'base64_decode_tostring'],
  ['to_utf8', 'unicode_codepoints_from_string'],
  ['make_string', 'unicode_codepoints_to_string'],
  ['arraylength', 'array_length'],
  ['array_strcat', 'strcat_array'],
  ['pack', 'bag_pack'],
  ['pack_dictionary', 'bag_pack'],
  ['datepart', 'datetime_part'],
  ['weekofyear', 'week_of_year'],
  ['array_sum', 'series_sum'],
]);

export function canonicalName(name: string): string {
  return synonyms.get(name) ?? name;
}
