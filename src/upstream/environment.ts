// The environment of a child process: a few harmless variables of ours, and what its settings say.

type Environment = Readonly<Record<string, string | undefined>>;

// Without these many programs do not start or write in the wrong place; none of them is a secret.
const inherited = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR'];
const inheritedOnWindows = [
  'APPDATA',
  'COMSPEC',
  'HOMEDRIVE',
  'HOMEPATH',
  'LOCALAPPDATA',
  'NUMBER_OF_PROCESSORS',
  'PATH',
  'PATHEXT',
  'PROCESSOR_ARCHITECTURE',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'USERNAME',
  'USERPROFILE',
  'WINDIR',
];

/**
 * The environment for a child.
 * @param ours our own environment, of which only an allow-list is passed on
 * @param own variables from the server's settings, secrets already resolved
 */
export function childEnvironment(
  ours: Environment,
  own: Readonly<Record<string, string>>,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  const names = new Set(platform === 'win32' ? inheritedOnWindows : inherited);
  const passed = Object.entries(ours).filter(
    (entry): entry is [string, string] =>
      // Windows does not tell `Path` from `PATH`.
      entry[1] !== undefined && names.has(platform === 'win32' ? entry[0].toUpperCase() : entry[0]),
  );
  return { ...Object.fromEntries(passed), ...own };
}
