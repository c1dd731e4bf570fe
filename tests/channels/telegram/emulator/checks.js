'use strict';

/** What Telegram refuses in a message, in Telegram's own words. */

const MAX_TEXT = 4096; // UTF-16 units
const MAX_ENTITIES = 100; // further ones are left out, not refused
const MAX_BUTTONS = 100;
const MAX_CALLBACK_DATA = 64; // bytes
const ENTITIES = new Set([
  'mention', 'hashtag', 'cashtag', 'bot_command', 'url', 'email', 'phone_number', 'bold', 'italic',
  'underline', 'strikethrough', 'spoiler', 'blockquote', 'expandable_blockquote', 'code', 'pre',
  'text_link', 'text_mention', 'custom_emoji',
]);
const ACTIONS = ['callback_data', 'url', 'web_app', 'login_url', 'switch_inline_query', 'pay'];

/** An answer with `ok: false`. */
class Refusal extends Error {
  constructor(code, description, parameters) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }
}

function bad(description) {
  return new Refusal(400, `Bad Request: ${description}`);
}

/** A parameter that may have come as JSON in a string, as in a form. */
function decoded(value, name) {
  if (typeof value !== 'string') return value ?? undefined;
  try {
    return JSON.parse(value);
  } catch {
    throw bad(`can't parse ${name} JSON object`);
  }
}

function checkText(text) {
  if (typeof text !== 'string' || text.trim() === '') throw bad('message text is empty');
  if (!text.isWellFormed()) throw bad('strings must be encoded in UTF-8');
  if (text.length > MAX_TEXT) throw bad('message is too long');
  return text;
}

function splitsSymbol(text, offset) {
  const before = text.charCodeAt(offset - 1);
  return before >= 0xd800 && before < 0xdc00 && offset < text.length;
}

function checkEntity(entity, text) {
  const { type, offset, length } = entity;
  if (!ENTITIES.has(type)) throw bad(`can't parse MessageEntity: unsupported type specified`);
  if (!Number.isInteger(offset) || !Number.isInteger(length)) {
    throw bad(`can't parse MessageEntity: offset and length must be integers`);
  }
  const start = `entity beginning at UTF-16 offset ${offset}`;
  if (offset < 0 || length <= 0) throw bad(`${start} has an incorrect offset or length`);
  if (offset + length > text.length) {
    throw bad(`${start} ends after the end of the text at UTF-16 offset ${text.length}`);
  }
  if (splitsSymbol(text, offset)) throw bad(`${start} begins in a middle of a UTF-16 symbol`);
  if (splitsSymbol(text, offset + length)) throw bad(`${start} ends in a middle of a UTF-16 symbol`);
  if (type === 'text_link' && !/^(https?|tg):\/\/\S+$/i.test(entity.url)) {
    throw bad(`wrong HTTP URL specified: "${entity.url}"`);
  }
}

function checkEntities(given, text) {
  const entities = decoded(given, 'entities') ?? [];
  if (!Array.isArray(entities)) throw bad('expected an Array of MessageEntity');
  for (const entity of entities) checkEntity(entity, text);
  return entities.length ? entities.slice(0, MAX_ENTITIES) : undefined;
}

function checkButton(button) {
  if (typeof button?.text !== 'string' || button.text.trim() === '') {
    throw bad("can't parse inline keyboard button: Field \"text\" must be a non-empty String");
  }
  if (ACTIONS.filter((action) => button[action] !== undefined).length !== 1) {
    throw bad('text buttons are unallowed in the inline keyboard');
  }
  const size = button.callback_data === undefined ? 1 : Buffer.byteLength(button.callback_data);
  if (size < 1 || size > MAX_CALLBACK_DATA) throw bad('BUTTON_DATA_INVALID');
}

/** The keyboard as it is kept, or undefined if there is none. */
function checkKeyboard(given) {
  const markup = decoded(given, 'reply keyboard markup');
  if (markup === undefined) return undefined;
  const rows = markup?.inline_keyboard;
  if (!Array.isArray(rows) || !rows.every(Array.isArray)) {
    throw bad("object expected as reply markup: Field \"inline_keyboard\" must be of type Array");
  }
  const buttons = rows.flat();
  if (buttons.length > MAX_BUTTONS) throw bad('REPLY_MARKUP_TOO_LONG');
  buttons.forEach(checkButton);
  return buttons.length === 0 ? undefined : { inline_keyboard: rows.filter((row) => row.length) };
}

/** The parts of a message that a bot decides, checked. */
function checkedContent(params) {
  if (params.parse_mode) throw bad('this emulator takes entities, not a parse_mode');
  const text = checkText(params.text);
  return {
    text,
    entities: checkEntities(params.entities, text),
    reply_markup: checkKeyboard(params.reply_markup),
    link_preview_options: params.disable_web_page_preview
      ? { is_disabled: true } : decoded(params.link_preview_options, 'link preview options'),
  };
}

module.exports = { Refusal, bad, decoded, checkKeyboard, checkedContent };
