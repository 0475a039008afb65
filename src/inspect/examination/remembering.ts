// Remembers what a shield said of texts that come again and again, as descriptions of tools do.
import type { Shield, ShieldScan } from '../shield/shield.ts';

/** Characters of all texts that are remembered; the oldest give way. */
const most = 4_194_304;
const longest = 65_536;

export function remembering(shield: Shield): Shield {
  const known = new Map<string, ShieldScan>();
  let size = 0;
  return {
    ...shield,
    scan(text) {
      const before = known.get(text);
      if (before !== undefined) return before;
      const scan = shield.scan(text);
      if (text.length > longest) return scan;
      known.set(text, scan);
      size += text.length;
      for (const [oldest] of known) {
        if (size <= most) break;
        known.delete(oldest);
        size -= oldest.length;
      }
      return scan;
    },
  };
}
