/** One conversation: session, log and outbox, kept in step with the server. */
import { Log } from './log';
import { newId } from './id';
import { Outbox } from './outbox';
import { readEntries, readEntry, readRefusal, type Outgoing } from './protocol';
import { Sender, type SenderHost } from './sender';
import { dict, text } from './shape';
import type { Line, LineEvents } from './socket';
import type { Vault } from './storage';
import { keepUrgent, keptUrgent, nextUrgent, type Urgent } from './urgent';

export type Status = 'idle' | 'connecting' | 'online' | 'offline';

const TOKEN = 'token';
const GAP_MS = 1500;
/** Seconds before a refused connection is tried again, if the server names none. */
const PATIENCE = 5;


export class Conversation implements LineEvents, SenderHost {
  readonly log = new Log();
  readonly outbox: Outbox;
  status: Status = 'idle';
  urgent: Urgent | undefined;
  /** The server ended the earlier session; the person is told. */
  expired = false;
  /** Proof of deletion that the server gave. */
  receipt: string | undefined;
  private readonly line: Line;
  private tried: string | null = null;
  private forgetting = false;
  private readonly sender = new Sender(this);
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly vault: Vault,
    open: (events: LineEvents) => Line,
    readonly changed: () => void,
  ) {
    this.outbox = new Outbox(vault);
    this.urgent = keptUrgent(vault);
    this.line = open(this);
  }

  /** Whether there is something to come back to. */
  get begun(): boolean {
    return Boolean(this.vault.get(TOKEN) || this.outbox.all.length);
  }

  /** Whether an answer is on its way. */
  get busy(): boolean {
    return this.log.unanswered.length > 0 || this.outbox.all.some(({ state }) => state === 'sent');
  }

  get ready(): boolean {
    return this.status === 'online';
  }

  ask(event: string, body: object): Promise<unknown> {
    return this.line.ask(event, body);
  }

  connect(): void {
    clearTimeout(this.retry);
    if (this.line.up) return;
    if (this.status === 'idle') this.status = 'connecting';
    this.line.connect();
    this.changed();
  }

  send(message: Omit<Outgoing, 'id'>): void {
    this.receipt = undefined;
    this.expired = false;
    this.outbox.add({ id: newId(), ...message });
    this.deliver();
  }

  /** Sends a failed message again, with the same id. */
  resend(id: string): void {
    const item = this.outbox.get(id);
    if (item) Object.assign(item, { state: 'waiting', tries: 0 });
    this.deliver();
  }

  private deliver(): void {
    this.changed();
    if (this.line.up) void this.sender.flush();
    else this.connect();
  }

  /** Says whether an answer helped; false if the server did not take it. */
  async rate(to: string, helpful: boolean, comment: string): Promise<boolean> {
    const body = comment ? { to, helpful, comment } : { to, helpful };
    return this.line.up && !readRefusal(await this.line.ask('feedback', body));
  }

  /** Asks the server to delete everything, and clears this device only when it has confirmed. */
  async forget(): Promise<boolean> {
    if (!this.begun) {
      this.forgotten({});
      return true;
    }
    this.receipt = undefined;
    this.forgetting = true;
    const answer = this.line.up && (await this.line.ask('forget', {}));
    this.forgetting = false;
    // The event may come before the acknowledgement, which then never does: the line is down.
    if (this.receipt !== undefined) return true;
    if (readRefusal(answer)) return false;
    this.forgotten(answer);
    return true;
  }

  /** Leaves this conversation: nothing of it stays in this browser. */
  leave(): void {
    clearTimeout(this.retry);
    this.line.disconnect();
    this.vault.clear();
    this.blank();
  }

  setUrgent(urgent: Urgent | undefined): void {
    this.urgent = urgent;
    keepUrgent(this.vault, urgent);
    this.changed();
  }

  /** Another tab changed the session: follow it. */
  follow(): void {
    const token = this.vault.get(TOKEN) ?? null;
    // While this tab forgets, another may hear of it first: here the answer is still to come.
    if (token === this.tried || this.vault.shared || this.forgetting) return;
    this.line.disconnect();
    this.blank();
    if (token) this.connect();
  }

  private blank(): void {
    this.log.clear();
    this.outbox.reload();
    this.urgent = keptUrgent(this.vault);
    this.status = 'idle';
    this.tried = null;
    this.changed();
  }

  // What the line tells.

  credentials(): { token: string | null; after: number } {
    this.tried = text(this.vault.get(TOKEN)) || null;
    return { token: this.tried, after: this.log.after };
  }

  session(body: unknown): void {
    const { token, entries } = dict(body);
    const kept = text(this.vault.get(TOKEN)) || null;
    if (kept !== this.tried) {
      // Another tab made a session meanwhile: join that one, nothing was said in this one.
      this.follow();
      return;
    }
    this.tried = text(token) || kept;
    this.vault.set(TOKEN, this.tried ?? undefined);
    this.status = 'online';
    this.log.catchUp(readEntries(entries));
    this.outbox.rewind();
    this.settleLog();
    void this.sender.flush();
  }

  entry(body: unknown): void {
    const entry = readEntry(body);
    if (!entry || !this.log.add(entry)) return;
    this.settleLog();
    if (this.log.hasGap) setTimeout(() => this.closeGap(), GAP_MS);
  }

  forgotten(body: unknown): void {
    this.receipt = text(dict(body).receipt);
    this.leave();
  }

  down(): void {
    this.status = 'offline';
    this.outbox.rewind();
    this.changed();
  }

  refused(code: string, retryAfter: number): void {
    this.down();
    if (code === 'session') this.expire();
    const wait = retryAfter || (code === 'session' ? 0.1 : PATIENCE);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), wait * 1000);
  }

  private expire(): void {
    this.line.disconnect();
    this.vault.set(TOKEN, undefined);
    this.log.clear();
    this.expired = true;
    if (this.urgent) this.setUrgent({ ...this.urgent, seq: 0 });
  }

  private settleLog(): void {
    for (const { id } of this.outbox.all) if (this.log.hasUser(id)) this.outbox.drop(id);
    const urgent = nextUrgent(this.log, this.urgent);
    if (urgent !== this.urgent) this.setUrgent(urgent);
    this.changed();
  }

  private closeGap(): void {
    if (!this.log.hasGap || !this.line.up) return;
    this.line.disconnect();
    this.line.connect();
  }
}
