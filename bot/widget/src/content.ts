/**
 * What the server writes into the bundle: contacts, disclaimers and the welcome.
 * The shape is described in docs/website.md, "Content in the bundle"; every field may be missing.
 */
import { FALLBACK_CONTACTS, en } from './i18n/en';
import { dict, dicts, isDict, parseJson, text, texts, type Dict } from './shape';

/** A service that helps now; as in `referral.contacts` of the reply contract, plus its regions. */
export interface Contact {
  id: string;
  kind: string;
  name: string;
  text: string;
  phone: string;
  url: string;
  regions: string[];
}

/** A next question: `title` as shown, `payload` as sent (`/ask_pain`). */
export interface Button {
  title: string;
  payload: string;
}

/** A limit of what is said, in its two wordings. */
export interface Disclaimer {
  id: string;
  full: string;
  short: string;
}

export interface GuideContent {
  name: string;
  disclaimer: string;
  sourceName: string;
  maxChars: number;
  contacts: Contact[];
  disclaimers: Disclaimer[];
  sourceLine: string;
  welcome: { text: string; suggestions: Button[] };
}

/** The server replaces this literal, quotes and all, by a JSON string literal. */
const PLACEHOLDER = "__GUIDE_CONTENT__";

/** Returns the buttons of a list; what has no title or payload is dropped. */
export const readButtons = (value: unknown): Button[] =>
  dicts(value)
    .map((item) => ({ title: text(item.title), payload: text(item.payload) }))
    .filter((button) => button.title && button.payload);

/** Returns the contacts of a list; what has no line to show is dropped. */
export const readContacts = (value: unknown): Contact[] =>
  dicts(value)
    .map((item) => ({
      id: text(item.id),
      kind: text(item.kind),
      name: text(item.name),
      text: text(item.text),
      phone: text(item.phone),
      url: text(item.url),
      regions: texts(item.regions),
    }))
    .filter((contact) => contact.text);

const readWelcome = (value: Dict): GuideContent['welcome'] => ({
  text: text(value.text, en.welcome),
  suggestions: readButtons(value.suggestions),
});

/** Returns the content of a JSON text; what is missing or not readable gets a built-in default. */
export function readContent(raw: string = PLACEHOLDER): GuideContent {
  const parsed = parseJson(raw);
  const from = isDict(parsed) ? parsed : {};
  const contacts = readContacts(from.contacts);
  const limit = Number(from.maxChars);
  return {
    name: text(from.name, en.name),
    disclaimer: text(from.disclaimer, en.disclaimer),
    sourceName: text(from.sourceName),
    maxChars: limit > 0 ? limit : 10_000,
    contacts: contacts.length ? contacts : readContacts(FALLBACK_CONTACTS),
    disclaimers: dicts(from.disclaimers).map((item) => ({
      id: text(item.id),
      full: text(item.full),
      short: text(item.short),
    })),
    sourceLine: text(from.sourceLine, 'From my source: {sections}.'),
    welcome: readWelcome(dict(from.welcome)),
  };
}
