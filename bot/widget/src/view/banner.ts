/** Help lines outside the scrolling part: after a crisis or emergency, or behind "Help now". */
import { html, nothing } from 'lit/html.js';
import type { App } from '../app';
import type { Contact } from '../content';
import type { Strings } from '../i18n';
import { safeHref, telHref } from '../links';
import { contactsFor } from '../urgent';

const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? '';

const action = ({ phone, url, name }: Contact, t: Strings) => {
  const label = phone ? t.call(phone.replace(/^(\d{3})(\d{3})$/, '$1 $2')) : t.visit;
  const href = telHref(phone) || safeHref(url);
  const target = phone ? nothing : '_blank';
  return href
    ? html`<a class="call" href=${href} target=${target} rel="noopener noreferrer"
        >${label}${name && html`<span class="sr">, ${name}</span>`}</a
      >`
    : nothing;
};

const rows = (contacts: Contact[], t: Strings) =>
  html`<ul>
    ${contacts.map((one) => html`<li><span>${one.text}</span>${action(one, t)}</li>`)}
  </ul>`;

/** Draws the banner; nothing if there is no danger and nobody asked for help lines. */
export function banner(app: App) {
  const { t, talk, content } = app;
  const { urgent } = talk;
  if (!urgent && !app.help) return nothing;
  const kind = urgent?.kind ?? 'crisis';
  const titles = { crisis: t.crisisTitle, emergency: t.emergencyTitle };
  const title = urgent ? titles[kind] : t.helpTitle;
  const toggle = () => app.toggleHelp();
  const [near, far] = contactsFor(content.contacts, kind, zone());
  if (urgent?.small)
    return html`<section class="banner small" aria-label=${t.help}>
      <p>${title}</p>
      <button class="quiet" @click=${toggle}>${t.bigger}</button>
    </section>`;
  return html`<section class="banner" role=${urgent ? 'alert' : nothing} aria-label=${t.help}>
    <h3>${title}</h3>
    <div class="lines" tabindex="0" role="group" aria-label=${t.help}>
      ${rows(near, t)}
      ${far.length
        ? html`<details><summary>${t.elsewhere}</summary>${rows(far, t)}</details>`
        : nothing}
    </div>
    <button class="quiet" @click=${toggle}>${urgent ? t.smaller : t.close}</button>
  </section>`;
}
