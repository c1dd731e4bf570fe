/** What the views draw, and what a person can do: the panel's state around one conversation. */
import type { GuideContent } from './content';
import { Conversation } from './conversation';
import type { Strings } from './i18n';
import { openLine } from './socket';
import { browserArea, Vault } from './storage';

export type Dialog = 'fresh' | 'forget' | undefined;

/** What a person said of an answer; `stage` is where the small form stands. */
export interface Rating {
  helpful: boolean;
  stage: 'comment' | 'done' | 'failed';
}

export class App {
  isOpen = false;
  menu = false;
  help = false;
  dialog: Dialog;
  /** The deletion is under way, or was not confirmed. */
  dialogState: 'busy' | 'failed' | undefined;
  unread = false;
  slow = false;
  /** What is shown has stood for a moment: from here on, what is new is read aloud. */
  settled = false;
  draft = '';
  readonly ratings = new Map<string, Rating>();
  /** Selector of what gets the focus after the next drawing. */
  focusNext: string | undefined;
  readonly talk: Conversation;
  private readonly tab: Vault;
  private seen = 0;
  private slowTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly content: GuideContent,
    readonly t: Strings,
    readonly options: { server: string; shared: boolean; exit: string },
    private readonly draw: () => void,
  ) {
    const { server, shared } = options;
    const prefix = `long-covid-guide ${server} `;
    this.tab = new Vault(prefix, shared ? undefined : browserArea('sessionStorage'));
    const vault = new Vault(prefix, shared ? undefined : browserArea('localStorage'));
    this.draft = String(this.tab.get('draft') ?? '');
    this.talk = new Conversation(vault, (events) => openLine(server, events), () => this.changed());
    if (this.tab.get('open')) this.open(false);
  }

  get shared(): boolean {
    return this.talk.vault.shared;
  }

  private settle(): void {
    if (this.settled || (this.talk?.begun && this.talk.status !== 'online')) return;
    setTimeout(() => {
      this.settled = true;
      this.draw();
    }, 400);
  }

  private changed(): void {
    this.settle();
    const { length } = this.talk?.log.all ?? [];
    if (!this.isOpen && length > this.seen) this.unread = true;
    if (length !== this.seen) this.watch();
    this.seen = length;
    this.draw();
  }

  /** Says so when an answer takes long. */
  private watch(): void {
    this.slow = false;
    clearTimeout(this.slowTimer);
    this.slowTimer = setTimeout(() => {
      this.slow = this.talk.busy;
      this.draw();
    }, 12_000);
  }

  open(focus = true): void {
    this.isOpen = true;
    this.unread = false;
    this.tab.set('open', 1);
    // On touch screens the keyboard would cover the first thing to read.
    if (focus) this.focusNext = matchMedia('(pointer: coarse)').matches ? '.title' : '.input';
    if (this.talk.begun) this.talk.connect();
    this.settle();
    this.draw();
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = this.menu = this.settled = false;
    this.dialog = undefined;
    this.tab.set('open', undefined);
    this.focusNext = '.launcher';
    this.draw();
  }

  /** Closes the innermost thing that is open. */
  escape(): void {
    if (this.dialog) this.ask(undefined);
    else if (this.menu) this.toggleMenu();
    else this.close();
  }

  toggleMenu(): void {
    this.menu = !this.menu;
    this.focusNext = this.menu ? '.menu button' : '.menu-button';
    this.draw();
  }

  closeMenu(): void {
    this.menu = false;
    this.draw();
  }

  /** Shows the help lines, or makes them small or away again. */
  toggleHelp(): void {
    const { urgent } = this.talk;
    if (urgent) this.talk.setUrgent({ ...urgent, small: !urgent.small });
    else this.help = !this.help;
    this.focusNext = '.help-button';
    this.draw();
  }

  write(draft: string): void {
    this.draft = draft;
    this.tab.set('draft', draft || undefined);
    this.draw();
  }

  /** Characters left as the server counts them: code points. */
  get left(): number {
    return this.content.maxChars - [...this.draft].length;
  }

  submit(): void {
    const text = this.draft.trim();
    if (!text || this.left < 0) return;
    this.write('');
    this.say({ text });
  }

  press(payload: string, title: string): void {
    this.focusNext = '.input';
    this.say({ payload, title });
  }

  private say(message: { text: string } | { payload: string; title: string }): void {
    this.tab.set('open', 1);
    this.talk.send(message);
  }

  /** Takes a message that was not sent back into the text field. */
  edit(id: string): void {
    const { text } = this.talk.outbox.get(id) ?? {};
    this.talk.outbox.drop(id);
    this.focusNext = '.input';
    this.write([text, this.draft].filter(Boolean).join('\n'));
  }

  async rate(to: string, helpful: boolean, comment = ''): Promise<void> {
    const stage = comment ? 'done' : 'comment';
    this.ratings.set(to, { helpful, stage });
    this.focusNext = `[data-rate="${CSS.escape(to)}"]`;
    this.draw();
    if (await this.talk.rate(to, helpful, comment)) return;
    this.ratings.set(to, { helpful, stage: 'failed' });
    this.draw();
  }

  endRating(to: string): void {
    const rating = this.ratings.get(to);
    if (rating) rating.stage = 'done';
    this.focusNext = `[data-rate="${CSS.escape(to)}"]`;
    this.draw();
  }

  /** Opens a question that must be answered first, or closes it. */
  ask(dialog: Dialog): void {
    this.dialog = dialog;
    this.dialogState = undefined;
    this.menu = false;
    this.focusNext = dialog ? '.confirm button' : '.menu-button';
    this.draw();
  }

  async confirm(): Promise<void> {
    if (this.dialog === 'fresh') this.clear();
    else {
      this.dialogState = 'busy';
      this.draw();
      if (!(await this.talk.forget())) {
        this.dialogState = 'failed';
        this.draw();
        return;
      }
      this.clear();
    }
    this.ask(undefined);
    this.tab.clear();
    this.focusNext = '.input';
  }

  setShared(on: boolean): void {
    this.talk.vault.moveTo(on ? undefined : browserArea('localStorage'));
    this.tab.moveTo(on ? undefined : browserArea('sessionStorage'));
    this.toggleMenu();
  }

  /** Leaves the conversation and everything typed; the panel stays. */
  clear(): void {
    this.ratings.clear();
    this.draft = '';
    this.help = false;
    this.tab.set('draft', undefined);
    this.talk.leave();
  }

  quickExit(): void {
    this.tab.clear();
    this.talk.leave();
    location.replace(this.options.exit);
  }
}
