// All functions of scalars by name, and the older names of some.
import { aggregateSynonyms } from '../aggregates/names.ts';
import { addressFunctions } from './addresses.ts';
import { arrayFunctions } from './arrays.ts';
import { bagFunctions } from './bags.ts';
import { conversionFunctions } from './conversions.ts';
import type { Functions } from './define.ts';
import { documentFunctions } from './documents.ts';
import { encodingFunctions } from './encodings.ts';
import { nullTests } from './null-tests.ts';
import { numberFunctions } from './numbers.ts';
import { patternFunctions } from './patterns.ts';
import { seriesModels } from './series-models.ts';
import { seriesFunctions } from './series.ts';
import { textFunctions } from './texts.ts';
import { timeFormats } from './time-formats.ts';
import { timeFunctions } from './times.ts';
import { xmlFunctions } from './xml.ts';

export const functions: Functions = new Map([
  ...addressFunctions,
  ...arrayFunctions,
  ...bagFunctions,
  ...conversionFunctions,
  ...documentFunctions,
  ...encodingFunctions,
  ...nullTests,
  ...numberFunctions,
  ...patternFunctions,
  ...seriesFunctions,
  ...seriesModels,
  ...textFunctions,
  ...timeFormats,
  ...timeFunctions,
  ...xmlFunctions,
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
