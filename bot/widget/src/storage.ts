/** What the browser keeps: everything under one prefix, and nothing at all on a shared computer. */
import { parseJson } from './shape';

/** The part of the Web Storage API in use; tests bring their own. */
export type Area = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export class Vault {
  private readonly memory = new Map<string, string>();

  /** `prefix` parts the sites that a browser talks to; without an `area` values live in memory. */
  constructor(
    readonly prefix: string,
    private area: Area | undefined,
  ) {}

  get shared(): boolean {
    return !this.area;
  }

  get(name: string): unknown {
    try {
      const raw = this.area ? this.area.getItem(this.prefix + name) : this.memory.get(name);
      return parseJson(raw);
    } catch {
      return undefined;
    }
  }

  /** Keeps a value; undefined removes it. A full or forbidden storage falls back to memory. */
  set(name: string, value: unknown): void {
    try {
      if (value === undefined) {
        this.memory.delete(name);
        this.area?.removeItem(this.prefix + name);
      } else if (this.area) this.area.setItem(this.prefix + name, JSON.stringify(value));
      else this.memory.set(name, JSON.stringify(value));
    } catch {
      this.area = undefined;
      this.memory.set(name, JSON.stringify(value));
    }
  }

  /** Returns the names kept that start so. */
  names(start = ''): string[] {
    const { area, prefix } = this;
    if (!area) return [...this.memory.keys()].filter((name) => name.startsWith(start));
    const keys = Array.from({ length: area.length }, (_, at) => area.key(at) ?? '');
    return keys
      .filter((key) => key.startsWith(prefix + start))
      .map((key) => key.slice(prefix.length));
  }

  clear(): void {
    this.names().forEach((name) => this.set(name, undefined));
  }

  /** Moves everything to another place: `undefined` is memory, so that nothing stays on the device. */
  moveTo(area: Area | undefined): void {
    const kept = this.names().map((name) => [name, this.get(name)] as const);
    this.clear();
    this.area = area;
    kept.forEach(([name, value]) => this.set(name, value));
  }
}

/** Returns the browser's storage, undefined where the browser or the host page forbids it. */
export function browserArea(kind: 'localStorage' | 'sessionStorage'): Storage | undefined {
  try {
    return window[kind];
  } catch {
    return undefined;
  }
}
