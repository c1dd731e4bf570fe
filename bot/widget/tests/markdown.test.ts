// @vitest-environment happy-dom
import { render } from 'lit/html.js';
import { describe, expect, it } from 'vitest';
import { safeHref, telHref } from '../src/links';
import { markdown } from '../src/view/markdown';
import { SAFE_LINKS, UNSAFE_LINKS } from './links';

function drawn(source: string): HTMLElement {
  const place = document.createElement('div');
  render(markdown(source), place);
  return place;
}
const html = (source: string) => drawn(source).innerHTML.replace(/<!--.*?-->/g, '');

describe('unsafe addresses', () => {
  it('are at least fifty', () => expect(new Set(UNSAFE_LINKS).size).toBeGreaterThanOrEqual(50));

  it.each(UNSAFE_LINKS)('%j is no link and loses no character', (address) => {
    expect(safeHref(address)).toBe('');
    const line = `see [this](${address}) now`;
    const place = drawn(line);
    const hrefs = [...place.querySelectorAll('a')].map((link) => link.getAttribute('href') ?? '');
    expect(hrefs.filter((href) => !/^https:\/\/(evil\.example|good\.example)(\/|$)/.test(href))).toEqual([]);
    expect(place.querySelectorAll('script, img, iframe, svg, [onclick]')).toHaveLength(0);
    if (!/[\r\n]/.test(address)) expect(place.textContent).toBe(line);
  });
});

describe('allowed addresses', () => {
  it.each(SAFE_LINKS)('%j is a link', (address) => {
    const link = drawn(`[label](${address})`).querySelector('a');
    expect(link?.getAttribute('href')).toBe(address);
    expect(link?.getAttribute('rel')).toBe('noopener noreferrer');
    expect(link?.textContent).toBe('label');
  });

  it('are found in text, without the full stop after them', () => {
    const place = drawn('Go to https://findahelpline.com. Or (https://x.example/a).');
    expect([...place.querySelectorAll('a')].map((link) => link.textContent)).toEqual([
      'https://findahelpline.com',
      'https://x.example/a',
    ]);
    expect(place.textContent).toBe('Go to https://findahelpline.com. Or (https://x.example/a).');
  });
});

describe('text', () => {
  it.each([
    '2*5 mg', '2 * 5 mg * 3', '2**3 and 4**5', 'a < b > c', '<b>no</b>', '<script>x</script>', '[1] and [2]',
    '[label] (x)', 'x & y &amp; z', '** not bold **', '****', '***', '_under_ `code` ~~s~~', '# no heading',
    '> no quote', '!', '\\*escaped\\*', '-no list', '1.no list', 'a  b   c', 'a|b|c', '${x} {{y}}', 'é ü 中 🙂 ע',
    '*one star*', '[a]()', '[](https://good.example)', 'line one\nline two', '5 < 6 [see] 7 * 8 ** 9', '\u200b',
  ])('%j is shown character for character', (source) => {
    expect(drawn(source).textContent).toBe(source);
  });

  it('is bold between two stars that touch words', () => {
    expect(html('a **b c** d')).toBe('<p>a <strong>b c</strong> d</p>');
    expect(html('**[x](https://good.example/)**')).toContain('<strong><a ');
  });

  it('is parted into paragraphs and lists', () => {
    expect(html('one\n\n- a\n- b\n\ntwo')).toBe('<p>one</p><ul><li>a</li><li>b</li></ul><p>two</p>');
    expect(html('3. c\n4. d')).toBe('<ol start="3"><li>c</li><li>d</li></ol>');
  });

  it('keeps the number of a list that does not count up', () => {
    expect(html('1. a\n5. b')).toBe('<ol start="1"><li>a</li></ol><ol start="5"><li>b</li></ol>');
  });

  it('of a hundred thousand marks is read quickly', () => {
    const start = performance.now();
    for (const mark of ['*', '**a', '[', '[a](', 'https://', '(']) drawn(mark.repeat(20_000));
    expect(performance.now() - start).toBeLessThan(4000);
  });
});

describe('telephone links', () => {
  it.each([['116 123', 'tel:116123'], ['+44 20', 'tel:+4420'], ['', ''], ['none', '']])('%j gives %j', (phone, href) =>
    expect(telHref(phone)).toBe(href),
  );
});
