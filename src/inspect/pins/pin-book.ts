// What is known of one server's pins in this process: enough to say of each item at once whether it may be used.
import type { ItemKind } from './surface.ts';

/** Why an item waits for a person. */
export type Reason =
  | { readonly why: 'changed' | 'added' | 'first-contact' }
  | { readonly why: 'renamed'; readonly from: string }
  | { readonly why: 'shadows'; readonly name: string; readonly server: string }
  | { readonly why: 'refers'; readonly names: readonly string[] }
  | { readonly why: 'suspect'; readonly rules: readonly string[] };

/** Who has approved what no person has. */
export const policyId = 'policy';

export interface Pin {
  readonly approved: string | undefined;
  /** Whether a person has approved it, and not the policy. */
  readonly byPerson: boolean;
  readonly waiting: { readonly digest: string; readonly reasons: readonly Reason[]; readonly atMs: number } | undefined;
  readonly rejected: string | undefined;
  /** What an approved tool has said about its effect, while nobody sees the tool itself. */
  readonly hints?: { readonly readOnly?: boolean | undefined; readonly destructive?: boolean | undefined } | undefined;
  readonly gone: boolean;
}

export interface Contact {
  readonly startedAtMs: number;
  readonly completed: boolean;
}

/** What is known of a list besides the items at hand. */
export interface Shown {
  /** Names of the whole list, where this is its end. */
  readonly complete?: ReadonlySet<string> | undefined;
  /** False where the server shows everybody their own: what one does not see is not gone. */
  readonly shared: boolean;
}

export class PinBook {
  readonly pins: ReadonlyMap<ItemKind, ReadonlyMap<string, Pin>>;
  readonly contacts: ReadonlyMap<ItemKind, Contact>;
  /** Names of which a version waits, or that were shown as somebody did not want them. */
  readonly #withheld = new Map<ItemKind, Set<string>>();

  constructor(
    pins: ReadonlyMap<ItemKind, ReadonlyMap<string, Pin>>,
    contacts: ReadonlyMap<ItemKind, Contact>,
    before?: PinBook,
  ) {
    this.pins = pins;
    this.contacts = contacts;
    for (const [kind, byName] of pins) {
      for (const [name, pin] of byName) {
        const shownAgain = before?.pin(kind, name)?.rejected === pin.rejected && !before?.withholds(kind, name);
        if (pin.waiting !== undefined || (pin.rejected !== undefined && !(shownAgain && pin.approved !== undefined)))
          this.#hold(kind).add(name);
      }
    }
  }

  pin(kind: ItemKind, name: string): Pin | undefined {
    return this.pins.get(kind)?.get(name);
  }

  /** Whether the version that is shown may be used. Undefined when somebody has to look at what is new in it. */
  admits(kind: ItemKind, name: string, digest: string): boolean | undefined {
    const pin = this.pin(kind, name);
    if (pin === undefined) return undefined;
    if (pin.approved === digest) {
      if (pin.waiting !== undefined) return false; // it has shown another version, and nobody has said what to make of it
      this.#withheld.get(kind)?.delete(name);
      return pin.gone ? undefined : true;
    }
    if (pin.waiting?.digest === digest) return false;
    if (pin.rejected !== digest) return undefined;
    this.#hold(kind).add(name);
    return false;
  }

  withholds(kind: ItemKind, name: string): boolean {
    return this.#withheld.get(kind)?.has(name) === true;
  }

  withheld(kind: ItemKind): ReadonlySet<string> {
    return this.#withheld.get(kind) ?? none;
  }

  /** What is known and not in a complete list, where what one does not see is gone. */
  goneFrom(kind: ItemKind, { complete, shared }: Shown): readonly string[] {
    if (complete === undefined || !shared) return [];
    return [...(this.pins.get(kind) ?? [])].flatMap(([name, { gone }]) => (gone || complete.has(name) ? [] : name));
  }

  /** Versions that wait for somebody. */
  waiting(): number {
    return this.#count(({ waiting }) => waiting !== undefined);
  }

  size(): number {
    return this.#count(() => true);
  }

  #count(which: (pin: Pin) => boolean): number {
    let count = 0;
    for (const byName of this.pins.values()) for (const pin of byName.values()) if (which(pin)) count++;
    return count;
  }

  /** Kinds of which others may be used than before, as far as there was anything to be seen of them. */
  differsFrom(before: PinBook): ReadonlySet<ItemKind> {
    const kinds = new Set<ItemKind>();
    for (const [kind, byName] of before.pins) {
      for (const name of byName.keys()) {
        if (before.usable(kind, name) !== this.usable(kind, name)) kinds.add(kind);
      }
    }
    return kinds;
  }

  /** Whether an approved version may be used now. */
  usable(kind: ItemKind, name: string): boolean {
    return this.pin(kind, name)?.approved !== undefined && !this.withholds(kind, name);
  }

  #hold(kind: ItemKind): Set<string> {
    const held = this.#withheld.get(kind) ?? new Set<string>();
    this.#withheld.set(kind, held);
    return held;
  }
}

const none: ReadonlySet<string> = new Set();
export const emptyBook = new PinBook(new Map(), new Map());
