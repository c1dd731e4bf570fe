/** Line icons, drawn in the colour of the text; they only ever stand beside or instead of a named label. */
import { html, svg } from 'lit/html.js';

const icon = (path: string) =>
  html`<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">${svg`<path d=${path} />`}</svg>`;

export const chatIcon = () =>
  icon('M20 11.5a7.5 7.5 0 0 1-11 6.6L4 19.5l1.5-4.6A7.5 7.5 0 1 1 20 11.5ZM9 10h7M9 13.5h4.5');
export const closeIcon = () => icon('M6 6l12 12M18 6 6 18');
export const menuIcon = () => icon('M4 7h16M4 12h16M4 17h16');
export const sendIcon = () => icon('M12 19V5M5.5 11.5 12 5l6.5 6.5');
export const helpIcon = () =>
  icon('M12 20s-7.5-4.4-7.5-10A4.2 4.2 0 0 1 12 7.4 4.2 4.2 0 0 1 19.5 10c0 5.6-7.5 10-7.5 10Z');
export const personIcon = () => icon('M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20a7.5 7.5 0 0 1 15 0');
