'use strict';

/** The two sides of the server: the Bot API at /bot<token>/<method>, and the tests' controls. */

const express = require('express');
const { setTimeout: sleep } = require('node:timers/promises');
const { now } = require('./clock');
const { Refusal } = require('./checks');
const { faultError } = require('./trouble');
const { byName } = require('./methods');

const BODY_LIMIT = '16mb';

function sendError(res, { code, message, parameters }) {
  res.status(code).json({ ok: false, error_code: code, description: message, parameters });
}

/** A call's entry in the log. */
function entered(server, name, params) {
  const chat = server.callbacks.get(params.callback_query_id) ?? Number(params.chat_id);
  const call = { time: now(), method: name, chat: chat || null, params, status: null, done: false };
  server.calls.push(call);
  return call;
}

/** Run the method and return its answer: { result } or { error }. */
async function answered(server, method, call, gone) {
  try {
    const result = await method.run(server, call.params, gone);
    call.done = true;
    if (result?.message_id) call.message = { ...result }; // as it is now
    return { result };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { error };
  }
}

/** Send the answer, or whatever a fault sends in its stead. */
function send(req, res, call, answer, fault) {
  const kind = fault?.answer ?? 'ok';
  const error = Number.isInteger(kind) ? faultError(fault) : answer?.error;
  call.status = kind === 'ok' || Number.isInteger(kind) ? error?.code ?? 200 : kind;
  call.error = error?.message;
  call.ended = now();
  if (kind === 'cut') req.socket.destroy();
  else if (kind === 'junk') res.status(200).type('html').send('<html>not an answer</html>');
  else if (kind !== 'hang' && error) sendError(res, error);
  else if (kind !== 'hang') res.json({ ok: true, result: answer.result });
}

async function apiCall(server, req, res) {
  if (!/^\d+:\S+$/.test(req.params.token)) throw new Refusal(404, 'Not Found');
  if (req.params.token !== server.token) throw new Refusal(401, 'Unauthorized');
  const method = byName.get(req.params.method.toLowerCase());
  if (!method || !['GET', 'POST'].includes(req.method)) throw new Refusal(404, 'Not Found');
  const call = entered(server, method.name, { ...req.query, ...req.body });
  const fault = server.faults.take(method.name, call.chat);
  if (fault?.delay) await sleep(fault.delay * 1000);
  const acts = !fault || fault.done;
  const answer = acts ? await answered(server, method, call, () => req.socket.destroyed) : null;
  send(req, res, call, answer, fault);
  server.tell('call', call);
}

function botApi(server) {
  return (req, res) => {
    apiCall(server, req, res).catch((error) => {
      sendError(res, error instanceof Refusal ? error : new Refusal(500, `Emulator: ${error.stack}`));
    });
  };
}

/** Everything that happens, a line of JSON each, until the reader goes. */
function events(server) {
  return (_req, res) => {
    const tell = (line) => res.write(line);
    res.type('application/x-ndjson').write('{"open":true}\n');
    server.setMaxListeners(0).on('told', tell);
    res.on('close', () => server.off('told', tell));
  };
}

function controls(server) {
  const router = express.Router();
  router.get('/events', events(server));
  router.get('/calls', (_req, res) => res.json(server.calls));
  router.get('/deliveries', (_req, res) => res.json(server.deliveries));
  router.get('/chat/:id', (req, res) => {
    const ids = server.chats.get(Number(req.params.id))?.ids ?? [];
    res.json(ids.map((id) => server.messages.get(id)));
  });
  router.get('/state', (_req, res) => res.json({
    webhook: server.inbox.webhook,
    pending: [...server.inbox.pending.keys()],
    commands: Object.fromEntries(server.commands),
  }));
  router.post('/updates', (req, res) => {
    res.json(req.body.map(({ held, ...content }) => server.take(content, held)));
  });
  router.post('/faults', (req, res) => res.json(server.faults.add(req.body) ?? true));
  router.delete('/faults', (_req, res) => res.json(server.faults.clear() ?? true));
  router.post('/limits', (req, res) => res.json(server.limits.set(req.body.limits) ?? true));
  return router;
}

/** Ours in front of the base's: what is not here, the base answers. */
function apiWithControls(server, base) {
  const app = express();
  app.use(express.json({ limit: BODY_LIMIT }), express.urlencoded({ extended: true, limit: BODY_LIMIT }));
  app.all('/bot:token/:method', botApi(server));
  app.use(controls(server), base);
  app.use((error, _req, res, _next) => {
    sendError(res, new Refusal(400, `Bad Request: ${error.message}`));
  });
  return app;
}

module.exports = { apiWithControls };
