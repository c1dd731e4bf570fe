/** A line to a server in memory, and a browser storage in memory. */
import type { Line, LineEvents } from '../src/socket';
import type { Area } from '../src/storage';

export class MemoryArea implements Area {
  readonly kept = new Map<string, string>();
  get length(): number {
    return this.kept.size;
  }
  key(at: number): string | null {
    return [...this.kept.keys()][at] ?? null;
  }
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.kept.set(key, value);
  }
  removeItem(key: string): void {
    this.kept.delete(key);
  }
}

interface Stored {
  seq: number;
  [field: string]: unknown;
}

/** Keeps sessions as docs/website.md says; `down` cuts it off, `deaf` stores without acknowledging. */
export class FakeServer {
  sessions = new Map<string, Stored[]>();
  lines = new Set<FakeLine>();
  reachable = true;
  deaf = false;
  refuse: object | undefined;
  received: unknown[] = [];

  open = (events: LineEvents): FakeLine => new FakeLine(this, events);

  append(token: string, entry: object): Stored {
    const entries = this.sessions.get(token) ?? [];
    const stored = { seq: entries.length + 1, at: '2026-01-01T00:00:00Z', ...entry };
    entries.push(stored);
    for (const line of this.lines) if (line.token === token) line.events.entry(stored);
    return stored;
  }

  kill(): void {
    this.reachable = false;
    [...this.lines].forEach((line) => line.drop());
  }
}

export class FakeLine implements Line {
  up = false;
  token = '';
  constructor(
    private readonly server: FakeServer,
    readonly events: LineEvents,
  ) {}

  connect(): void {
    if (!this.server.reachable) return this.events.down();
    const { token, after } = this.events.credentials();
    if (token && !this.server.sessions.has(token)) return this.events.refused('session', 0);
    this.token = token ?? `token-${this.server.sessions.size + 1}`;
    if (!token) this.server.sessions.set(this.token, []);
    this.up = true;
    this.server.lines.add(this);
    const entries = (this.server.sessions.get(this.token) ?? []).filter(({ seq }) => seq > after);
    this.events.session({ token: this.token, new: !token, entries });
  }

  disconnect(): void {
    if (this.up) this.drop();
  }

  drop(): void {
    this.up = false;
    this.server.lines.delete(this);
    this.events.down();
  }

  async ask(event: string, body: { id?: string; text?: string }): Promise<unknown> {
    const { server, token } = this;
    await Promise.resolve();
    if (!this.up) return undefined;
    server.received.push([event, body]);
    if (server.refuse) return server.refuse;
    if (event === 'forget') {
      server.sessions.delete(token);
      this.events.forgotten({ receipt: 'R-1' });
      return undefined;
    }
    if (event !== 'message') return { ok: true };
    const known = server.sessions.get(token)?.find(({ id }) => id === body.id);
    const { seq } = known ?? server.append(token, { from: 'user', ...body });
    return server.deaf ? undefined : { ok: true, seq };
  }
}

/** Lets everything that is due happen. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};
