/** Sends the outbox: one message after the other, the same id until the server has it. */
import type { Outbox, Pending } from './outbox';
import { readRefusal } from './protocol';

const TRIES = 3;

const pause = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

/** What the sender needs of its conversation. */
export interface SenderHost {
  readonly outbox: Outbox;
  /** Whether the session is there, so that messages can go. */
  readonly ready: boolean;
  ask(event: string, body: object): Promise<unknown>;
  refused(code: string, retryAfter: number): void;
  changed(): void;
}

export class Sender {
  private running = false;

  constructor(private readonly host: SenderHost) {}

  /** Sends what waits until nothing does, or the line is lost. */
  async flush(): Promise<void> {
    if (this.running) return;
    this.running = true;
    for (;;) {
      const item = this.host.outbox.all.find(({ state }) => state === 'waiting');
      if (!item || !this.host.ready) break;
      item.state = 'sending';
      item.tries += 1;
      this.host.changed();
      const { id, text, payload, title } = item;
      await this.settle(item, await this.host.ask('message', { id, text, payload, title }));
      this.host.changed();
    }
    this.running = false;
  }

  /** `answer` is the acknowledgement, undefined if none came. */
  private async settle(item: Pending, answer: unknown): Promise<void> {
    if (item.state !== 'sending' || !this.host.outbox.get(item.id)) return;
    const refusal = readRefusal(answer);
    const busy = refusal?.code === 'rate_limited';
    if (!refusal) item.state = 'sent';
    else if (refusal.code === 'session') this.host.refused('session', 0);
    else if (busy || (refusal.code === 'unavailable' && item.tries < TRIES)) {
      item.state = 'waiting';
      this.host.changed();
      if (answer !== undefined) await pause(refusal.retryAfter || 1);
    } else Object.assign(item, { state: 'failed', problem: refusal.message });
  }
}
