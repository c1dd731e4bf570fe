'use strict';

/** Trouble on demand: calls that fail, and limits on how fast a bot may send. */

const { Refusal } = require('./checks');

const SPECIAL = ['ok', 'hang', 'cut', 'junk'];
const WORDS = {
  400: 'Bad Request: chat not found',
  401: 'Unauthorized',
  403: 'Forbidden: bot was blocked by the user',
  409: 'Conflict: terminated by other getUpdates request;'
    + ' make sure that only one bot instance is running',
  429: 'Too Many Requests: retry after',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
};

/** Faults wait in a list; each is spent on the next calls that it fits. */
class Faults {
  constructor() {
    this.list = [];
  }

  /**
   * answer: 'ok', an HTTP status of an error, 'hang' (never any), 'cut' (the connection), 'junk' (not JSON)
   * done: whether the call takes effect all the same; delay: seconds before anything
   * method, chat: of which calls ('*', null: any); after: how many of them pass first; times: how many then fail
   */
  add({ method = '*', chat = null, after = 0, times = 1, answer, done = false, delay = 0, ...rest }) {
    const status = Number.isInteger(answer) && answer >= 400 && answer < 600;
    if (!status && !SPECIAL.includes(answer)) throw new TypeError(`no such answer: ${answer}`);
    const fault = { method, chat, after, times, answer, done: done || answer === 'ok', delay, ...rest };
    this.list.push(fault);
  }

  clear() {
    this.list = [];
  }

  take(method, chat) {
    const fits = (fault) => (fault.method === '*' || fault.method === method)
      && (fault.chat === null || fault.chat === chat);
    const fault = this.list.find(fits);
    if (!fault) return null;
    if (fault.after > 0) {
      fault.after -= 1;
      return null;
    }
    fault.times -= 1;
    if (fault.times <= 0) this.list.splice(this.list.indexOf(fault), 1);
    return fault;
  }
}

/** The error that a fault with a status answers. */
function faultError({ answer, description, retry_after: retryAfter }) {
  if (answer !== 429) return new Refusal(answer, description ?? WORDS[answer] ?? 'Error');
  const seconds = retryAfter ?? 1;
  return new Refusal(429, description ?? `${WORDS[429]} ${seconds}`, { retry_after: seconds });
}

/** A bucket that fills by `rate` a second, up to `size`. */
class Bucket {
  constructor(rate, size) {
    Object.assign(this, { rate, size, level: size, at: 0 });
  }

  /** Seconds until there is a place; 0 if there is one now. */
  missing(now) {
    this.level = Math.min(this.size, this.level + (now - this.at) * this.rate);
    this.at = now;
    return Math.max(0, (1 - this.level) / this.rate);
  }
}

/** So many messages a second to a chat, and in all. Without `set`: no limit. */
class Limits {
  set(limits) {
    this.limits = limits;
    this.chats = new Map();
    this.all = limits && new Bucket(limits.overall, limits.overall);
  }

  /** Take a place for a message to the chat, or throw 429. */
  take(chat, now) {
    if (!this.limits) return;
    const { per_chat: rate, burst } = this.limits;
    if (!this.chats.has(chat)) this.chats.set(chat, new Bucket(rate, burst));
    const buckets = [this.chats.get(chat), this.all];
    const wait = Math.max(...buckets.map((bucket) => bucket.missing(now)));
    if (wait > 0) throw faultError({ answer: 429, retry_after: Math.ceil(wait) });
    for (const bucket of buckets) bucket.level -= 1;
  }
}

module.exports = { Faults, Limits, faultError };
