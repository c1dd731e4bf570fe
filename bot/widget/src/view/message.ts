/** The bubbles of the conversation. */
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { App } from '../app';
import type { Button } from '../content';
import type { Pending } from '../outbox';
import type { BotEntry, UserEntry } from '../protocol';
import { arrange } from '../reply';
import { markdown } from './markdown';
import { rating } from './rating';

const bubble = (who: string, speaker: string, body: unknown) =>
  html`<div class="message ${who}"><span class="sr">${speaker}: </span>${body}</div>`;

/** Draws next questions; pressing one sends its payload. */
export const suggestions = (app: App, buttons: Button[]) =>
  buttons.length
    ? html`<div class="suggestions">
        ${buttons.map(
          ({ title, payload }) =>
            html`<button class="chip" @click=${() => app.press(payload, title)}>${title}</button>`,
        )}
      </div>`
    : nothing;

const delivered = (app: App, words: string, state: unknown) =>
  bubble('user', app.t.you, html`<p class="bubble">${words}</p><div class="state">${state}</div>`);

/** Draws a message that the server has. */
export const userMessage = (app: App, { title, text }: UserEntry): TemplateResult =>
  delivered(app, title || text, app.t.sent);

/** Draws a message on its way: waiting, or not sent with what can be done about it. */
export function pendingMessage(app: App, item: Pending): TemplateResult {
  const { t } = app;
  const failed = html`<strong>${t.failed} ${item.problem}</strong>
    <button class="quiet" @click=${() => app.talk.resend(item.id)}>${t.retry}</button>
    <button class="quiet" @click=${() => app.edit(item.id)}>${t.edit}</button>`;
  const states = { waiting: t.waiting, sending: t.sending, sent: t.sent, failed };
  return delivered(app, item.title ?? item.text ?? '', states[item.state]);
}

/** Draws a reply: texts, disclaimers, the source behind a disclosure, rating, buttons. */
export function botMessage(app: App, entry: BotEntry, last: boolean): TemplateResult {
  const { t, content } = app;
  const { texts, disclaimers, sections, buttons } = arrange(entry, content);
  const source = html`<details class="source">
    <summary>${t.source}</summary>
    <ul>${sections.map((section) => html`<li>${section}</li>`)}</ul>
    ${content.sourceName && html`<p>(${content.sourceName})</p>`}
  </details>`;
  return bubble(
    'bot',
    t.guide,
    html`<div class="bubble">
        ${texts.map((text) => html`<div class="text">${markdown(text)}</div>`)}
        ${disclaimers.length
          ? html`<div class="disclaimers">${disclaimers.map((line) => html`<p>${line}</p>`)}</div>`
          : nothing}
        ${sections.length ? source : nothing}
      </div>
      ${entry.reply.outcome === 'answer' && entry.to ? rating(app, entry.to) : nothing}
      ${last ? suggestions(app, buttons) : nothing}`,
  );
}

/** Draws the welcome of an empty conversation. */
export const welcome = (app: App): TemplateResult =>
  bubble(
    'bot',
    app.t.guide,
    html`<div class="bubble">${markdown(app.content.welcome.text)}</div>
      ${suggestions(app, app.content.welcome.suggestions)}`,
  );
