'use strict';

/** The methods of the Bot API: each takes the server and the parameters, and returns the result. */

const { isDeepStrictEqual } = require('node:util');
const { seconds, now } = require('./clock');
const { Refusal, bad, decoded, checkKeyboard, checkedContent } = require('./checks');

const CHAT_ACTIONS = new Set([
  'typing', 'upload_photo', 'record_video', 'upload_video', 'record_voice', 'upload_voice',
  'upload_document', 'choose_sticker', 'find_location', 'record_video_note', 'upload_video_note',
]);
const LOCAL = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** The chat to which the bot may write. */
function openChat(server, id) {
  if (id === undefined || id === null || id === '') throw bad('chat_id is empty');
  const place = server.chats.get(Number(id));
  if (!place) throw bad('chat not found');
  if (place.closed && place.chat.type === 'private') {
    throw new Refusal(403, 'Forbidden: bot was blocked by the user');
  }
  if (place.closed) throw new Refusal(403, `Forbidden: bot was kicked from the ${place.chat.type} chat`);
  return place;
}

function ownMessage(server, params) {
  const { chat } = openChat(server, params.chat_id);
  if (params.message_id === undefined) throw bad('message identifier is not specified');
  const message = server.messages.get(Number(params.message_id));
  if (!message || message.chat.id !== chat.id) throw bad('message to edit not found');
  if (message.from.id !== server.bot.id) throw bad("message can't be edited");
  return message;
}

/** What counts for "not modified". */
function content({ text, entities = [], reply_markup: markup = null }) {
  const key = ({ type, offset, length, url }) => JSON.stringify([offset, length, type, url]);
  return { text, entities: entities.map(key).sort(), markup };
}

function change(server, message, changes) {
  if (isDeepStrictEqual(content(message), content({ ...message, ...changes }))) {
    throw bad('message is not modified: specified new message content and reply markup are'
      + ' exactly the same as a current content and reply markup of the message');
  }
  return Object.assign(message, changes, { edit_date: seconds() });
}

function checkedCommand({ command, description }) {
  if (!/^[a-z0-9_]{1,32}$/.test(command)) throw bad('BOT_COMMAND_INVALID');
  if (typeof description !== 'string' || description.length < 1 || description.length > 256) {
    throw bad('BOT_COMMAND_DESCRIPTION_INVALID');
  }
  return { command, description };
}

function commandsKey({ scope, language_code: language }) {
  return JSON.stringify([decoded(scope, 'scope')?.type ?? 'default', language || '']);
}

function checkedHook({ url, secret_token: secret, max_connections: most }) {
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : {};
  if (protocol !== 'https:' && !(protocol === 'http:' && LOCAL.has(hostname))) {
    throw bad('bad webhook: An HTTPS URL must be provided for webhook');
  }
  if (secret && !/^[A-Za-z0-9_-]{1,256}$/.test(secret)) {
    throw bad('secret token contains unallowed characters');
  }
  return { url, secret_token: secret, max_connections: Number(most ?? 40) };
}

function unhook(server, params) {
  server.deleteWebhook(server.token);
  if (params.drop_pending_updates) server.inbox.pending.clear();
  return true;
}

const methods = {
  getMe: (server) => server.bot,

  sendMessage(server, params) {
    const { chat } = openChat(server, params.chat_id);
    const checked = checkedContent(params);
    server.limits.take(chat.id, now());
    return server.addBotMessage({ ...params, ...checked, chat_id: chat.id, checked }, server.token);
  },

  editMessageText(server, params) {
    const message = ownMessage(server, params);
    return change(server, message, checkedContent(params));
  },

  editMessageReplyMarkup(server, params) {
    const message = ownMessage(server, params);
    return change(server, message, { reply_markup: checkKeyboard(params.reply_markup) });
  },

  sendChatAction(server, params) {
    openChat(server, params.chat_id);
    if (!CHAT_ACTIONS.has(params.action)) throw bad('wrong parameter action in request');
    return true;
  },

  answerCallbackQuery(server, params) {
    if (!server.callbacks.has(params.callback_query_id)) {
      throw bad('query is too old and response timeout expired or query ID is invalid');
    }
    if (params.text?.length > 200) throw bad('MESSAGE_TOO_LONG');
    return true;
  },

  setMyCommands(server, params) {
    const commands = decoded(params.commands, 'commands');
    if (!Array.isArray(commands)) throw bad('parameter "commands" is required');
    if (commands.length > 100) throw bad('BOT_COMMANDS_TOO_MUCH');
    server.commands.set(commandsKey(params), commands.map(checkedCommand));
    return true;
  },

  getMyCommands: (server, params) => server.commands.get(commandsKey(params)) ?? [],

  setWebhook(server, params) {
    if (!params.url) return unhook(server, params);
    const hook = checkedHook(params);
    server.allow(params);
    if (params.drop_pending_updates) server.inbox.pending.clear();
    server.setWebhook(hook, server.token);
    return true;
  },

  deleteWebhook: unhook,

  getWebhookInfo(server) {
    const { webhook, pending, allowed, lastError } = server.inbox;
    return {
      url: webhook?.url ?? '',
      has_custom_certificate: false,
      pending_update_count: pending.size,
      ...(webhook && { max_connections: webhook.max_connections, ...lastError }),
      ...(allowed.length && { allowed_updates: allowed }),
    };
  },

  getUpdates(server, params, gone) {
    server.allow(params);
    const [offset, limit, timeout] = ['offset', 'limit', 'timeout']
      .map((name) => (params[name] === undefined ? undefined : Number(params[name])));
    return server.inbox.updates({ offset, limit, timeout }, gone);
  },
};

/** Names in any case, as Telegram takes them. */
const byName = new Map(Object.entries(methods).map(([name, run]) => [name.toLowerCase(), { name, run }]));

module.exports = { byName };
