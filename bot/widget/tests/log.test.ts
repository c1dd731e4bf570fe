import { describe, expect, it } from 'vitest';
import { Log } from '../src/log';
import { Outbox } from '../src/outbox';
import { readEntries, readEntry, type Entry } from '../src/protocol';
import { Vault } from '../src/storage';
import { nextUrgent } from '../src/urgent';
import { MemoryArea } from './fake';

const user = (seq: number, id = `u${seq}`): Entry => readEntry({ seq, from: 'user', id, text: 'x' })!;
const bot = (seq: number, to: string): Entry => readEntry({ seq, from: 'bot', to, messages: [] })!;

describe('the log', () => {
  it('takes each entry once and keeps them in order', () => {
    const log = new Log();
    expect([user(2), user(1), user(2)].map((entry) => log.add(entry))).toEqual([true, true, false]);
    expect(log.all.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('asks to go on after the last entry without a gap', () => {
    const log = new Log();
    log.add(user(1));
    log.add(user(3));
    expect([log.after, log.hasGap]).toEqual([1, true]);
    log.add(user(2));
    expect([log.after, log.hasGap]).toEqual([3, false]);
  });

  it('takes what the server sends on connecting as complete, even if early entries are gone', () => {
    const log = new Log();
    log.catchUp([user(57), user(58)]);
    expect([log.after, log.hasGap]).toEqual([58, false]);
  });

  it('knows what has no answer yet', () => {
    const log = new Log();
    log.catchUp([user(1, 'a'), user(2, 'b'), bot(3, 'a')]);
    expect(log.unanswered.map(({ id }) => id)).toEqual(['b']);
  });
});

describe('what the server could not store', () => {
  const lost = { seq: null, stored: false };
  const asked = readEntry({ ...lost, from: 'user', id: 'a', text: 'x' })!;
  const crisis = { from: 'bot', to: 'a', messages: [], custom: { outcome: 'crisis' } };
  const replied = readEntry({ ...lost, ...crisis })!;

  it('is shown last, once, until it is stored', () => {
    const log = new Log();
    log.add(user(1, 'z'));
    expect([asked, replied, asked, replied].map((entry) => log.add(entry))).toEqual([
      true, true, false, false,
    ]);
    expect(log.all).toEqual([user(1, 'z'), asked, replied]);
    expect([log.after, log.hasGap]).toEqual([1, false]);
    log.catchUp([user(2, 'a'), readEntry({ seq: 3, ...crisis })!]);
    expect(log.all.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('comes too late if it is stored already', () => {
    const log = new Log();
    log.catchUp([user(1, 'a'), bot(2, 'a')]);
    expect([log.add(asked), log.add(replied)]).toEqual([false, false]);
  });

  it('opens the banner all the same, and not again when it is stored', () => {
    const log = new Log();
    log.add(replied);
    const banner = nextUrgent(log, undefined)!;
    expect(banner).toEqual({ kind: 'crisis', to: 'a', seq: 0, small: false });
    log.add(readEntry({ seq: 2, ...crisis })!);
    const small = { ...banner, small: true };
    expect(nextUrgent(log, small)).toBe(small);
    log.add(readEntry({ ...crisis, seq: 4, to: 'b' })!);
    expect(nextUrgent(log, small)).toMatchObject({ to: 'b', seq: 4, small: false });
  });
});

describe('entries of unknown shape', () => {
  it.each([null, 1, 'x', [], {}, { seq: 1 }, { seq: 'x', from: 'user' }, { seq: 1.5, from: 'bot' }])(
    '%j is no entry',
    (value) => expect(readEntry(value)).toBeUndefined(),
  );

  it('drops what is no entry and keeps the rest', () => {
    expect(readEntries([null, { seq: 1, from: 'user', id: 'a' }, 7])).toHaveLength(1);
    expect(readEntries('no list')).toEqual([]);
  });

  it('survives a reply whose fields have the wrong types', () => {
    const custom = { outcome: 3, parts: 'x', sources: [1], disclaimers: {} };
    expect(readEntry({ seq: 1, from: 'bot', messages: 'x', custom })).toMatchObject({
      messages: [],
      reply: { outcome: '', sections: [], disclaimers: [] },
    });
  });
});

describe('the outbox', () => {
  it('keeps order over a reload, and two tabs do not overwrite each other', () => {
    const area = new MemoryArea();
    const [one, two] = [new Outbox(new Vault('g ', area)), new Outbox(new Vault('g ', area))];
    one.add({ id: 'a', text: '1' });
    two.add({ id: 'b', payload: '/ask_pain', title: 'Pain' });
    one.drop('nothing');
    const later = new Outbox(new Vault('g ', area));
    expect(new Set(later.all.map(({ id }) => id))).toEqual(new Set(['a', 'b']));
    expect(later.get('b')).toMatchObject({ payload: '/ask_pain', title: 'Pain', state: 'waiting' });
  });

  it('ignores what is broken in storage', () => {
    const area = new MemoryArea();
    area.setItem('g out.x', '{broken');
    area.setItem('g out.y', '{"id":"y"}');
    expect(new Outbox(new Vault('g ', area)).all).toEqual([]);
  });
});

describe('the vault', () => {
  it('moves to memory and leaves nothing on the device', () => {
    const area = new MemoryArea();
    const vault = new Vault('g ', area);
    area.setItem('of the host page', '1');
    vault.set('token', 't');
    vault.moveTo(undefined);
    expect([...area.kept.keys()]).toEqual(['of the host page']);
    expect([vault.get('token'), vault.shared]).toEqual(['t', true]);
  });

  it('falls back to memory where storage is full', () => {
    const area = new MemoryArea();
    area.setItem = () => {
      throw new Error('full');
    };
    const vault = new Vault('g ', area);
    vault.set('token', 't');
    expect(vault.get('token')).toBe('t');
  });
});
