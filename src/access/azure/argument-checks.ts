// What the Azure map believes of a value that a caller sends: allow-lists, one character at a time.
import { guid } from '../../base/guid.ts';

/**
 * The Azure MCP Server turns arguments into a command line: a text that begins with `-` can become another option, and
 * one that begins with `@` is replaced by the words in the file of that name. A PEM text is neither.
 */
export const isPlainToken = (text: string): boolean => !/^(?!-----BEGIN )[-@]/.test(text);

// Azure allows two dots within a name, but no name needs them and a path can be bent with them.
const hasStrayDots = (text: string): boolean => text.endsWith('.') || text.includes('..');

/** A name in an Azure resource id. */
export const isName = (text: string): boolean =>
  text.length <= 256 && /^[A-Za-z0-9_($][A-Za-z0-9_().$-]*$/.test(text) && !hasStrayDots(text);

/** A resource group name: at most 90 letters, digits, `-_.()`, no dot at the end. */
export const isGroupName = (text: string): boolean =>
  text.length <= 90 && /^[A-Za-z0-9_(][A-Za-z0-9_().-]*$/.test(text) && !hasStrayDots(text);

/** A name that becomes part of a host name, with or without the domain of Service Bus. */
export const isHostName = (text: string): boolean =>
  /^[A-Za-z0-9](-?[A-Za-z0-9])*(\.servicebus\.windows\.net)?$/.test(text) && text.length <= 90;

/** A value that the server may write into a path or a query. */
export const isWord = (text: string): boolean =>
  text.length <= 256 && /^[A-Za-z0-9_($][A-Za-z0-9_().$@,:+ -]*$/.test(text) && !text.includes('..');

/** A resource type such as `Microsoft.Compute/virtualMachines`. */
export const isResourceType = (text: string): boolean =>
  text.length <= 256 && /^[A-Za-z]+(\.[A-Za-z]+)+(\/[A-Za-z]+)+$/.test(text);

/** The GUID in the one spelling that scopes use, `undefined` for anything else. */
export const asGuid = (text: string): string | undefined => (guid.test(text) ? text.toLowerCase() : undefined);

/**
 * Reads a resource id that lies in a subscription: the subscription itself, a resource group, or a resource of a group.
 * @param type the type it must have; without one, any of the three is taken
 * @returns the id as a scope, `undefined` when it is not exactly one
 */
export function asResourceId(text: string, type: string | undefined): string | undefined {
  if (text.length > 2048 || text[0] !== '/') return undefined;
  const [subscriptions, subscription = '', groups, group, providers, namespace, ...pairs] = text.slice(1).split('/');
  const owner = asGuid(subscription);
  if (subscriptions?.toLowerCase() !== 'subscriptions' || owner === undefined) return undefined;
  if (groups === undefined) return type === undefined ? `/subscriptions/${owner}` : undefined;
  if (groups.toLowerCase() !== 'resourcegroups' || group === undefined || !isGroupName(group)) return undefined;
  const scope = `/subscriptions/${owner}/resourceGroups/${group}`;
  if (providers === undefined) return type === undefined ? scope : undefined;
  if (providers.toLowerCase() !== 'providers' || namespace === undefined) return undefined;
  if (pairs.length === 0 || pairs.length % 2 !== 0 || !pairs.every(isName)) return undefined;
  const found = [namespace, ...pairs.filter((_, index) => index % 2 === 0)].join('/');
  if (!isResourceType(found) || (type !== undefined && found.toLowerCase() !== type.toLowerCase())) return undefined;
  return [scope, 'providers', namespace, ...pairs].join('/');
}

/** Whether an SSH public key is none but the path of a file. */
export const isPathOfKey = (text: string): boolean =>
  !/^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) \S/.test(
    text,
  );

const crossFunction =
  /\b(?:(?:cluster|workspace|app|resource|adx|arg|externaldata|external_data|external_table)(?:\s|\/\/[^\r\n]*(?:[\r\n]|$))*\(|evaluate\b)/i;

/** Whether a KQL query calls a function that reads another cluster, workspace or resource, or an outside address. */
export const reachesAcross = (query: string): boolean =>
  // The server takes no longer ones, and looking through them would cost more than refusing.
  query.length > 10_000 || crossFunction.test(query);
