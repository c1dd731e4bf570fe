/** The line to the channel: socket.io, WebSocket first, polling where that is blocked. */
import { Manager } from 'socket.io-client';
import { dict, text } from './shape';

export const PATH = '/webhooks/website/socket.io';

/** What the line tells of itself; values are as they came, unchecked. */
export interface LineEvents {
  credentials(): { token: string | null; after: number };
  session(body: unknown): void;
  entry(body: unknown): void;
  forgotten(body: unknown): void;
  down(): void;
  /** The server refused the connection: `code` as in refusals. */
  refused(code: string, retryAfter: number): void;
}

/** A connection to the channel; `ask` resolves with the acknowledgement, or undefined in time-out. */
export interface Line {
  readonly up: boolean;
  connect(): void;
  disconnect(): void;
  ask(event: string, body: object): Promise<unknown>;
}

const ASK_TIMEOUT = 10_000;

export function openLine(server: string, events: LineEvents): Line {
  const transports = ['websocket', 'polling'];
  const manager = new Manager(server, {
    path: PATH,
    transports,
    tryAllTransports: true,
    autoConnect: false,
    reconnectionDelay: 400,
    reconnectionDelayMax: 2500,
    timeout: 5000,
  });
  const socket = manager.socket('/', { auth: (give) => give(events.credentials()) });
  socket.on('session', (body) => events.session(body));
  socket.on('entry', (body) => events.entry(body));
  socket.on('forgotten', (body) => events.forgotten(body));
  socket.on('disconnect', (reason) => {
    // socket.io comes back by itself, but not when the server closed the line.
    if (reason === 'io server disconnect') events.refused('closed', 1);
    else events.down();
  });
  socket.on('connect_error', (error: Error & { data?: unknown }) => {
    const data = dict(error.data);
    if (socket.active) {
      // Something between here and the server may swallow the first transport without an error.
      transports.reverse();
      events.down();
    } else events.refused(text(data.code, error.message), Number(data.retry_after) || 0);
  });
  return {
    get up() {
      return socket.connected;
    },
    connect: () => void socket.connect(),
    disconnect: () => void socket.disconnect(),
    ask: (event, body) =>
      socket.timeout(ASK_TIMEOUT).emitWithAck(event, body).catch(() => undefined),
  };
}
