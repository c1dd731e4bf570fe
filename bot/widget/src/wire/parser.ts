/**
 * The Socket.IO protocol (version 5) for JSON only, in place of socket.io's default parser, whose
 * binary half this widget never uses. It is a "custom parser" as socket.io documents them.
 */
import { Emitter } from '@socket.io/component-emitter';
import { isDict, parseJson } from '../shape';

export const protocol = 5;

export enum PacketType {
  CONNECT,
  DISCONNECT,
  EVENT,
  ACK,
  CONNECT_ERROR,
}

export interface Packet {
  type: PacketType;
  nsp: string;
  data?: unknown;
  id?: number;
}

// type, namespace with its comma, acknowledgement id, JSON
const FRAME = /^([0-4])(?:(\/[^,]*),)?(\d*)([^]*)$/;
const RESERVED = ['connect', 'connect_error', 'disconnect'];

/** Whether the data fits the type: what does not is a broken frame, and ends the connection. */
function fits(type: PacketType, data: unknown): boolean {
  if (type === PacketType.CONNECT) return data === undefined || isDict(data);
  if (type === PacketType.DISCONNECT) return data === undefined;
  if (type === PacketType.CONNECT_ERROR) return typeof data === 'string' || isDict(data);
  if (!Array.isArray(data)) return false;
  return type === PacketType.ACK || (typeof data[0] === 'string' && !RESERVED.includes(data[0]));
}

export class Encoder {
  encode({ type, nsp, id, data }: Packet): string[] {
    const json = data === undefined ? '' : JSON.stringify(data);
    return [`${type}${nsp === '/' ? '' : `${nsp},`}${id ?? ''}${json}`];
  }
}

export class Decoder extends Emitter<object, object, { decoded(packet: Packet): void }> {
  /**
   * Reads one frame and emits it as `decoded`.
   *
   * Throws an Error if it is no frame of this protocol.
   */
  add(frame: unknown): void {
    const [, type, nsp = '/', id, json] = FRAME.exec(String(frame)) ?? [];
    const data = json ? parseJson(json) : undefined;
    if (!type || (json && data === undefined) || !fits(Number(type), data)) throw Error('parse error');
    const packet: Packet = { type: Number(type), nsp, data };
    if (id) packet.id = Number(id);
    this.emitReserved('decoded', packet);
  }

  destroy(): void {}
}

