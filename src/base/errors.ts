// The table of everything that can be refused or can fail: stable code → HTTP status, JSON-RPC code, OAuth error, severity.
import { errorTexts } from './error-texts.ts';
import { t } from './text.ts';
import type { Language, Text } from './text.ts';

export type Severity = 'info' | 'notice' | 'warning' | 'error' | 'critical';

interface ErrorRow {
  /** HTTP status where the error is a whole HTTP answer. */
  readonly http: number;
  /** JSON-RPC code where it answers a request: a standard one, one that MCP defines, or one of `rpcCodes`. */
  readonly rpc: number;
  /** OAuth 2.0 error name where it answers an OAuth client. */
  readonly oauth?: string;
  readonly severity: Severity;
}

/** JSON-RPC codes of our own. MCP 2026-07-28 ("Error Codes") closes -32000…-32099 to new ones, so they stand outside that range. */
export const rpcCodes = { access: -31010, inspect: -31011, upstream: -31012, record: -31013, gateway: -31014 } as const;

export const errorTable = {
  identity_token_missing: { http: 401, rpc: -31010, oauth: 'invalid_token', severity: 'info' },
  identity_token_invalid: { http: 401, rpc: -31010, oauth: 'invalid_token', severity: 'warning' },
  identity_token_audience: { http: 401, rpc: -31010, oauth: 'invalid_token', severity: 'warning' },
  identity_token_expired: { http: 401, rpc: -31010, oauth: 'invalid_token', severity: 'info' },
  identity_scope_missing: { http: 403, rpc: -31010, oauth: 'insufficient_scope', severity: 'notice' },
  identity_token_bound: { http: 401, rpc: -31010, oauth: 'invalid_token', severity: 'warning' },
  identity_proof_invalid: { http: 401, rpc: -31010, oauth: 'invalid_dpop_proof', severity: 'warning' },
  identity_grant_revoked: { http: 401, rpc: -31010, oauth: 'invalid_token', severity: 'notice' },
  identity_provider_unavailable: { http: 502, rpc: -31010, oauth: 'temporarily_unavailable', severity: 'error' },
  identity_sign_in_failed: { http: 400, rpc: -31010, oauth: 'access_denied', severity: 'warning' },
  identity_sign_in_expired: { http: 400, rpc: -31010, oauth: 'invalid_request', severity: 'info' },
  identity_request_invalid: { http: 400, rpc: -31010, oauth: 'invalid_request', severity: 'notice' },
  identity_requests_too_many: { http: 429, rpc: -31010, oauth: 'temporarily_unavailable', severity: 'warning' },
  identity_step_up_required: { http: 403, rpc: -31010, oauth: 'insufficient_scope', severity: 'notice' },
  identity_sign_in_stale: { http: 401, rpc: -31010, oauth: 'insufficient_user_authentication', severity: 'info' },
  identity_access_blocked: { http: 403, rpc: -31010, oauth: 'access_denied', severity: 'warning' },
  conditional_access_invalid: { http: 500, rpc: -32603, severity: 'error' },
  conditional_access_off: { http: 404, rpc: -32602, severity: 'notice' },
  identity_principal_disabled: { http: 401, rpc: -31010, oauth: 'invalid_token', severity: 'warning' },
  identity_client_revoked: { http: 401, rpc: -31010, oauth: 'invalid_token', severity: 'warning' },
  identity_sign_in_disabled: { http: 403, rpc: -31010, oauth: 'access_denied', severity: 'warning' },
  identity_sign_in_again: { http: 401, rpc: -31010, oauth: 'interaction_required', severity: 'info' },
  identity_caller_not_person: { http: 403, rpc: -31010, oauth: 'access_denied', severity: 'notice' },
  identity_on_behalf_impossible: { http: 502, rpc: -31010, oauth: 'server_error', severity: 'error' },
  identity_consent_missing: { http: 403, rpc: -31010, oauth: 'consent_required', severity: 'error' },
  identity_credential_expired: { http: 502, rpc: -31010, oauth: 'server_error', severity: 'critical' },
  identity_credential_refused: { http: 502, rpc: -31010, oauth: 'server_error', severity: 'critical' },
  identity_credential_unusable: { http: 502, rpc: -31010, oauth: 'server_error', severity: 'critical' },
  identity_redirect_unregistered: { http: 502, rpc: -31010, oauth: 'server_error', severity: 'error' },
  identity_scope_unknown: { http: 502, rpc: -31010, oauth: 'server_error', severity: 'error' },
  identity_application_unknown: { http: 502, rpc: -31010, oauth: 'server_error', severity: 'error' },
  identity_person_not_assigned: { http: 403, rpc: -31010, oauth: 'access_denied', severity: 'notice' },
  identity_policy_forbids: { http: 403, rpc: -31010, oauth: 'access_denied', severity: 'notice' },
  identity_tenant_foreign: { http: 403, rpc: -31010, oauth: 'access_denied', severity: 'warning' },
  identity_groups_unavailable: { http: 502, rpc: -31010, oauth: 'temporarily_unavailable', severity: 'error' },
  identity_groups_named: { http: 502, rpc: -31010, oauth: 'server_error', severity: 'error' },
  entra_not_configured: { http: 404, rpc: -32602, severity: 'notice' },
  entra_rotation_impossible: { http: 409, rpc: -32602, severity: 'warning' },
  entra_rotation_undone: { http: 502, rpc: -32603, severity: 'error' },
  entra_registration_exists: { http: 409, rpc: -32602, severity: 'warning' },
  identity_request_forged: { http: 403, rpc: -31010, oauth: 'access_denied', severity: 'warning' },

  access_action_missing: { http: 403, rpc: -31010, severity: 'notice' },
  access_action_excluded: { http: 403, rpc: -31010, severity: 'notice' },
  access_out_of_scope: { http: 403, rpc: -31010, severity: 'notice' },
  access_denied_by_assignment: { http: 403, rpc: -31010, severity: 'notice' },
  access_condition_unmet: { http: 403, rpc: -31010, severity: 'notice' },
  access_deny_invalid: { http: 400, rpc: -31010, severity: 'error' },
  access_argument_fixed: { http: 403, rpc: -31010, severity: 'notice' },
  access_argument_unresolved: { http: 403, rpc: -31010, severity: 'notice' },
  access_tool_unmapped: { http: 403, rpc: -31010, severity: 'warning' },
  access_scope_invalid: { http: 400, rpc: -31010, severity: 'notice' },
  access_scope_not_assignable: { http: 403, rpc: -31010, severity: 'notice' },
  access_role_unknown: { http: 400, rpc: -31010, severity: 'notice' },
  access_role_invalid: { http: 500, rpc: -31010, severity: 'error' },
  access_variable_unresolved: { http: 500, rpc: -31010, severity: 'error' },
  access_assignment_unknown: { http: 404, rpc: -31010, severity: 'notice' },
  access_assignment_configured: { http: 409, rpc: -31010, severity: 'notice' },
  access_times_invalid: { http: 400, rpc: -31010, severity: 'notice' },
  access_assignment_ambiguous: { http: 409, rpc: -31010, severity: 'notice' },
  access_assignment_elevated: { http: 409, rpc: -31010, severity: 'notice' },
  access_role_malformed: { http: 400, rpc: -31010, severity: 'notice' },
  access_role_taken: { http: 409, rpc: -31010, severity: 'notice' },
  access_role_fixed: { http: 409, rpc: -31010, severity: 'notice' },
  access_deny_taken: { http: 409, rpc: -31010, severity: 'notice' },
  access_deny_unknown: { http: 404, rpc: -31010, severity: 'notice' },
  access_deny_configured: { http: 409, rpc: -31010, severity: 'notice' },
  access_policy_changed: { http: 409, rpc: -31010, severity: 'notice' },
  access_policy_breaks: { http: 409, rpc: -31010, severity: 'notice' },
  access_policy_no_approver: { http: 409, rpc: -31010, severity: 'error' },
  access_policy_too_much: { http: 400, rpc: -31010, severity: 'notice' },
  access_policy_touched: { http: 409, rpc: -31010, severity: 'notice' },
  access_policy_configured: { http: 409, rpc: -31010, severity: 'notice' },
  access_policy_version_unknown: { http: 404, rpc: -31010, severity: 'notice' },
  access_policy_item_invalid: { http: 500, rpc: -31010, severity: 'error' },
  access_policy_outdated: { http: 503, rpc: -31010, severity: 'critical' },
  access_expectations_invalid: { http: 400, rpc: -31010, severity: 'notice' },
  access_plan_invalid: { http: 400, rpc: -31010, severity: 'notice' },
  access_drift_lists: { http: 400, rpc: -31010, severity: 'notice' },
  access_drift_role_unknown: { http: 400, rpc: -31010, severity: 'notice' },
  access_drift_refused: { http: 409, rpc: -31010, severity: 'notice' },
  access_drift_away: { http: 503, rpc: -31010, severity: 'warning' },
  access_approval_own: { http: 403, rpc: -31010, severity: 'warning' },
  access_approval_not_approver: { http: 403, rpc: -31010, severity: 'warning' },
  access_approval_mfa: { http: 403, rpc: -31010, oauth: 'insufficient_scope', severity: 'notice' },
  access_approval_over: { http: 409, rpc: -31010, severity: 'notice' },
  access_approval_unknown: { http: 404, rpc: -31010, severity: 'notice' },
  access_approval_too_long: { http: 403, rpc: -31010, severity: 'notice' },
  access_approval_unread: { http: 403, rpc: -31010, severity: 'notice' },
  access_approval_pending: { http: 403, rpc: -31010, severity: 'notice' },
  access_approval_expired: { http: 403, rpc: -31010, severity: 'notice' },
  access_approval_withdrawn: { http: 403, rpc: -31010, severity: 'notice' },
  access_approval_impossible: { http: 403, rpc: -31010, severity: 'warning' },
  access_call_denied: { http: 403, rpc: -31010, severity: 'notice' },
  access_approvals_too_many: { http: 429, rpc: -31010, severity: 'notice' },
  access_limit_exceeded: { http: 429, rpc: -31010, severity: 'notice' },
  access_condition_invalid: { http: 400, rpc: -31010, severity: 'notice' },
  access_rule_invalid: { http: 500, rpc: -31010, severity: 'error' },
  access_rule_denied: { http: 403, rpc: -31010, severity: 'notice' },
  access_rule_unshown: { http: 403, rpc: -31010, severity: 'notice' },
  access_rule_no_approver: { http: 403, rpc: -31010, severity: 'error' },
  access_elevation_settings: { http: 500, rpc: -31010, severity: 'error' },
  access_elevation_person: { http: 403, rpc: -31010, severity: 'warning' },
  access_elevation_not_eligible: { http: 403, rpc: -31010, severity: 'notice' },
  access_elevation_duration: { http: 400, rpc: -31010, severity: 'notice' },
  access_elevation_justification: { http: 400, rpc: -31010, severity: 'notice' },
  access_elevation_mfa: { http: 403, rpc: -31010, oauth: 'insufficient_scope', severity: 'notice' },
  access_elevation_approvers: { http: 409, rpc: -31010, severity: 'error' },
  access_elevation_active: { http: 409, rpc: -31010, severity: 'notice' },
  access_elevation_too_many: { http: 429, rpc: -31010, severity: 'warning' },
  access_elevation_unknown: { http: 404, rpc: -31010, severity: 'notice' },
  access_elevation_azure_scope: { http: 400, rpc: -31010, severity: 'notice' },
  access_elevation_azure_not_eligible: { http: 403, rpc: -31010, severity: 'notice' },
  access_elevation_azure_sign_in: { http: 403, rpc: -31010, severity: 'notice' },
  access_elevation_azure_refused: { http: 409, rpc: -31010, severity: 'notice' },
  access_elevation_azure_away: { http: 503, rpc: -31010, severity: 'warning' },
  access_elevation_over: { http: 409, rpc: -31010, severity: 'notice' },
  access_break_glass_reviewer: { http: 403, rpc: -31010, severity: 'warning' },
  access_break_glass_open: { http: 409, rpc: -31010, severity: 'notice' },
  access_break_glass_reviewed: { http: 409, rpc: -31010, severity: 'notice' },
  access_review_settings: { http: 500, rpc: -31010, severity: 'error' },
  access_review_unknown: { http: 404, rpc: -31010, severity: 'notice' },
  access_review_own: { http: 403, rpc: -31010, severity: 'warning' },
  access_review_over: { http: 409, rpc: -31010, severity: 'notice' },
  access_review_no_reviewer: { http: 400, rpc: -31010, severity: 'notice' },
  notify_channel_unknown: { http: 404, rpc: -32602, severity: 'notice' },
  notify_not_delivered: { http: 502, rpc: -32603, severity: 'warning' },

  inspect_body_too_large: { http: 413, rpc: -31011, severity: 'warning' },
  inspect_not_json: { http: 400, rpc: -32700, severity: 'notice' },
  inspect_not_jsonrpc: { http: 400, rpc: -32600, severity: 'notice' },
  inspect_too_deep: { http: 400, rpc: -32600, severity: 'warning' },
  inspect_duplicate_key: { http: 400, rpc: -32600, severity: 'warning' },
  inspect_number_too_large: { http: 400, rpc: -32600, severity: 'notice' },
  inspect_header_mismatch: { http: 400, rpc: -32020, severity: 'warning' },
  inspect_arguments_invalid: { http: 400, rpc: -32602, severity: 'notice' },

  upstream_unavailable: { http: 502, rpc: -31012, severity: 'error' },
  upstream_busy: { http: 503, rpc: -31012, severity: 'notice' },
  upstream_rate_limited: { http: 429, rpc: -31012, severity: 'notice' },
  upstream_timeout: { http: 504, rpc: -31012, severity: 'error' },
  upstream_answer_invalid: { http: 502, rpc: -31012, severity: 'error' },
  upstream_asks_too_often: { http: 502, rpc: -31012, severity: 'warning' },
  upstream_changes_untold: { http: 502, rpc: -31012, severity: 'notice' },
  upstream_not_approved: { http: 403, rpc: -31012, severity: 'notice' },
  upstream_unknown: { http: 404, rpc: -31012, severity: 'notice' },
  upstream_name_taken: { http: 409, rpc: -31012, severity: 'notice' },
  upstream_configured: { http: 409, rpc: -31012, severity: 'notice' },
  upstream_sign_in_required: { http: 403, rpc: -31012, severity: 'info' },
  upstream_sign_in_failed: { http: 502, rpc: -31012, severity: 'warning' },
  upstream_sign_in_expired: { http: 400, rpc: -31012, severity: 'info' },
  upstream_sign_in_other_person: { http: 403, rpc: -31012, severity: 'warning' },
  upstream_demands_again: { http: 502, rpc: -31012, severity: 'warning' },
  upstream_needs_person: { http: 403, rpc: -31012, severity: 'notice' },

  record_unavailable: { http: 503, rpc: -31013, severity: 'critical' },
  record_mfa: { http: 403, rpc: -31010, oauth: 'insufficient_scope', severity: 'notice' },
  export_sink_unknown: { http: 404, rpc: -32602, severity: 'notice' },
  export_index_unknown: { http: 400, rpc: -32602, severity: 'notice' },
  export_not_delivered: { http: 502, rpc: -32603, severity: 'warning' },
  telemetry_off: { http: 404, rpc: -32602, severity: 'notice' },
  telemetry_not_delivered: { http: 502, rpc: -32603, severity: 'warning' },
  record_query_invalid: { http: 400, rpc: -32602, severity: 'info' },
  record_query_too_much: { http: 413, rpc: -32602, severity: 'info' },
  record_query_busy: { http: 429, rpc: -32603, severity: 'notice' },
  record_query_yours: { http: 429, rpc: -32603, severity: 'notice' },
  record_held: { http: 409, rpc: -32602, severity: 'notice' },
  record_erase_self: { http: 409, rpc: -32602, severity: 'warning' },

  state_keys_unavailable: { http: 503, rpc: -32603, severity: 'critical' },
  state_key_missing: { http: 503, rpc: -32603, severity: 'critical' },
  state_lease_busy: { http: 503, rpc: -32603, severity: 'error' },

  config_missing: { http: 500, rpc: -32603, severity: 'error' },
  config_invalid: { http: 500, rpc: -32603, severity: 'error' },
  config_secret_unavailable: { http: 500, rpc: -32603, severity: 'error' },

  operation_unknown: { http: 404, rpc: -32601, severity: 'notice' },
  operation_mistyped: { http: 404, rpc: -32601, severity: 'notice' },
  operation_option_unknown: { http: 400, rpc: -32602, severity: 'notice' },
  operation_option_mistyped: { http: 400, rpc: -32602, severity: 'notice' },
  operation_input_invalid: { http: 400, rpc: -32602, severity: 'notice' },
  operation_not_found: { http: 404, rpc: -32602, severity: 'notice' },
  operation_principal_self: { http: 409, rpc: -32602, severity: 'warning' },
  operation_principal_last: { http: 409, rpc: -32602, severity: 'warning' },
  operation_log_missing: { http: 404, rpc: -32602, severity: 'notice' },
  operation_trial_only: { http: 403, rpc: -31010, severity: 'notice' },
  operation_server_running: { http: 409, rpc: -32603, severity: 'notice' },
  operation_fault: { http: 500, rpc: -32603, severity: 'error' },
  operation_server_unreachable: { http: 502, rpc: -32603, severity: 'error' },

  connect_client_missing: { http: 404, rpc: -32602, severity: 'notice' },
  connect_file_invalid: { http: 409, rpc: -32603, severity: 'notice' },
  connect_file_linked: { http: 403, rpc: -32603, severity: 'warning' },
  connect_file_protected: { http: 403, rpc: -32603, severity: 'notice' },
  connect_file_unusable: { http: 500, rpc: -32603, severity: 'error' },
  connect_file_changed: { http: 409, rpc: -32603, severity: 'notice' },
  connect_changed_since: { http: 409, rpc: -32603, severity: 'notice' },
  connect_nothing_to_undo: { http: 404, rpc: -32602, severity: 'notice' },
  connect_configuration_shape: { http: 409, rpc: -32603, severity: 'notice' },

  remote_address_invalid: { http: 400, rpc: -32602, severity: 'notice' },
  remote_unreachable: { http: 502, rpc: -32603, severity: 'error' },
  remote_unusable: { http: 502, rpc: -32603, severity: 'error' },
  remote_sign_in_failed: { http: 401, rpc: -31010, severity: 'notice' },
  remote_signed_out: { http: 401, rpc: -31010, severity: 'notice' },
  remote_person_other: { http: 403, rpc: -31010, severity: 'warning' },
  remote_here_only: { http: 400, rpc: -32602, severity: 'notice' },
  identity_local_browser: { http: 401, rpc: -31010, severity: 'info' },
  identity_local_device_code: { http: 401, rpc: -31010, severity: 'info' },
  identity_local_elsewhere: { http: 401, rpc: -31010, severity: 'info' },
  identity_local_impossible: { http: 401, rpc: -31010, severity: 'error' },
  local_provider_confidential: { http: 409, rpc: -32603, severity: 'error' },
  local_server_by_browser: { http: 409, rpc: -32603, severity: 'error' },
  local_log_ambiguous: { http: 400, rpc: -32602, severity: 'notice' },
  local_places_full: { http: 500, rpc: -32603, severity: 'error' },

  server_port_taken: { http: 500, rpc: -32603, severity: 'error' },
  server_address_unusable: { http: 500, rpc: -32603, severity: 'error' },
  server_host_repeated: { http: 400, rpc: -32600, severity: 'warning' },
  server_metrics_local: { http: 403, rpc: -32600, severity: 'notice' },

  trial_not_loopback: { http: 500, rpc: -32603, severity: 'error' },
  trial_port_taken: { http: 500, rpc: -32603, severity: 'error' },

  inspect_revision_unknown: { http: 400, rpc: -32022, severity: 'notice' },
  inspect_envelope_invalid: { http: 400, rpc: -32602, severity: 'notice' },
  inspect_schema_refused: { http: 403, rpc: -31011, severity: 'warning' },
  inspect_argument_path: { http: 403, rpc: -32602, severity: 'warning' },
  inspect_argument_address: { http: 403, rpc: -32602, severity: 'warning' },
  inspect_argument_shell: { http: 403, rpc: -32602, severity: 'warning' },
  inspect_argument_sql: { http: 403, rpc: -32602, severity: 'warning' },
  inspect_injection_blocked: { http: 403, rpc: -31011, severity: 'warning' },
  inspect_arguments_injection: { http: 403, rpc: -31011, severity: 'warning' },
  inspect_sensitive_blocked: { http: 403, rpc: -31011, severity: 'warning' },
  inspect_token_foreign: { http: 403, rpc: -31011, severity: 'warning' },
  inspect_result_too_large: { http: 403, rpc: -31011, severity: 'notice' },
  inspect_pin_changed: { http: 403, rpc: -31011, severity: 'warning' },
  inspect_pin_added: { http: 403, rpc: -31011, severity: 'warning' },
  inspect_pin_renamed: { http: 403, rpc: -31011, severity: 'warning' },
  inspect_pin_shadows: { http: 403, rpc: -31011, severity: 'warning' },
  inspect_pin_suspect: { http: 403, rpc: -31011, severity: 'warning' },
  inspect_pin_first_contact: { http: 403, rpc: -31011, severity: 'notice' },
  inspect_pin_rejected: { http: 403, rpc: -31011, severity: 'warning' },
  inspect_pin_too_many: { http: 403, rpc: -31011, severity: 'warning' },
  inspect_pin_moved: { http: 409, rpc: -31011, severity: 'notice' },
  inspect_pin_unknown: { http: 404, rpc: -31011, severity: 'notice' },
  inspect_pin_not_person: { http: 403, rpc: -31011, severity: 'warning' },
  inspect_pin_mfa: { http: 403, rpc: -31011, oauth: 'insufficient_scope', severity: 'notice' },
  inspect_judge_unavailable: { http: 500, rpc: -32603, severity: 'error' },
  inspect_taint_blocked: { http: 403, rpc: -31011, severity: 'warning' },
  inspect_taint_own: { http: 403, rpc: -31011, severity: 'warning' },
  inspect_taint_off: { http: 404, rpc: -31011, severity: 'notice' },
  inspect_media_type: { http: 415, rpc: -32600, severity: 'notice' },
  inspect_params_invalid: { http: 400, rpc: -32602, severity: 'notice' },
  inspect_origin_foreign: { http: 403, rpc: -32600, severity: 'warning' },
  inspect_host_foreign: { http: 421, rpc: -32600, severity: 'warning' },

  gateway_path_unknown: { http: 404, rpc: -32600, severity: 'info' },
  gateway_method_unknown: { http: 404, rpc: -32601, severity: 'notice' },
  gateway_tool_unknown: { http: 400, rpc: -32602, severity: 'notice' },
  gateway_name_unknown: { http: 400, rpc: -32602, severity: 'notice' },
  gateway_task_unknown: { http: 400, rpc: -32602, severity: 'notice' },
  gateway_http_method: { http: 405, rpc: -32600, severity: 'info' },
  gateway_session_required: { http: 400, rpc: -32600, severity: 'info' },
  gateway_session_unknown: { http: 404, rpc: -31014, severity: 'notice' },
  gateway_sessions_full: { http: 429, rpc: -31014, severity: 'warning' },
  gateway_answer_unexpected: { http: 400, rpc: -32600, severity: 'warning' },
  gateway_question_unanswered: { http: 504, rpc: -31014, severity: 'notice' },
  gateway_watched_full: { http: 429, rpc: -31014, severity: 'warning' },
  gateway_cursor_unknown: { http: 400, rpc: -32602, severity: 'notice' },
  gateway_request_state_invalid: { http: 400, rpc: -32602, severity: 'warning' },
  gateway_input_refused: { http: 403, rpc: -31014, severity: 'info' },
  gateway_capability_missing: { http: 400, rpc: -32021, severity: 'notice' },
  gateway_listens_full: { http: 429, rpc: -31014, severity: 'warning' },
  gateway_requests_full: { http: 429, rpc: -31014, severity: 'warning' },
  gateway_calls_full: { http: 429, rpc: -31014, severity: 'warning' },
  gateway_cancelled: { http: 499, rpc: -31014, severity: 'info' },
  gateway_fault: { http: 500, rpc: -32603, severity: 'error' },
  gateway_stopping: { http: 503, rpc: -31014, severity: 'info' },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

/** A text, where a value reads differently in each language. */
type Params = Readonly<Record<string, string | number | Text>>;

/** A refusal as a value: what the gateway answers instead of forwarding. Nothing in it is secret. */
export interface Refusal {
  readonly outcome: 'challenge' | 'deny' | 'block';
  readonly code: ErrorCode;
  /** Values for the placeholders of the texts; shown to the caller. */
  readonly params: Params;
  /** Machine-readable facts for the caller (JSON-RPC `error.data`), e.g. the missing actions. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** For the log only. */
  readonly detail?: string;
}

/** Builds a refusal. `outcome` defaults to `deny`. */
export function refuse(
  code: ErrorCode,
  params: Params = {},
  more: Partial<Pick<Refusal, 'outcome' | 'data' | 'detail'>> = {},
): Refusal {
  return { outcome: 'deny', code, params, ...more };
}

/** Tells a refusal from whatever else a check may return. */
export function isRefusal(value: unknown): value is Refusal {
  return (
    typeof value === 'object' && value !== null && 'outcome' in value && value.outcome !== 'allow' && 'code' in value
  );
}

/** A fault that is not a verdict: thrown, caught once at the edge, and answered by its row of the table. */
export class GenkanError extends Error {
  readonly code: ErrorCode;
  readonly params: Params;
  readonly data: Refusal['data'];

  constructor(
    code: ErrorCode,
    params: Params = {},
    options: { cause?: unknown; detail?: string; data?: Refusal['data'] } = {},
  ) {
    super(options.detail ?? t(errorTexts[code].message, 'en', params), { cause: options.cause });
    this.name = 'GenkanError';
    this.code = code;
    this.params = params;
    this.data = options.data;
  }

  toRefusal(): Refusal {
    return refuse(this.code, this.params, { detail: this.message, ...(this.data && { data: this.data }) });
  }
}

/** What a person reads about an error: what happened and what to do, in their language. */
export function describe(
  refusal: Pick<Refusal, 'code' | 'params'>,
  language: Language = 'en',
): { message: string; hint: string } {
  const texts = errorTexts[refusal.code];
  return { message: t(texts.message, language, refusal.params), hint: t(texts.hint, language, refusal.params) };
}
