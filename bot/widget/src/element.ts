/** The custom element: attributes, drawing, focus, and the events of the page around it. */
import { html, nothing, render } from 'lit/html.js';
import { App } from './app';
import { readContent } from './content';
import { language, strings } from './i18n';
import { safeHref } from './links';
import { sheets } from './styles';
import { chatIcon } from './view/icons';
import { panel } from './view/panel';

const NARROW = '(max-width: 34em), (max-height: 26em)';
const NEUTRAL = 'https://www.wikipedia.org/';

export class LongCovidGuide extends HTMLElement {
  static readonly observedAttributes = ['open'];
  private readonly root = this.attachShadow({ mode: 'open' });
  private readonly narrow = matchMedia(NARROW);
  private app: App | undefined;
  private scheduled = false;
  private shown = 0;

  connectedCallback(): void {
    this.root.adoptedStyleSheets = sheets();
    const lang = this.lang || document.documentElement.lang;
    this.app ??= new App(readContent(), strings(lang), this.options(), () => this.schedule());
    if (this.hasAttribute('open')) this.app.open(false);
    window.addEventListener('storage', this.onStorage);
    window.addEventListener('pagehide', this.onLeave);
    this.narrow.addEventListener('change', this.onResize);
    this.schedule();
  }

  disconnectedCallback(): void {
    window.removeEventListener('storage', this.onStorage);
    window.removeEventListener('pagehide', this.onLeave);
    this.narrow.removeEventListener('change', this.onResize);
  }

  attributeChangedCallback(): void {
    if (!this.app || this.hasAttribute('open') === this.app.isOpen) return;
    if (this.app.isOpen) this.app.close();
    else this.app.open();
  }

  private options() {
    const own = new URL(import.meta.url).origin;
    const server = this.getAttribute('server');
    return {
      server: server ? new URL(server, location.href).origin : own,
      shared: this.getAttribute('mode') === 'shared',
      exit: safeHref(this.getAttribute('exit') ?? '') || NEUTRAL,
    };
  }

  private readonly onStorage = ({ key }: StorageEvent) => {
    if (!key || key === this.app?.talk.vault.prefix + 'token') this.app?.talk.follow();
  };

  /** On a shared computer the "back" button must not bring the conversation back. */
  private readonly onLeave = () => {
    if (this.app?.shared) this.app.clear();
  };

  private readonly onResize = () => {
    const dialog = this.root.querySelector<HTMLDialogElement>('.panel');
    dialog?.close();
    this.schedule();
  };

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.draw();
    });
  }

  private draw(): void {
    const { app } = this;
    if (!app) return;
    const { t, unread } = app;
    const launcher = html`<button class="launcher" aria-haspopup="dialog" @click=${() => app.open()}>
      ${chatIcon()}<span>${t.launch}</span>
      ${unread ? html`<span class="unread">${t.unread}</span>` : nothing}
    </button>`;
    render(
      html`<div class="root" lang=${language(this.lang)}>
        ${app.isOpen ? panel(app, this.root) : launcher}
      </div>`,
      this.root,
    );
    this.toggleAttribute('open', app.isOpen);
    this.place(app);
  }

  /** Shows the dialogs, scrolls to what is new, and puts the focus where it belongs. */
  private place(app: App): void {
    const find = <T extends HTMLElement>(selector: string) => this.root.querySelector<T>(selector);
    const dialog = find<HTMLDialogElement>('.panel');
    if (dialog && !dialog.open) {
      // Full-screen it covers the page, so the page must be out of reach; else both are in use.
      if (this.narrow.matches) dialog.showModal();
      else dialog.open = true;
    }
    const confirm = find<HTMLDialogElement>('.confirm');
    if (confirm && !confirm.open) confirm.showModal();
    if (dialog) this.follow(app);
    else this.shown = 0;
    if (app.focusNext) find(app.focusNext)?.focus();
    app.focusNext = undefined;
  }

  /** A new answer is read from its start, the end of the question above it; one's own message is at the end. */
  private follow({ talk }: App): void {
    const entries = talk.log.all;
    const pending = talk.outbox.all;
    const failed = pending.filter(({ state }) => state === 'failed');
    const count = entries.length + pending.length + failed.length;
    if (count === this.shown) return;
    const log = this.root.querySelector('.log');
    const last = log?.querySelector<HTMLElement>('.message:last-of-type');
    const fresh = this.shown && entries[entries.length - 1]?.from === 'bot';
    if (log && last) log.scrollTop = fresh ? last.offsetTop - 72 : log.scrollHeight;
    this.shown = count;
  }
}
