/** The conversation as a text, to save as a file or to print. */
import type { App } from './app';
import type { Entry } from './protocol';
import { readable } from './reply';
import { text } from './shape';

const said = (entry: Entry): string =>
  entry.from === 'user'
    ? entry.title || entry.text
    : entry.messages
        .map(({ text: words, buttons: _buttons, custom: _custom, ...rest }) =>
          [text(words), readable(rest)].filter(Boolean).join('\n'),
        )
        .filter(Boolean)
        .join('\n\n');

/** Returns the whole conversation, the disclaimer first, each entry with its time and speaker. */
export function transcript({ talk, content, t }: App): string {
  const head = [`${content.name}: ${t.transcript}`, new Date().toLocaleString(), content.disclaimer];
  const lines = talk.log.all.map((entry) => {
    const at = new Date(entry.at);
    const time = Number.isNaN(at.getTime()) ? '' : ` (${at.toLocaleString()})`;
    return `${entry.from === 'user' ? t.you : t.guide}${time}:\n${said(entry)}`;
  });
  const unsent = talk.outbox.all.map((item) => `${t.you} (${t.waiting}):\n${item.title ?? item.text}`);
  return [head.join('\n'), ...lines, ...unsent].join('\n\n') + '\n';
}

/** Offers the transcript as a text file. */
export function saveTranscript(app: App): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([transcript(app)], { type: 'text/plain' }));
  link.download = `long-covid-guide-${new Date().toISOString().slice(0, 10)}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** After this many milliseconds the printed copy goes, where a browser does not say that it printed. */
const PRINT_MS = 60_000;

/** Prints the transcript alone: from a frame of its own, so that the host page stays out of it. */
export function printTranscript(app: App, root: ShadowRoot): void {
  const frame = document.createElement('iframe');
  frame.className = 'print';
  frame.title = app.t.transcript;
  root.append(frame);
  const page = frame.contentDocument;
  const view = frame.contentWindow;
  if (!page || !view) return;
  page.title = `${app.content.name}: ${app.t.transcript}`;
  const text = page.createElement('div');
  text.textContent = transcript(app);
  const sheet = new (view as unknown as typeof globalThis).CSSStyleSheet();
  sheet.replaceSync('div{white-space:pre-wrap;font:12pt/1.5 system-ui,sans-serif}');
  page.adoptedStyleSheets = [sheet];
  page.body.append(text);
  view.addEventListener('afterprint', () => frame.remove());
  setTimeout(() => frame.remove(), PRINT_MS);
  view.print();
}
