import { Decoder as Reference, Encoder as ReferenceEncoder } from 'socket.io-parser';
import { describe, expect, it } from 'vitest';
import { Decoder, Encoder, type Packet } from '../src/wire/parser';

const PACKETS: Packet[] = [
  { type: 0, nsp: '/', data: { token: null, after: 0 } },
  { type: 0, nsp: '/' },
  { type: 1, nsp: '/' },
  { type: 2, nsp: '/', data: ['message', { text: '12["x"] ü \u2028' }], id: 7 },
  { type: 2, nsp: '/room', data: ['entry', {}], id: 12 },
  { type: 3, nsp: '/', data: [{ ok: true }], id: 0 },
  { type: 4, nsp: '/', data: { message: 'session', data: { code: 'session' } } },
];
const decode = (decoder: { add(frame: string): void; on(name: 'decoded', then: (packet: never) => void): unknown }, frame: string) => {
  let found: unknown;
  decoder.on('decoded', (packet) => (found = packet));
  decoder.add(frame);
  return found;
};

describe("the JSON parser beside socket.io's own", () => {
  it.each(PACKETS)('writes and reads %j alike', (packet) => {
    const [frame] = new Encoder().encode(packet);
    expect([frame]).toEqual(new ReferenceEncoder().encode(packet as never));
    expect(decode(new Decoder(), frame!)).toEqual(decode(new Reference() as never, frame!));
  });

  it.each(['', '9', 'x', '2', '2{}', '2["connect"]', '2[1', '0[]', '1{}', '3{}', '51-["x"]', '4'])(
    'refuses the broken frame %j, as does socket.io',
    (frame) => {
      expect(() => decode(new Decoder(), frame)).toThrow();
    },
  );
});
