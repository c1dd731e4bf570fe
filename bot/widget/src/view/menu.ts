/** The menu behind the header's button: a plain list of buttons. */
import { html, nothing } from 'lit/html.js';
import type { App } from '../app';
import { printTranscript, saveTranscript } from '../transcript';
import { menuIcon } from './icons';

/** Draws the button and, if open, its list. */
export function menu(app: App, root: ShadowRoot) {
  const { t } = app;
  const then = (act: () => void) => () => {
    app.toggleMenu();
    act();
  };
  const items: [string, () => void][] = [
    [t.fresh, () => app.ask('fresh')],
    [t.saveText, then(() => saveTranscript(app))],
    [t.print, then(() => printTranscript(app, root))],
    [t.forget, () => app.ask('forget')],
    [app.shared ? t.sharedOff : t.sharedOn, () => app.setShared(!app.shared)],
    [t.exit, () => app.quickExit()],
  ];
  return html`<button
      class="icon menu-button"
      aria-label=${t.menu}
      aria-expanded=${app.menu}
      @click=${() => app.toggleMenu()}
    >
      ${menuIcon()}
    </button>
    ${app.menu
      ? html`<ul class="menu" @focusout=${(event: FocusEvent) => leave(app, event)}>
          ${items.map(([label, act]) => html`<li><button @click=${act}>${label}</button></li>`)}
        </ul>`
      : nothing}`;
}

/** Closes the menu when the focus goes elsewhere. */
function leave(app: App, event: FocusEvent): void {
  const list = event.currentTarget as HTMLElement;
  const next = event.relatedTarget;
  const root = list.getRootNode() as ShadowRoot;
  if (!(next instanceof Element) || list.contains(next) || next.matches('.menu-button')) return;
  if (root.contains(next)) app.closeMenu();
}
