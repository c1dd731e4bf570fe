import { describe, expect, it } from 'vitest';
import { readContent } from '../src/content';
import { arrange, readable } from '../src/reply';
import { readEntry, type BotEntry } from '../src/protocol';
import { contactsFor } from '../src/urgent';

const CONTENT = readContent(
  JSON.stringify({
    schema: 'content/1',
    name: 'Guide',
    maxChars: 500,
    contacts: [{ id: 'a', kind: 'crisis', name: 'A', text: 'Call 988.', phone: '988', regions: ['us'] }],
    disclaimers: [{ id: 'education_only', full: 'This is education.', short: 'Education.' }],
    sourceLine: 'From my source: {sections}.',
    welcome: { text: 'Hi', suggestions: [{ title: 'Pain?', payload: '/ask_pain' }, { title: 'x' }] },
  }),
);
const reply = (messages: unknown[], custom: object = {}): BotEntry =>
  readEntry({ seq: 1, from: 'bot', to: 'a', messages, custom }) as BotEntry;

describe('the content in the bundle', () => {
  it('is read as the server wrote it', () => {
    expect(CONTENT).toMatchObject({ name: 'Guide', maxChars: 500 });
    expect(CONTENT.contacts).toHaveLength(1);
    expect(CONTENT.welcome.suggestions).toEqual([{ title: 'Pain?', payload: '/ask_pain' }]);
  });

  it.each(['__GUIDE_CONTENT__', '', '[]', 'null', '{"contacts": "x", "maxChars": -1, "welcome": []}'])(
    'has help lines of its own when it holds %j',
    (raw) => {
      const content = readContent(raw);
      expect(content.contacts.map(({ phone }) => phone)).toEqual(
        expect.arrayContaining(['988', '116123', '911', '999', '112']),
      );
      expect(content.maxChars).toBe(10_000);
      expect(content.disclaimer).not.toBe('');
    },
  );

  it('in the source is the literal that the server looks for', () => {
    expect(readContent().name).toBe('Long COVID guide');
  });
});

describe('help lines', () => {
  const { contacts } = readContent('');
  it('of the likely country come first, the others stay one step away', () => {
    const [near, far] = contactsFor(contacts, 'crisis', 'Europe/London');
    expect(near.map(({ phone, url }) => phone || url)).toEqual(['116123', 'https://findahelpline.com', '999', '']);
    expect(far.map(({ phone }) => phone)).toEqual(['988', '911', '112']);
  });

  it('are all shown where the country is unknown', () => {
    expect(contactsFor(contacts, 'crisis', 'Africa/Lagos')[0]).toHaveLength(contacts.length);
    expect(contactsFor(contacts, 'emergency', '')[0].every(({ kind }) => kind === 'emergency')).toBe(true);
  });
});

describe('a reply', () => {
  const custom = {
    schema: 'reply/1',
    outcome: 'answer',
    disclaimers: ['education_only'],
    sources: [{ section: 'Pain Management' }, { section: 'Outlook' }],
  };

  it('is parted into text, disclaimers, source and buttons', () => {
    const footer = 'This is education.\nFrom my source: Pain Management; Outlook.';
    const buttons = [{ title: 'More', payload: '/ask_more' }];
    expect(arrange(reply([{ text: 'It may help.' }, { text: footer, buttons }], custom), CONTENT)).toEqual({
      texts: ['It may help.'],
      disclaimers: ['This is education.'],
      sections: ['Pain Management', 'Outlook'],
      buttons,
    });
  });

  it('keeps a footer it does not know as text', () => {
    const footer = 'A new disclaimer.\nFrom my source: Something else.';
    expect(arrange(reply([{ text: footer }], custom), CONTENT).texts).toEqual([footer]);
  });

  it('shows messages of unknown shape as readable text', () => {
    const messages = [{ image: 'https://x.example/a.png' }, { custom: { card: { title: 'T', n: [1, 2] } } }, {}];
    expect(arrange(reply(messages), CONTENT).texts).toEqual([
      'image: https://x.example/a.png',
      'card: title: T\nn: 1\n2',
    ]);
    expect(readable(null)).toBe('');
  });
});
