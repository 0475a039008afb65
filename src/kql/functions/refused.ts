// What Kusto has and this engine does not: said by name, so that nobody looks for a mistake of spelling.

export function isRefused(name: string): boolean {
  return refused.has(name) || name.startsWith('geo_') || name.startsWith('convert_');
}

export function refusalOf(name: string): string {
  const reason = reasonOf(name);
  return `${name}() is not supported${reason === undefined ? '' : `: ${reason}`}`;
}

function reasonOf(name: string): string | undefined {
  if (name.startsWith('geo_')) return 'there are no functions of geography here';
  if (/^(?:cluster|database|external_table|materialized_view|stored_query_result|entity_group)$/.test(name))
    return 'all tables are here, under their own names';
  if (/^(?:cursor|current|extent|row_id|rowstore|estimate)/.test(name))
    return 'it asks about a Kusto cluster, and this is none';
  if (name.includes('tdigest')) return 'percentiles() are exact here';
  if (name.includes('hll')) return 'dcount() is exact here';
  return reasons.get(name);
}

const unstable = 'the same query on the same rows gives the same answer here';
const reasons: ReadonlyMap<string, string> = new Map([
  ['rand', unstable],
  ['new_guid', unstable],
  ['hash', 'its numbers have 64 bits; use hash_sha256()'],
  ['hash_xxhash64', 'its numbers have 64 bits; use hash_sha256()'],
  ['hash_combine', 'its numbers have 64 bits; use hash_sha256()'],
  ['hash_many', 'its numbers have 64 bits; use hash_sha256()'],
  ['parse_version', 'its numbers have 100 bits; compare the parts of split(version, ".") with toint()'],
  ['parse_user_agent', 'it needs a list of browsers that is never up to date; use has or extract()'],
  ['bin_auto', 'use bin() with a size'],
  ['iscolumnexists', 'use column_ifexists()'],
]);

const refused: ReadonlySet<string> = new Set([
  ...reasons.keys(),
  ...(
    'cluster database external_table materialized_view entity_group stored_query_result graph parse_command_line ' +
    'datetime_list_timezones base64_decode_toguid base64_encode_fromguid zlib_decompress_from_base64_string ' +
    'zlib_compress_to_base64_string gzip_decompress_from_base64_string gzip_compress_to_base64_string assert ' +
    'punycode_to_string punycode_from_string punycode_domain_from_string punycode_domain_to_string percentile_tdigest ' +
    'percentiles_array_tdigest percentrank_tdigest rank_tdigest tdigest_isvalid hll_isvalid tdigest_merge merge_tdigest ' +
    'hll_merge dcount_hll series_fft series_ifft series_fit_2lines series_fit_2lines_dynamic series_iir ' +
    'series_periods_validate series_fit_poly beta_cdf beta_inv beta_pdf gamma loggamma erf erfc welch_test all any map ' +
    'inner_nodes node_id node_degree_in node_degree_out labels current_cluster_endpoint current_database ' +
    'current_principal current_principal_details current_principal_is_member_of extent_id extentid extent_tags ' +
    'current_node_id row_id cursor_after cursor_before_or_at cursor_current current_cursor ipv4_range_to_cidr_list ' +
    'rowstore_ordinal_range estimate_data_size column_names_of row_rank'
  ).split(' '),
]);
