'use strict';

/** HTTP requests to a webhook, over connections that stay open. (`fetch` costs three times as much.) */

const agents = {};

/** The client of the URL's protocol, and its agent. */
function client(url) {
  const http = require(url.startsWith('https:') ? 'node:https' : 'node:http');
  agents[http.globalAgent.protocol] ??= new http.Agent({ keepAlive: true });
  return { http, agent: agents[http.globalAgent.protocol] };
}

/** Post JSON and return the answer's status; redirections are not followed. */
function post(url, body, headers, seconds) {
  const { http, agent } = client(url);
  return new Promise((resolve, reject) => {
    const length = Buffer.byteLength(body);
    const request = http.request(url, {
      agent,
      timeout: seconds * 1000,
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Length': length, ...headers },
    }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode)).on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', reject).end(body);
  });
}

module.exports = { post };
