/** Arranges a reply for reading: its text, its footer (disclaimers, source) and its buttons. */
import { readButtons, type Button, type GuideContent } from './content';
import type { BotEntry } from './protocol';
import { isDict, text } from './shape';

export interface Arranged {
  /** Texts in Markdown, in order. */
  texts: string[];
  disclaimers: string[];
  sections: string[];
  buttons: Button[];
}

/** Returns a value of unknown shape as lines a person can read. */
export function readable(value: unknown): string {
  if (Array.isArray(value)) return value.map(readable).filter(Boolean).join('\n');
  if (isDict(value))
    return Object.entries(value)
      .map(([key, inner]) => [key, readable(inner)] as const)
      .filter(([, inner]) => inner)
      .map(([key, inner]) => `${key}: ${inner}`)
      .join('\n');
  return value === null || value === undefined ? '' : String(value);
}

/** Parts the lines that are disclaimers or the source's line from the rest of a text. */
function partFooter(whole: string, entry: BotEntry, content: GuideContent, into: Arranged): string {
  const known = new Set(content.disclaimers.flatMap(({ full, short }) => [full, short]));
  const { sections } = entry.reply;
  const source = content.sourceLine.replace('{sections}', () => sections.join('; '));
  const isFooter = (line: string): boolean => {
    if (sections.length && line === source) into.sections = sections;
    else if (line && known.has(line)) into.disclaimers.push(line);
    else return false;
    return true;
  };
  return whole
    .split('\n')
    .filter((line) => !isFooter(line.trim()))
    .join('\n')
    .trim();
}

/** Returns a reply in the parts it is shown in; nothing of a message is left out. */
export function arrange(entry: BotEntry, content: GuideContent): Arranged {
  const result: Arranged = { texts: [], disclaimers: [], sections: [], buttons: [] };
  for (const { text: said, buttons, custom, ...rest } of entry.messages) {
    if (text(said)) result.texts.push(partFooter(text(said), entry, content, result));
    result.buttons.push(...readButtons(buttons));
    if (isDict(custom) && custom.schema !== 'reply/1') result.texts.push(readable(custom));
    result.texts.push(readable(rest));
  }
  result.texts = result.texts.filter(Boolean);
  return result;
}
