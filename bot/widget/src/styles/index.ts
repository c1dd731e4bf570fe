/** The style sheets, built with the script and adopted by the shadow root: no style element needed. */
import banner from './banner.css?inline';
import base from './base.css?inline';
import composer from './composer.css?inline';
import panel from './panel.css?inline';
import talk from './talk.css?inline';

let made: CSSStyleSheet[] | undefined;

/** Returns the sheets, made once and shared by every element of the page. */
export function sheets(): CSSStyleSheet[] {
  made ??= [base, panel, talk, composer, banner].map((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    return sheet;
  });
  return made;
}
