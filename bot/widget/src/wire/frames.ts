/**
 * The Engine.IO protocol (version 4) for text frames only, in place of engine.io's own parser,
 * most of which is for binary data. The names are those that engine.io-client imports.
 */
const TYPES = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'];
const SEPARATOR = '\u001e';

export const protocol = 4;

export interface Frame {
  type: string;
  data?: string;
}

const write = ({ type, data = '' }: Frame): string => TYPES.indexOf(type) + data;

/** Reads a frame; what is none becomes an `error`, which ends the connection. */
export function decodePacket(raw: unknown): Frame {
  const type = typeof raw === 'string' ? TYPES[Number(raw[0] ?? -1)] : undefined;
  if (!type) return { type: 'error', data: 'parser error' };
  const data = String(raw).slice(1);
  return data ? { type, data } : { type };
}

export const encodePacket = (frame: Frame, _binary: boolean, done: (raw: string) => void): void =>
  done(write(frame));

export const encodePayload = (frames: Frame[], done: (raw: string) => void): void =>
  done(frames.map(write).join(SEPARATOR));

/** Reads the frames of a polling answer, up to the first that is none. */
export function decodePayload(raw: string): Frame[] {
  const frames = raw.split(SEPARATOR).map(decodePacket);
  const broken = frames.findIndex(({ type }) => type === 'error');
  return broken < 0 ? frames : frames.slice(0, broken + 1);
}

// Only WebTransport asks for these, which is not in use; the names must be there to be left out.
export const createPacketEncoderStream = undefined;
export const createPacketDecoderStream = undefined;
