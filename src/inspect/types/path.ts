// Paths: a file or folder that stays where it may be, in whatever way POSIX, Windows or a decoder would read the text.
import { unseen } from './rule.ts';
import type { Check } from './rule.ts';

export interface PathRules {
  /** Folders under which absolute paths may be; all if absent, none if empty. */
  readonly roots?: readonly string[] | undefined;
  /** Whether a path may be relative, to a folder that only the server knows. */
  readonly relative: boolean;
  /** `any`: names that Windows reads as something else are refused, too. */
  readonly platform: 'any' | 'posix';
}

/**
 * Works on the text alone: symbolic links, junctions, mounts and short names of Windows are not seen from here. Nothing is
 * resolved: `a/../b` is refused although it may be harmless, since through a link it is not.
 */
export function pathCheck({ roots, relative, platform }: PathRules): Check {
  const folders = roots?.map((root) => namesOf(root.replaceAll('\\', '/'), platform));
  return (value) => {
    if (value.length > maxLength) return 'too-long';
    const seen = value.replace(joiner, '');
    if (value === '' || unseen.test(seen)) return 'control';
    if (looksLikeAnother(seen)) return 'look-alike';
    if (encoded.test(value)) return 'path-encoded';
    if (scheme.test(value)) return 'path-url';
    if (value.startsWith('~') || expanded.test(value)) return 'path-home';
    if (value.startsWith('-')) return 'shell-option'; // to whatever program it is handed to
    const path = value.replaceAll('\\', '/');
    // UNC, `\\?\`, `\\.\`; what POSIX makes of two slashes is each system's own affair (POSIX.1-2017 §4.13).
    if (path.startsWith('//') || (platform === 'any' && driveRelative.test(path))) return 'path-device';
    const names = namesOf(path, platform);
    if (names.some((name) => dots.test(name))) return 'path-parent';
    const [first = ''] = names;
    const drive = platform === 'any' && isDrive.test(first);
    if (platform === 'any' && names.slice(drive ? 1 : 0).some((name) => misread.test(name))) return 'path-name';
    if (!path.startsWith('/') && !drive) return relative ? undefined : 'path-relative';
    if (folders === undefined) return undefined;
    return folders.some((folder) => folder.every((name, at) => name === names[at])) ? undefined : 'path-outside';
  };
}

/** Without `.` and repeated slashes. Windows does not tell capitals from small letters. */
const namesOf = (path: string, platform: PathRules['platform']): readonly string[] => {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  return platform === 'any' && isDrive.test(names[0] ?? '') ? names.map((name) => name.toLowerCase()) : names;
};

/** Whether it leads elsewhere where text is normalised (UAX #15) or fitted into a code page: `‥`, `／`, and ¥ or ₩ for a backslash. */
function looksLikeAnother(value: string): boolean {
  if (ascii.test(value)) return false;
  const normal = value.normalize('NFKC');
  if (resembling.test(normal) || slashesIn(normal) !== slashesIn(value)) return true;
  const fitted = normal
    .replace(/[\u00a5\u20a9]/g, '/')
    .replaceAll('\\', '/')
    .replaceAll('\u3002', '.');
  if (encoded.test(fitted) || expanded.test(fitted)) return true;
  if (leading.test(fitted) && !leading.test(value.replaceAll('\\', '/'))) return true;
  return fitted.split('/').some((name) => dots.test(name));
}
const slashesIn = (text: string): number => text.replace(/[^/\\]/g, '').length;
const ascii = /^[\x20-\x7e]*$/;
const resembling = /[\u2044\u2215\u2216\u27cb\u27cd\u29f5\u29f8\u29f9\u0338]/;
const leading = /^(?:\/|-|~(?:\/|$)|[a-z][a-z0-9+.-]{0,30}:)/i;
/** Holds emoji and letters of some scripts together; among ASCII it only hides. */
const joiner = /(?<=[^\0-\x7f])\u200d(?=[^\0-\x7f])/gu;

const encoded = /%[0-9a-f]{2}|%u[0-9a-f]{4}/i;
const scheme = /^[a-z][a-z0-9+.-]{1,30}:/i; // `file:`, and whatever else a library may open
/** `$HOME/…`, `${HOME}`, `$env:…`; `%VAR%` wherever it stands. `$id.tsx` is a name. */
const expanded = /^\$(?:[a-z_][a-z0-9_]{0,64}(?:[/\\:]|$)|\{)|%[a-z_][a-z0-9_()]{0,64}%/i;
const driveRelative = /^[a-z]:(?!\/)/i;
const isDrive = /^[a-z]:$/i;
const dots = /^[. ]{2,}$/; // Windows drops dots and blanks at the end
/** Names of devices, alternate streams, wildcards, and what ends in what Windows drops. */
const misread = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\.|$)|[:<>"|?*]|[. ]$/i;
const maxLength = 4096;
