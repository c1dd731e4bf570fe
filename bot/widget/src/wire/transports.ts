/** The transports in use, in place of engine.io's list: WebSocket, and polling by `fetch`. */
import { Fetch } from '../../node_modules/engine.io-client/build/esm/transports/polling-fetch.js';
import { WS } from '../../node_modules/engine.io-client/build/esm/transports/websocket.js';

export const transports = { websocket: WS, polling: Fetch };
