/** Defines the element, and adds one to a page that has the script line only. */
import { LongCovidGuide } from './element';

const NAME = 'long-covid-guide';

function start(): void {
  if (!document.querySelector(NAME)) document.body.append(document.createElement(NAME));
}

if (!customElements.get(NAME)) {
  customElements.define(NAME, LongCovidGuide);
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
  else start();
}
