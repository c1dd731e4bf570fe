import * as reference from 'engine.io-parser';
import { describe, expect, it } from 'vitest';
import * as ours from '../src/wire/frames';

const FRAMES = ['0{"sid":"x"}', '1', '2', '2probe', '3', '40{"token":null}', '42["entry",{"text":"ü \\u001e"}]', '6'];

describe("text frames beside engine.io's own parser", () => {
  it.each([...FRAMES, '', '9', 'x', '-1', '0.5'])('reads %j alike', (raw) => {
    expect(ours.decodePacket(raw)).toEqual(reference.decodePacket(raw));
  });

  it.each(FRAMES)('writes %j back as it was', (raw) => {
    let written = '';
    ours.encodePacket(ours.decodePacket(raw), true, (text) => (written = text));
    expect(written).toBe(raw);
  });

  it.each([FRAMES.join('\u001e'), '2', '2\u001ex\u001e3', ''])('reads the payload %j alike', (raw) => {
    expect(ours.decodePayload(raw)).toEqual(reference.decodePayload(raw));
  });

  it('writes payloads alike', () => {
    const frames = FRAMES.map(ours.decodePacket);
    const [mine, theirs]: string[][] = [[], []];
    ours.encodePayload(frames, (raw) => mine!.push(raw));
    reference.encodePayload(frames as never, (raw) => theirs!.push(raw));
    expect(mine).toEqual(theirs);
  });

  it('refuses binary data', () => {
    expect(ours.decodePacket(new ArrayBuffer(3)).type).toBe('error');
  });
});
