/** Where a person writes: a growing text field; Enter sends, Shift and Enter make a new line. */
import { html, nothing } from 'lit/html.js';
import type { App } from '../app';
import { sendIcon } from './icons';

const MAX_ROWS = 6;
const COLUMNS = 34;
/** The counter appears when this share of the allowed length is left, or 200 characters. */
const NEAR = 0.1;

const rows = (draft: string) =>
  Math.min(
    MAX_ROWS,
    draft.split('\n').reduce((sum, line) => sum + Math.ceil((line.length + 1) / COLUMNS), 0),
  );

/** Draws the form. */
export function composer(app: App) {
  const { t, left } = app;
  const near = left <= Math.min(200, app.content.maxChars * NEAR);
  const keydown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    app.submit();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    app.submit();
    app.focusNext = '.input';
  };
  return html`<form class="composer" @submit=${submit}>
    <textarea
      class="input"
      aria-label=${t.input}
      aria-describedby="left"
      aria-invalid=${left < 0}
      placeholder=${t.placeholder}
      rows=${rows(app.draft)}
      enterkeyhint="send"
      .value=${app.draft}
      @keydown=${keydown}
      @input=${(event: Event) => app.write((event.target as HTMLTextAreaElement).value)}
    ></textarea>
    <button class="send" aria-label=${t.send} aria-disabled=${left < 0 || !app.draft.trim()}>
      ${sendIcon()}
    </button>
    <p id="left" class=${left < 0 ? 'over' : 'left'} role="status">
      ${!near ? nothing : left < 0 ? t.over(-left) : t.left(left)}
    </p>
  </form>`;
}
