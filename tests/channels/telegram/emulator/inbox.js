'use strict';

/** Updates that the bot has not taken yet, and the two ways to it: webhook and long polling. */

const { STATUS_CODES } = require('node:http');
const { seconds } = require('./clock');
const { Refusal } = require('./checks');
const { post } = require('./post');

const POLL_LIMIT = 100; // updates an answer of getUpdates
const HOOK_SECONDS = 60; // for a webhook to answer
const NOT_BY_DEFAULT = ['chat_member', 'message_reaction', 'message_reaction_count'];

class Inbox {
  /** retry: seconds until an update goes to the webhook again; report: told of each delivery. */
  constructor(retry, report) {
    Object.assign(this, { retry, report, webhook: null, allowed: [], lastError: {}, poll: null });
    this.pending = new Map(); // by update_id, in order
    this.stopLanes();
  }

  /** Queue an update; of one chat (lane) only one is under way at a time. False: not wanted. */
  add(update, lane) {
    const kind = Object.keys(update).find((key) => key !== 'update_id');
    const wanted = this.allowed.length ? this.allowed.includes(kind) : !NOT_BY_DEFAULT.includes(kind);
    if (!wanted) return false;
    this.pending.set(update.update_id, { update, lane });
    if (this.webhook) {
      this.enqueue(update.update_id, lane);
      this.pump();
    }
    this.poll?.wake();
    return true;
  }

  /** Deliver to this webhook from now on; null: no longer to any. */
  hook(webhook) {
    this.webhook = webhook;
    this.poll?.conflict();
    this.stopLanes();
    if (!webhook) return;
    for (const [id, { lane }] of this.pending) this.enqueue(id, lane);
    this.pump();
  }

  stopLanes() {
    this.lanes = new Map(); // ids of updates by lane
    this.ready = []; // lanes with updates of which none is under way
    this.active = { count: 0 };
  }

  enqueue(id, lane) {
    const ids = this.lanes.get(lane);
    if (ids) ids.push(id);
    else {
      this.lanes.set(lane, [id]);
      this.ready.push(lane);
    }
  }

  pump() {
    while (this.ready.length && this.active.count < this.webhook.max_connections) {
      this.run(this.ready.shift(), this.active);
    }
  }

  async run(lane, active) {
    active.count += 1;
    const ids = this.lanes.get(lane);
    const taken = await this.deliver(this.pending.get(ids[0])?.update);
    active.count -= 1;
    if (taken) this.pending.delete(ids.shift());
    if (active !== this.active) return; // another webhook meanwhile
    if (taken && !ids.length) this.lanes.delete(lane);
    else if (taken) this.ready.push(lane);
    else setTimeout(() => this.again(lane, active), this.retry * 1000);
    this.pump();
  }

  again(lane, active) {
    if (active !== this.active) return;
    this.ready.push(lane);
    this.pump();
  }

  /** Post an update to the webhook; true if it answers 2xx (or if there is nothing to post). */
  async deliver(update) {
    if (!update) return true;
    const { url, secret_token: secret } = this.webhook;
    const headers = secret ? { 'X-Telegram-Bot-Api-Secret-Token': secret } : {};
    const done = this.report(update.update_id);
    try {
      const status = await post(url, JSON.stringify(update), headers, HOOK_SECONDS);
      done(status);
      if (status >= 200 && status < 300) return true;
      this.fail(`Wrong response from the webhook: ${status} ${STATUS_CODES[status] ?? ''}`);
    } catch (error) {
      done(0);
      this.fail(error.code ?? error.message);
    }
    return false;
  }

  fail(message) {
    this.lastError = { last_error_date: seconds(), last_error_message: message };
  }

  /**
   * getUpdates: what is pending from `offset` on; waits up to `timeout` seconds for the first.
   * gone: tells whether nobody waits for the answer any more.
   */
  async updates({ offset = 0, limit = POLL_LIMIT, timeout = 0 }, gone) {
    if (this.webhook) {
      throw new Refusal(409, "Conflict: can't use getUpdates method while webhook is active;"
        + ' use deleteWebhook to delete the webhook first');
    }
    this.poll?.conflict();
    this.confirm(offset < 0 ? [...this.pending.keys()].at(offset) ?? 0 : offset);
    if (!this.pending.size && timeout > 0) await this.arrival(timeout);
    if (gone()) return [];
    const found = [];
    for (const { update } of this.pending.values()) {
      if (found.length >= Math.min(limit, POLL_LIMIT)) break;
      found.push(update);
    }
    for (const update of found) this.report(update.update_id)(200);
    return found;
  }

  /** Forget the updates before this one. */
  confirm(offset) {
    for (const id of this.pending.keys()) {
      if (id >= offset) break;
      this.pending.delete(id);
    }
  }

  arrival(seconds) {
    return new Promise((resolve, reject) => {
      const poll = { wake: () => end(resolve), conflict: () => end(reject, terminated()) };
      const timer = setTimeout(poll.wake, seconds * 1000);
      const end = (settle, value) => {
        clearTimeout(timer);
        if (this.poll === poll) this.poll = null;
        settle(value);
      };
      this.poll = poll;
    });
  }
}

function terminated() {
  return new Refusal(409, 'Conflict: terminated by other getUpdates request;'
    + ' make sure that only one bot instance is running');
}

module.exports = { Inbox };
