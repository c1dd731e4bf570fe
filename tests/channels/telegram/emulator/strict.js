'use strict';

/**
 * An emulated Bot API server as strict as Telegram: a subclass of telegram-test-api's.
 * One bot; chats come into being when somebody writes in them; ids count up for the whole bot.
 */

const TelegramServer = require('telegram-test-api');
const { seconds, now } = require('./clock');
const { Faults, Limits } = require('./trouble');
const { Inbox } = require('./inbox');
const { apiWithControls } = require('./routes');

const STORE_SECONDS = 86400; // until the base forgets
const KEEP_ALIVE_MS = 75000;
const MESSAGES = new Set(['message', 'channel_post', 'edited_message', 'edited_channel_post']);

class StrictTelegram extends TelegramServer {
  constructor({ token, retry = 0.2 }) {
    super({ host: '127.0.0.1', storeTimeout: STORE_SECONDS });
    this.config.port = 0; // any free one; the base takes 0 for unset
    this.token = token;
    this.bot = {
      id: Number(token.split(':')[0]),
      is_bot: true,
      first_name: 'Guide',
      username: 'guide_bot',
      can_join_groups: true,
      can_read_all_group_messages: false,
      supports_inline_queries: false,
    };
    this.chats = new Map(); // by id: { chat, closed, ids }
    this.messages = new Map(); // by message_id: as visible now
    this.callbacks = new Map(); // by callback_query_id: chat id
    this.commands = new Map();
    this.calls = [];
    this.deliveries = [];
    this.faults = new Faults();
    this.limits = new Limits();
    this.inbox = new Inbox(retry, (updateId) => this.delivery(updateId));
    this.webServer = apiWithControls(this, this.webServer);
  }

  /** Start, and return the port. */
  async start() {
    await super.start();
    this.server.keepAliveTimeout = KEEP_ALIVE_MS;
    return this.server.address().port;
  }

  /** Keep a message of the bot; the base counts, the chat shows. */
  addBotMessage({ checked, ...params }, token) {
    const { message_id: id } = super.addBotMessage(params, token);
    this.updateId -= 1; // the base spends one on a bot's message, Telegram does not
    const { chat } = this.chats.get(params.chat_id);
    return this.show({ message_id: id, date: seconds(), chat, from: this.bot, ...checked });
  }

  /** The base's own chat routes end here; theirs never wait for the webhook. */
  async addUserUpdate(update) {
    const { update_id: _, ...content } = TelegramServer.formatUpdate(update);
    delete Object.values(content)[0].botToken;
    this.take(content);
  }

  setWebhook(webhook, token) {
    super.setWebhook(webhook, token);
    this.inbox.hook(webhook);
  }

  deleteWebhook(token) {
    super.deleteWebhook(token);
    this.inbox.hook(null);
  }

  allow({ allowed_updates: kinds }) {
    if (kinds !== undefined) this.inbox.allowed = typeof kinds === 'string' ? JSON.parse(kinds) : kinds;
  }

  /** Make an update of what somebody did: { <kind>: body }. A held one is not queued. */
  take(content, held = false) {
    const [kind, given] = Object.entries(content)[0];
    const body = this.completed(kind, given);
    const update = { update_id: this.updateId, [kind]: body };
    this.updateId += 1;
    const lane = body?.chat?.id ?? body?.message?.chat?.id ?? body?.from?.id ?? 0;
    const queued = !held && this.inbox.add(update, lane);
    return { update, queued };
  }

  completed(kind, given) {
    if (MESSAGES.has(kind)) return this.userMessage(given, kind.startsWith('edited'));
    if (kind === 'callback_query') return this.tap(given);
    if (kind === 'my_chat_member') {
      const closed = ['kicked', 'left'].includes(given.new_chat_member.status);
      this.place(given.chat).closed = closed;
      return { date: seconds(), ...given };
    }
    return given;
  }

  userMessage(given, edited) {
    const place = this.place(given.chat);
    if (place.chat.type === 'private') place.closed = false; // who writes has not blocked
    if (edited) return this.show({ ...this.messages.get(given.message_id), edit_date: seconds(), ...given });
    const id = this.messageId;
    this.messageId += 1;
    return this.show({ date: seconds(), ...given, message_id: id });
  }

  /** A tap on a button of a message: { chat, message_id, data, from }. */
  tap({ chat, message_id: messageId, ...given }) {
    const gone = { chat: this.place(chat).chat, message_id: messageId, date: 0 };
    const id = String(this.callbackId);
    this.callbackId += 1;
    this.callbacks.set(id, gone.chat.id);
    const message = { ...(this.messages.get(messageId) ?? gone) }; // as it is now
    return { id, chat_instance: String(gone.chat.id), ...given, message };
  }

  place(chat) {
    if (!this.chats.has(chat.id)) this.chats.set(chat.id, { chat, closed: false, ids: [] });
    return this.chats.get(chat.id);
  }

  show(message) {
    if (!this.messages.has(message.message_id)) this.place(message.chat).ids.push(message.message_id);
    this.messages.set(message.message_id, message);
    return message;
  }

  /** Note that an update goes to the bot; the returned function notes the answer's status. */
  delivery(updateId) {
    const noted = { update_id: updateId, time: now(), status: null };
    this.deliveries.push(noted);
    return (status) => this.tell('delivery', Object.assign(noted, { status, ended: now() }));
  }

  tell(kind, body) {
    this.emit('told', `${JSON.stringify({ [kind]: body })}\n`);
  }
}

/** The options come as JSON, the port goes out as JSON; the server ends with its standard input. */
async function main() {
  const server = new StrictTelegram(JSON.parse(process.argv[2]));
  const port = await server.start();
  process.stdout.write(`${JSON.stringify({ port })}\n`);
  process.stdin.resume().on('end', () => process.exit(0));
}

if (require.main === module) main();

module.exports = { StrictTelegram };
