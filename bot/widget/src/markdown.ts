/**
 * A small safe Markdown subset as a tree: paragraphs, '- ' and '1. ' lists, **bold**, links.
 * Whatever is not exactly one of these stays as it was written, character for character.
 */
import { safeHref } from './links';

export type Inline = string | { bold: Inline[] } | { label: string; href: string };
export type Block = { lines: Inline[][] } | { items: Inline[][]; ordered: boolean; start: number };

// A link's label and address, a bare web address, or bold whose marks touch words on the inside only.
const TOKEN =
  /\[([^[\]\n]+)\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)|(https?:\/\/[^\s<>"'`)\]]*[^\s<>"'`)\].,;:!?*])|(?<![\w*])\*\*(?=[^\s*])([^\n]*?[^\s*])\*\*(?![\w*])/gi;
const ITEM = /^(?:-|(\d{1,9})\.) +(?=\S)/;

/** Parses one line into text, bold and links; refused links stay text, in full. */
export function parseInline(line: string, bold = true): Inline[] {
  const found: Inline[] = [];
  let end = 0;
  for (const match of line.matchAll(TOKEN)) {
    const [whole, label, address, bare, strong] = match;
    const href = safeHref(bare ?? address ?? '');
    if (strong !== undefined ? !bold : !href) continue;
    if (match.index > end) found.push(line.slice(end, match.index));
    found.push(
      strong !== undefined
        ? { bold: parseInline(strong, false) }
        : { label: bare ?? label ?? whole, href },
    );
    end = match.index + whole.length;
  }
  if (end < line.length) found.push(line.slice(end));
  return found;
}

interface Draft {
  kind: string;
  lines: string[];
  start: number;
}

function group(source: string): Draft[] {
  const drafts: Draft[] = [];
  let open: Draft | undefined;
  for (const line of source.split('\n')) {
    const item = ITEM.exec(line);
    const kind = item ? (item[1] ? 'ol' : 'ul') : 'p';
    const number = Number(item?.[1] ?? 0);
    const follows = open?.kind === kind && (kind !== 'ol' || number === open.start + open.lines.length);
    if (!line.trim()) open = undefined;
    else if (open && follows) open.lines.push(line);
    else drafts.push((open = { kind, lines: [line], start: number }));
  }
  return drafts;
}

/** Parses a text into blocks. Blank lines part paragraphs; single line breaks are kept. */
export const parseMarkdown = (source: string): Block[] =>
  group(source.replace(/\r\n?/g, '\n')).map(({ kind, lines, start }) =>
    kind === 'p'
      ? { lines: lines.map((line) => parseInline(line)) }
      : {
          items: lines.map((line) => parseInline(line.replace(ITEM, ''))),
          ordered: kind === 'ol',
          start,
        },
  );
