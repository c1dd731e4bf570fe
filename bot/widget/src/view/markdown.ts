/** Draws the Markdown tree with templates: text reaches the page as text nodes only. */
import { html, type TemplateResult } from 'lit/html.js';
import { parseMarkdown, type Block, type Inline } from '../markdown';

type Piece = string | TemplateResult;

const inline = (part: Inline): Piece => {
  if (typeof part === 'string') return part;
  if ('bold' in part) return html`<strong>${part.bold.map(inline)}</strong>`;
  return html`<a href=${part.href} target="_blank" rel="noopener noreferrer">${part.label}</a>`;
};

const item = (parts: Inline[]) => html`<li>${parts.map(inline)}</li>`;

const block = (one: Block): TemplateResult => {
  if ('lines' in one)
    return html`<p>${one.lines.map((line, at) => [at ? '\n' : '', line.map(inline)])}</p>`;
  return one.ordered
    ? html`<ol start=${one.start}>${one.items.map(item)}</ol>`
    : html`<ul>${one.items.map(item)}</ul>`;
};

/** Returns the blocks of a text. */
export const markdown = (source: string): TemplateResult[] => parseMarkdown(source).map(block);
