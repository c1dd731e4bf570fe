/** The conversation as the server keeps it: entries by `seq`, each once, in order. */
import type { BotEntry, Entry, UserEntry } from './protocol';

export class Log {
  private bySeq = new Map<number, Entry>();
  /** What the server could not store, by sender and message: shown last, until it is stored. */
  private unstored = new Map<string, Entry>();
  private users = new Set<string>();
  private answered = new Set<string>();
  /** Everything up to this `seq` has been seen: what a reconnect asks to go on after. */
  after = 0;

  /** Takes an entry in; false if it was there already. */
  add(entry: Entry): boolean {
    const known = entry.from === 'user' ? this.users.has(entry.id) : this.answered.has(entry.to);
    if (entry.seq ? this.bySeq.has(entry.seq) : known) return false;
    if (entry.seq) {
      this.unstored.delete(keyOf(entry));
      this.bySeq.set(entry.seq, entry);
    } else this.unstored.set(keyOf(entry), entry);
    if (entry.from === 'user') this.users.add(entry.id);
    else this.answered.add(entry.to);
    while (this.bySeq.has(this.after + 1)) this.after += 1;
    return true;
  }

  /** Takes in what the server says is everything after `after`, which closes every gap before. */
  catchUp(entries: Entry[]): void {
    entries.forEach((entry) => this.add(entry));
    this.after = Math.max(this.after, ...this.bySeq.keys());
  }

  get all(): Entry[] {
    const stored = [...this.bySeq.values()].sort((a, b) => a.seq - b.seq);
    return [...stored, ...this.unstored.values()];
  }

  /** Whether an entry is missing between those seen. */
  get hasGap(): boolean {
    return this.bySeq.size > 0 && Math.max(...this.bySeq.keys()) > this.after;
  }

  /** Whether the message with this client id is stored on the server. */
  hasUser(id: string): boolean {
    return this.users.has(id);
  }

  /** The person's messages without an answer yet. */
  get unanswered(): UserEntry[] {
    return this.all.filter(
      (entry): entry is UserEntry => entry.from === 'user' && !this.answered.has(entry.id),
    );
  }

  /** The latest reply that told of danger. */
  get urgent(): BotEntry | undefined {
    return this.all
      .filter((entry): entry is BotEntry => entry.from === 'bot')
      .filter(({ reply }) => reply.outcomes.some((name) => URGENT.has(name)))
      .pop();
  }

  clear(): void {
    this.bySeq.clear();
    this.unstored.clear();
    this.users.clear();
    this.answered.clear();
    this.after = 0;
  }
}

const keyOf = (entry: Entry) => (entry.from === 'user' ? `u${entry.id}` : `b${entry.to}`);

const URGENT = new Set(['crisis', 'emergency']);
