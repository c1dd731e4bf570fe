/**
 * Messages on their way: each is kept, under a key of its own, until it is seen in the log.
 * One key a message means that two tabs never overwrite each other's.
 */
import type { Outgoing } from './protocol';
import { dict, text } from './shape';
import type { Vault } from './storage';

export type Delivery = 'waiting' | 'sending' | 'sent' | 'failed';

export interface Pending extends Outgoing {
  /** Order of sending: milliseconds since 1970, made unique within a tab. */
  at: number;
  state: Delivery;
  /** Why it failed, as a sentence. */
  problem?: string;
  tries: number;
}

const KEY = 'out.';

export class Outbox {
  private items = new Map<string, Pending>();
  private last = 0;

  constructor(private readonly vault: Vault) {
    this.reload();
  }

  /** Reads again what is kept: another tab may have sent or deleted it. */
  reload(): void {
    this.items.clear();
    for (const name of this.vault.names(KEY)) this.restore(dict(this.vault.get(name)));
  }

  private restore(kept: Record<string, unknown>): void {
    const id = text(kept.id);
    const at = Number(kept.at) || 0;
    const item: Pending = { id, at, state: 'waiting', tries: 0 };
    for (const name of ['text', 'payload', 'title'] as const)
      if (text(kept[name])) item[name] = text(kept[name]);
    if (id && (item.text || item.payload)) this.items.set(id, item);
  }

  /** In the order of sending. */
  get all(): Pending[] {
    return [...this.items.values()].sort((a, b) => a.at - b.at);
  }

  get(id: string): Pending | undefined {
    return this.items.get(id);
  }

  add(message: Outgoing): Pending {
    this.last = Math.max(Date.now(), this.last + 1);
    const item: Pending = { ...message, at: this.last, state: 'waiting', tries: 0 };
    this.items.set(item.id, item);
    this.vault.set(KEY + item.id, { ...message, at: item.at });
    return item;
  }

  /** Forgets a message: it is in the log, or the person withdrew it. */
  drop(id: string): void {
    if (this.items.delete(id)) this.vault.set(KEY + id, undefined);
  }

  /** Makes everything that is not certain to be stored wait again, after a lost connection. */
  rewind(): void {
    for (const item of this.items.values()) if (item.state !== 'failed') item.state = 'waiting';
  }

  clear(): void {
    [...this.items.keys()].forEach((id) => this.drop(id));
  }
}
