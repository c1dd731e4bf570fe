/** The panel: header, limits and help always in view, the conversation, the text field. */
import { html, nothing } from 'lit/html.js';
import type { App } from '../app';
import type { Entry } from '../protocol';
import type { Pending } from '../outbox';
import { banner } from './banner';
import { composer } from './composer';
import { confirm } from './confirm';
import { closeIcon, helpIcon, personIcon } from './icons';
import { menu } from './menu';
import { botMessage, pendingMessage, userMessage, welcome } from './message';

// Not a <header>: in a dialog that is a banner landmark, of which the page has its own.
const header = (app: App, root: ShadowRoot) =>
  html`<div class="head">
    <h2 class="title" id="title" tabindex="-1">${app.content.name}</h2>
    ${menu(app, root)}
    <button class="icon close" aria-label=${app.t.close} @click=${() => app.close()}>
      ${closeIcon()}
    </button>
  </div>`;

const always = (app: App) =>
  html`<div class="always">
    <p class="limits">${app.content.disclaimer}</p>
    <button
      class="help-button"
      aria-expanded=${app.talk.urgent ? !app.talk.urgent.small : app.help}
      @click=${() => app.toggleHelp()}
    >
      ${helpIcon()}${app.t.help}
    </button>
    <button class="human" @click=${() => app.press('/human', app.t.human)}>
      ${personIcon()}${app.t.human}
    </button>
  </div>`;

const sharedBar = (app: App) =>
  app.shared
    ? html`<div class="shared">
        <p>${app.t.shared}</p>
        <button class="quiet" @click=${() => app.quickExit()}>${app.t.exit}</button>
      </div>`
    : nothing;

const notices = ({ t, talk }: App) => {
  const { receipt, expired } = talk;
  const deleted = receipt === undefined ? '' : `${t.forgotten} ${receipt && t.receipt(receipt)}`;
  return html`<p class="notice" role="status">${deleted || (expired ? t.expired : '')}</p>`;
};

const log = (app: App) => {
  const { talk, t } = app;
  const entries = talk.log.all;
  const lastBot = entries.filter(({ from }) => from === 'bot').pop();
  const item = (one: Entry | Pending) => {
    if (!('from' in one)) return pendingMessage(app, one);
    return one.from === 'user' ? userMessage(app, one) : botMessage(app, one, one === lastBot);
  };
  const items: (Entry | Pending)[] = [...entries, ...talk.outbox.all];
  // Restored history is not read aloud: the region speaks once it stands.
  const live = app.settled ? 'polite' : 'off';
  return html`<div class="log" role="log" aria-live=${live} aria-label=${t.log} tabindex="0">
    ${items.length ? nothing : welcome(app)} ${items.map(item)}
    ${talk.busy ? html`<div class="dots" aria-hidden="true"><i></i><i></i><i></i></div>` : nothing}
  </div>`;
};

const status = ({ t, talk, slow }: App) => {
  if (talk.status === 'offline') return t.offline;
  if (talk.busy) return slow ? t.slow : t.writing;
  return talk.status === 'connecting' ? t.connecting : '';
};

/** Draws the open panel. */
export function panel(app: App, root: ShadowRoot) {
  const keydown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    app.escape();
  };
  return html`<dialog
    class="panel"
    aria-labelledby="title"
    @keydown=${keydown}
    @cancel=${(event: Event) => event.preventDefault()}
  >
    ${header(app, root)} ${always(app)} ${sharedBar(app)} ${banner(app)} ${notices(app)} ${log(app)}
    <p class="status" role="status">${status(app)}</p>
    ${composer(app)} ${confirm(app)}
  </dialog>`;
}
