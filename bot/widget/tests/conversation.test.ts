import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Conversation } from '../src/conversation';
import { Vault } from '../src/storage';
import { FakeServer, MemoryArea, settle } from './fake';

let server: FakeServer;
let area: MemoryArea;
const tab = (where: MemoryArea | undefined = area) =>
  new Conversation(new Vault('g ', where), server.open, () => undefined);
const words = (talk: Conversation) =>
  talk.log.all.map((entry) => (entry.from === 'user' ? entry.text : entry.messages[0]?.text));

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  area = new MemoryArea();
});
afterEach(() => void vi.useRealTimers());

describe('a conversation', () => {
  it('opens no session before something is said', async () => {
    expect(tab().begun).toBe(false);
    expect(server.sessions.size).toBe(0);
  });

  it('moves a message from the outbox to the log once the server has it', async () => {
    const talk = tab();
    talk.send({ text: 'hello' });
    await settle();
    expect(words(talk)).toEqual(['hello']);
    expect(talk.outbox.all).toEqual([]);
    expect(talk.busy).toBe(true);
  });

  it('queues while offline and sends in order, each once', async () => {
    const talk = tab();
    server.reachable = false;
    ['one', 'two', 'three'].forEach((text) => talk.send({ text }));
    expect(talk.status).toBe('offline');
    expect(talk.outbox.all.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting']);
    server.reachable = true;
    talk.connect();
    await settle();
    expect(words(talk)).toEqual(['one', 'two', 'three']);
    expect(server.received).toHaveLength(3);
  });

  it('sends what a closed page left, from storage', async () => {
    server.reachable = false;
    tab().send({ text: 'left behind' });
    server.reachable = true;
    const later = tab();
    expect(later.begun).toBe(true);
    later.connect();
    await settle();
    expect(words(later)).toEqual(['left behind']);
    expect([...area.kept.keys()]).toEqual(['g token']);
  });

  it('loses and doubles nothing when the server dies between storing and acknowledging', async () => {
    const talk = tab();
    talk.send({ text: 'first' });
    await settle();
    for (let round = 0; round < 20; round += 1) {
      server.deaf = true;
      const line = [...server.lines][0]!;
      const entry = line.events.entry;
      if (round % 2) line.events.entry = () => undefined;
      talk.send({ text: `round ${round}` });
      await Promise.resolve();
      await Promise.resolve();
      line.events.entry = entry;
      server.kill();
      server.deaf = false;
      server.reachable = true;
      talk.connect();
      await settle();
    }
    const expected = ['first', ...Array.from({ length: 20 }, (_, at) => `round ${at}`)];
    expect(words(talk)).toEqual(expected);
    expect(server.sessions.get('token-1')?.map(({ text }) => text)).toEqual(expected);
    expect(talk.outbox.all).toEqual([]);
  });

  it('shows a refusal and sends again with the same id when asked', async () => {
    const talk = tab();
    server.refuse = { ok: false, error: { code: 'too_long', message: 'Too long.' } };
    talk.send({ text: 'long' });
    await settle();
    const [item] = talk.outbox.all;
    expect(item).toMatchObject({ state: 'failed', problem: 'Too long.' });
    server.refuse = undefined;
    talk.resend(item!.id);
    await settle();
    expect(server.sessions.get('token-1')).toMatchObject([{ id: item!.id, text: 'long' }]);
  });

  it('waits as long as a rate limit says', async () => {
    const talk = tab();
    server.refuse = { ok: false, error: { code: 'rate_limited', message: '', retry_after: 3 } };
    talk.send({ text: 'quick' });
    await settle();
    server.refuse = undefined;
    await vi.advanceTimersByTimeAsync(2900);
    expect(words(talk)).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(words(talk)).toEqual(['quick']);
  });

  it('gives up on an unavailable server after three tries, and says so', async () => {
    const talk = tab();
    server.refuse = { ok: false, error: { code: 'unavailable', message: 'Later, please.' } };
    talk.send({ text: 'x' });
    await vi.advanceTimersByTimeAsync(5000);
    expect(talk.outbox.all).toMatchObject([{ state: 'failed', tries: 3 }]);
  });
});

describe('sessions', () => {
  it('are shared by two tabs, and both show everything', async () => {
    const [one, two] = [tab(), tab()];
    one.send({ text: 'from one' });
    await settle();
    two.follow();
    await settle();
    two.send({ text: 'from two' });
    await settle();
    expect(words(one)).toEqual(['from one', 'from two']);
    expect(words(two)).toEqual(words(one));
    expect(server.sessions.size).toBe(1);
  });

  it('that another tab made meanwhile are joined', async () => {
    const talk = tab();
    server.sessions.set('theirs', []);
    const credentials = talk.credentials.bind(talk);
    talk.credentials = () => {
      const given = credentials();
      area.setItem('g token', '"theirs"');
      return given;
    };
    talk.send({ text: 'hi' });
    await settle();
    expect(server.sessions.get('theirs')).toMatchObject([{ text: 'hi' }]);
  });

  it('that ended are replaced: unsent text goes on, the person is told', async () => {
    area.setItem('g token', '"gone"');
    const talk = tab();
    talk.connect();
    expect(talk.expired).toBe(true);
    server.reachable = false;
    talk.outbox.add({ id: 'a', text: 'kept' });
    server.reachable = true;
    await vi.advanceTimersByTimeAsync(500);
    expect(words(talk)).toEqual(['kept']);
    expect(area.getItem('g token')).toBe('"token-1"');
    expect(talk.expired).toBe(true);
  });

  it('leave nothing behind when forgotten, and only when the server confirmed', async () => {
    const talk = tab();
    talk.send({ text: 'secret' });
    await settle();
    server.refuse = { ok: false, error: { code: 'unavailable', message: '' } };
    expect(await talk.forget()).toBe(false);
    expect(words(talk)).toEqual(['secret']);
    server.refuse = undefined;
    expect(await talk.forget()).toBe(true);
    expect(talk.receipt).toBe('R-1');
    expect(area.kept.size).toBe(0);
    expect(server.sessions.size).toBe(0);
    expect(talk.log.all).toEqual([]);
  });

  it('are forgotten although another tab hears of it first', async () => {
    const talk = tab();
    talk.send({ text: 'secret' });
    await settle();
    const answer = talk.forget();
    area.removeItem('g token');
    talk.follow();
    expect(await answer).toBe(true);
    expect(talk.receipt).toBe('R-1');
  });

  it('keep nothing on the device in shared mode', async () => {
    const talk = new Conversation(new Vault('g ', undefined), server.open, () => undefined);
    talk.send({ text: 'private' });
    await settle();
    expect(words(talk)).toEqual(['private']);
    expect(area.kept.size).toBe(0);
  });
});

describe('danger', () => {
  const crisis = { from: 'bot', messages: [], custom: { outcome: 'crisis', parts: [] } };

  it('opens the banner, which survives a reload without the server', async () => {
    const talk = tab();
    talk.send({ text: '…' });
    await settle();
    server.append('token-1', crisis);
    expect(talk.urgent).toMatchObject({ kind: 'crisis', seq: 2, small: false });
    server.kill();
    expect(tab().urgent?.kind).toBe('crisis');
  });

  it('stays small until there is new danger', async () => {
    const talk = tab();
    talk.send({ text: '…' });
    await settle();
    server.append('token-1', crisis);
    talk.setUrgent({ ...talk.urgent!, small: true });
    const again = tab();
    again.connect();
    expect(again.urgent?.small).toBe(true);
    server.append('token-1', crisis);
    expect(again.urgent?.small).toBe(false);
  });
});
