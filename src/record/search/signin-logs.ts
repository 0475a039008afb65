// `SigninLogs`: sign-ins of people at Genkan, in the columns of Entra ID.
import type { Value } from '../../kql/values.ts';
import { codeOf, dynamicOf, moment, textOf } from './audit-table.ts';
import type { Countries } from './countries.ts';
import type { Found } from './found.ts';
import type { RecordTable } from './record-table.ts';
import { entraIds, unknownColumns, viewColumns } from './views.ts';

const { rowText, sealedText, sealedDynamic } = viewColumns();

const detail = ({ entry: { details = {} } }: Found, name: string): unknown => details[name];
const idOf = (found: Found): string => textOf(detail(found, 'oid')) || (entraIds(found.user)?.oid ?? found.user);
const tenantOf = (found: Found): string => textOf(detail(found, 'tid')) || (entraIds(found.user)?.tid ?? '');
const nameOf = ({ entry }: Found): string => textOf(entry.actor?.name);
const reasonOf = (found: Found): string => textOf(detail(found, 'reason'));

/** Entra ID says its own number where it refuses; where Genkan does, its code stands here. */
function resultType(found: Found): string {
  if (found.result === 'allowed') return '0';
  return /\bAADSTS(\d{5,7})\b/.exec(reasonOf(found))?.[1] ?? (codeOf(found) || found.result);
}

const resultText = (found: Found): string => (found.result === 'allowed' ? '' : reasonOf(found) || codeOf(found));

export function signinLogs(countries: Countries | undefined): RecordTable {
  const countryOf = ({ entry }: Found): string => countries?.of(textOf(entry.sourceIP)) ?? '';
  const location = (found: Found): Value => {
    const countryOrRegion = countryOf(found);
    return countryOrRegion === '' ? {} : { countryOrRegion };
  };
  return {
    name: 'SigninLogs',
    about:
      'Sign-ins of people at Genkan, and step-ups that proved nothing. What people sign in to otherwise is not here; the ' +
      'sign-in logs of the tenant tell of it.',
    where: "action IN ('identity.signIn', 'identity.stepUp')",
    columns: [
      moment('TimeGenerated', 'When it happened.'),
      moment('CreatedDateTime', 'The same.'),
      sealedText('UserPrincipalName', 'Sign-in name.', nameOf),
      sealedText('SignInIdentifier', 'The same.', nameOf),
      sealedText('Identity', 'The same: the record has no other name.', nameOf),
      sealedText('UserDisplayName', 'The same.', nameOf),
      sealedText('UserId', 'Object id at Entra ID; elsewhere the principal id.', idOf),
      sealedText('AADTenantId', 'Tenant of the person.', tenantOf),
      sealedText('HomeTenantId', 'The same.', tenantOf),
      sealedText('IPAddress', 'Address of the browser.', ({ entry }) => textOf(entry.sourceIP)),
      sealedText('Location', 'Country of this address, as the file of `record.search.countries` has it.', countryOf),
      sealedDynamic('LocationDetails', '`countryOrRegion`, likewise; empty without one.', location),
      sealedText(
        'ResultType',
        '`0` for success; the AADSTS number where Entra ID gives one, else the code of Genkan.',
        resultType,
      ),
      sealedText('ResultSignature', '`SUCCESS` or `FAILURE`.', ({ result }) =>
        result === 'allowed' ? 'SUCCESS' : 'FAILURE',
      ),
      sealedText('ResultDescription', 'Why it failed.', resultText),
      sealedDynamic('Status', '`errorCode` and `failureReason`.', (found) => ({
        errorCode: Number(resultType(found)) || (found.result === 'allowed' ? 0 : resultType(found)),
        ...(resultText(found) !== '' && { failureReason: resultText(found) }),
      })),
      sealedText('AppId', 'OAuth client that the person signed in for.', ({ entry }) => textOf(entry.client)),
      rowText('ResourceDisplayName', '`Genkan`.', () => 'Genkan'),
      sealedText('UserAgent', 'What the browser calls itself.', ({ entry }) => textOf(entry.userAgent)),
      rowText(
        'ConditionalAccessStatus',
        '`failure` for a step-up that proved nothing; empty otherwise.',
        ({ action }) => (action === 'identity.stepUp' ? 'failure' : ''),
      ),
      sealedText(
        'AuthenticationContextClassReferences',
        'Authentication contexts that the sign-in proved, as a JSON list.',
        (found) => {
          const contexts = detail(found, 'contexts');
          return contexts === undefined ? '' : JSON.stringify(contexts);
        },
      ),
      sealedDynamic('AuthenticationDetails', 'Kind of the credential that Genkan used at Entra ID.', (found) =>
        dynamicOf(detail(found, 'credential')),
      ),
      { ...rowText('CorrelationId', 'Of the record.', ({ correlationId }) => correlationId), sql: 'correlation_id' },
      rowText('Id', 'Index of the record.', ({ index }) => String(index)),
      rowText('OperationName', '`Sign-in activity`.', () => 'Sign-in activity'),
      rowText('Category', '`SignInLogs`.', () => 'SignInLogs'),
      { ...rowText('IsInteractive', 'True.', () => true), type: 'bool' },
      rowText('ClientAppUsed', '`Browser`.', () => 'Browser'),
      rowText('Type', 'Name of the table.', () => 'SigninLogs'),
      rowText('SourceSystem', '`Genkan`.', () => 'Genkan'),
      ...unknownColumns({
        string:
          'AlternateSignInName AppDisplayName AppliedConditionalAccessPolicies AuthenticationMethodsUsed ' +
          'AuthenticationProcessingDetails AuthenticationProtocol AuthenticationRequirement AuthenticationRequirementPolicies ' +
          'AutonomousSystemNumber CrossTenantAccessType IPAddressFromResourceProvider Level NetworkLocationDetails ' +
          'OperationVersion OriginalRequestId ProcessingTimeInMilliseconds Resource ResourceGroup ResourceId ResourceIdentity ' +
          'ResourceProvider ResourceServicePrincipalId ResourceTenantId RiskDetail RiskEventTypes RiskEventTypes_V2 RiskLevel ' +
          'RiskLevelAggregated RiskLevelDuringSignIn RiskState ServicePrincipalId ServicePrincipalName SessionLifetimePolicies ' +
          'SignInIdentifierType TenantId TokenIssuerName TokenIssuerType UniqueTokenIdentifier UserType',
        dynamic: 'AppliedEventListeners ConditionalAccessPolicies DeviceDetail MfaDetail',
        bool: 'FlaggedForReview IsRisky',
        long: 'DurationMs',
      }),
    ],
  };
}
