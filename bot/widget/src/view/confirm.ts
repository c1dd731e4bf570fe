/** The question before a step that cannot be undone. */
import { html, nothing } from 'lit/html.js';
import type { App } from '../app';

/** Draws the dialog that is open, if any. */
export function confirm(app: App) {
  const { t, dialog, dialogState } = app;
  if (!dialog) return nothing;
  const [title, body, act] =
    dialog === 'fresh'
      ? [t.freshTitle, t.freshBody, t.freshDo]
      : [t.forgetTitle, t.forgetBody, t.forgetDo];
  const busy = dialogState === 'busy';
  return html`<dialog
    class="confirm"
    role="alertdialog"
    aria-labelledby="confirm-title"
    aria-describedby="confirm-body"
    @cancel=${(event: Event) => event.preventDefault()}
  >
    <h3 id="confirm-title">${title}</h3>
    <p id="confirm-body">${body}</p>
    <p role="alert">${dialogState === 'failed' ? t.forgetFailed : nothing}</p>
    <div class="choices">
      <button class="plain" @click=${() => app.ask(undefined)}>${t.cancel}</button>
      <button class="strong" ?disabled=${busy} @click=${() => app.confirm()}>
        ${busy ? t.forgetting : act}
      </button>
    </div>
  </dialog>`;
}
