/** Helpful or not, with an optional comment. */
import { html, type TemplateResult } from 'lit/html.js';
import type { App } from '../app';

/** Draws the small form below an answer; `to` is the client id of the question. */
export function rating(app: App, to: string): TemplateResult {
  const { t } = app;
  const given = app.ratings.get(to);
  const again = html`<button class="quiet" @click=${() => app.rate(to, true)}>${t.helpful}</button
    ><button class="quiet" @click=${() => app.rate(to, false)}>${t.unhelpful}</button>`;
  const comment = (event: SubmitEvent) => {
    event.preventDefault();
    const words = String(new FormData(event.target as HTMLFormElement).get('comment')).trim();
    if (words && given) void app.rate(to, given.helpful, words);
    else app.endRating(to);
  };
  const form = html`<p>${t.thanks}</p>
    <form @submit=${comment}>
      <label>${t.comment}<textarea name="comment" rows="2" maxlength="1000"></textarea></label>
      <button class="quiet">${t.commentSend}</button>
      <button class="quiet" type="button" @click=${() => app.endRating(to)}>${t.skip}</button>
    </form>`;
  const body = !given
    ? again
    : { comment: form, done: html`<p>${t.thanks}</p>`, failed: html`<p>${t.notStored}</p>${again}` }[
        given.stage
      ];
  return html`<div class="rating" role="group" aria-label=${t.rate} tabindex="-1" data-rate=${to}>
    ${body}
  </div>`;
}
