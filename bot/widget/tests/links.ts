/** Addresses that must never become links, and some that must. */
export const UNSAFE_LINKS = [
  'javascript:alert(1)', 'JavaScript:alert(1)', 'JAVASCRIPT:alert(1)', ' javascript:alert(1)',
  'javascript&colon;alert(1)', 'java\tscript:alert(1)', 'java\nscript:alert(1)', 'java\rscript:alert(1)',
  '\u0001javascript:alert(1)', '\u0000javascript:alert(1)', 'javascript\u200b:alert(1)', 'javascript://%0aalert(1)',
  'javascript://https://good.example/%0aalert(1)', '&#106;avascript:alert(1)', '%6aavascript:alert(1)',
  'vbscript:msgbox(1)', 'VbScript:x', 'livescript:x', 'mocha:x', 'data:text/html,<script>alert(1)</script>',
  'data:text/html;base64,PHNjcmlwdD4=', 'DATA:image/svg+xml,<svg onload=alert(1)>', 'data:,x', 'blob:https://evil.example/x',
  'file:///etc/passwd', 'filesystem:https://evil.example/x', 'ftp://evil.example/', 'ws://evil.example', 'wss://evil.example',
  'about:blank', 'chrome://settings', 'view-source:https://evil.example', 'jar:https://evil.example!/x', 'intent://x#Intent;end',
  'sms:988', 'sip:x@y', 'skype:x?call', 'whatsapp://send', 'ms-word:ofe|u|x', 'resource://x', 'feed:x', 'x-javascript:x',
  '//evil.example/x', '\\\\evil.example\\x', '/relative', 'relative', '../up', '#hash', '?query', '.', 'https:', 'https:/evil.example',
  'https:evil.example', 'http:///evil.example', 'https:\\\\evil.example', 'https://', 'https://good.example@evil.example/',
  'https://user:pass@evil.example/', 'https://good.example\\@evil.example', 'https://evil.example/"onclick="x', "https://evil.example/'x",
  'https://evil.example/<script>', 'https://evil.example/`x`', 'https://evil\u202e.example/', 'https://good\u200b.example/',
  'https://evil.example/\u2028x', 'https://[::1', 'https://evil.example https://evil.example', 'mailto:', 'tel:', 'tel:javascript', 'mailto://x', 'tel://x',
  'https\u003a\u00ad//evil.example', 'ｊavascript:alert(1)', 'http\u0009s://evil.example',
];

export const SAFE_LINKS = [
  'https://findahelpline.com', 'http://good.example/', 'https://good.example/a?b=c&d=e#f', 'HTTPS://good.example/A',
  'https://good.example/wiki/X_(y)', 'https://good.example:8443/', 'mailto:team@good.example', 'tel:988', 'tel:+44116123',
];
