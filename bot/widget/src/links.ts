/** Which addresses may become links: an allow-list, everything else stays text. */

const SCHEMES = new Set(['http:', 'https:', 'mailto:', 'tel:']);
// Whitespace, control and invisible formatting characters hide a scheme or a host from the reader.
const HIDDEN = /[\s\u0000-\u001f\u007f-\u00a0\u00ad\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\\<>"'`]/;
const ABSOLUTE = /^(?:https?:\/\/[^/]|mailto:[^/]|tel:[+\d])/i;

/** Returns the address if it may be linked, '' if not: absolute, http(s), mailto or tel, no login. */
export function safeHref(address: string): string {
  if (HIDDEN.test(address) || !ABSOLUTE.test(address)) return '';
  try {
    const url = new URL(address);
    return SCHEMES.has(url.protocol) && !url.username && !url.password ? address : '';
  } catch {
    return '';
  }
}

/** Returns the `tel:` address of a number as dialled, '' if it holds no digit. */
export const telHref = (phone: string): string => {
  const digits = phone.replace(/[^\d+]/g, '');
  return digits ? `tel:${digits}` : '';
};
