// The names of Kusto's aggregates, for whoever must tell them from functions.

/** Synonyms and the name that each stands for. */
export const aggregateSynonyms: ReadonlyMap<string, string> = new Map([
  ['makelist', 'make_list'],
  ['makeset', 'make_set'],
  ['make_dictionary', 'make_bag'],
  ['any', 'take_any'],
  ['anyif', 'take_anyif'],
  ['argmin', 'arg_min'],
  ['argmax', 'arg_max'],
  ['cnt', 'count'],
]);

export const aggregateNames: ReadonlySet<string> = new Set([
  ...(
    'count countif dcount dcountif count_distinct count_distinctif sum sumif min minif max maxif avg avgif take_any take_anyif ' +
    'arg_max arg_min make_list make_list_if make_list_with_nulls make_set make_set_if make_bag make_bag_if percentile ' +
    'percentiles percentiles_array percentilew percentilesw stdev stdevif stdevp variance varianceif variancep variancepif binary_all_and ' +
    'binary_all_or binary_all_xor'
  ).split(' '),
  ...aggregateSynonyms.keys(),
]);

/** Kusto has them, this engine does not. */
export const refusedAggregates: ReadonlySet<string> = new Set(
  (
    'tdigest tdigest_merge merge_tdigest hll hll_if hll_merge buildschema passthrough ' +
    'percentilesw_array covariance covarianceif covariancep covariancepif'
  ).split(' '),
);
