/** The entries of a conversation as docs/website.md describes them, read from unknown values. */
import { dict, dicts, text, texts, type Dict } from './shape';

/** `seq` is 0 as long as the server could not store an entry. */
export interface UserEntry {
  from: 'user';
  seq: number;
  at: string;
  id: string;
  text: string;
  title: string;
}

/** The machine-readable part of a reply, `reply/1`: what the widget uses of it. */
export interface Reply {
  outcome: string;
  outcomes: string[];
  disclaimers: string[];
  sections: string[];
}

export interface BotEntry {
  from: 'bot';
  seq: number;
  at: string;
  to: string;
  messages: Dict[];
  reply: Reply;
}

export type Entry = UserEntry | BotEntry;

/** What a person sends: typed text, or a button's payload with its title. */
export interface Outgoing {
  id: string;
  text?: string;
  payload?: string;
  title?: string;
}

/** A refusal; `retryAfter` in seconds, 0 if the server named none. */
export interface Refusal {
  code: string;
  message: string;
  retryAfter: number;
}

const readReply = (value: Dict): Reply => ({
  outcome: text(value.outcome),
  outcomes: [text(value.outcome), ...dicts(value.parts).map((part) => text(part.outcome))],
  disclaimers: texts(value.disclaimers),
  sections: dicts(value.sources).map((source) => text(source.section)).filter(Boolean),
});

/** Returns the entry a value holds, undefined if it has no `seq` or sender; unstored, `seq` is 0. */
export function readEntry(value: unknown): Entry | undefined {
  const from = dict(value);
  const seq = from.stored === false ? 0 : Number(from.seq ?? NaN);
  const at = text(from.at);
  if (!Number.isInteger(seq)) return undefined;
  if (from.from === 'user') {
    const entry = { seq, at, id: text(from.id), text: text(from.text), title: text(from.title) };
    return { from: 'user', ...entry };
  }
  if (from.from !== 'bot') return undefined;
  const messages = dicts(from.messages);
  const custom = from.custom ?? messages.map((message) => message.custom).find(Boolean);
  return { from: 'bot', seq, at, to: text(from.to), messages, reply: readReply(dict(custom)) };
}

/** Returns the entries of a list; what is none is dropped. */
export const readEntries = (value: unknown): Entry[] =>
  dicts(value).map(readEntry).filter((entry): entry is Entry => entry !== undefined);

/** Returns the refusal of an acknowledgement, undefined if it is `ok`. */
export function readRefusal(value: unknown): Refusal | undefined {
  const from = dict(value);
  if (from.ok === true) return undefined;
  const error = dict(from.error);
  const retryAfter = Number(error.retry_after) || 0;
  return { code: text(error.code, 'unavailable'), message: text(error.message), retryAfter };
}
