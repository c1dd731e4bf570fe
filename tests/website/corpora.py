"""Texts that must come out exactly as they went in."""

from __future__ import annotations

# Addresses that must never become links, whatever is tried to make them look harmless.
UNSAFE_LINKS = (
    *("javascript:alert(1)", "JavaScript:alert(1)", "JAVASCRIPT:alert(1)", "jAvAsCrIpT:alert(1)"),
    *(
        "javascript:alert`1`",
        "javascript:void(0)",
        "javascript:%61lert(1)",
        "javascript:/**/alert(1)",
    ),
    *("javascript://%0aalert(1)", "javascript://https://good.example/%0aalert(1)"),
    *(
        "java\tscript:alert(1)",
        "java script:alert(1)",
        "javascript\t:alert(1)",
        "javascript :alert(1)",
    ),
    *("\x01javascript:alert(1)", "\x1fjavascript:alert(1)", "\x7fjavascript:alert(1)"),
    *("\x0bjavascript:alert(1)", "\x0cjavascript:alert(1)", "\x85javascript:alert(1)"),
    *("javascript&colon;alert(1)", "javascript&#58;alert(1)", "javascript&#x3a;alert(1)"),
    *("&#106;avascript:alert(1)", "&#x6A;avascript:alert(1)", "%6aavascript:alert(1)"),
    *("javascript%3aalert(1)", "\\x6aavascript:alert(1)", "\\u006aavascript:alert(1)"),
    *("\u200bjavascript:alert(1)", "java\u200bscript:alert(1)", "javascript\u200d:alert(1)"),
    *("\ufeffjavascript:alert(1)", "java\u00adscript:alert(1)", "\u202ejavascript:alert(1)"),
    *("\u00a0javascript:alert(1)", "\u2028javascript:alert(1)", "\u3000javascript:alert(1)"),
    *("ｊavascript:alert(1)", "javascript：alert(1)", "јavascript:alert(1)", "javaſcript:alert(1)"),
    *("vbscript:msgbox(1)", "VBScript:msgbox(1)", "vb\tscript:x", "livescript:x", "mocha:x"),
    *(
        "data:text/html,<script>alert(1)</script>",
        "DATA:text/html,x",
        "data:,x",
        "Data:image/svg+xml,x",
    ),
    *("data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", "\tdata:text/html,x"),
    *("data:application/xhtml+xml,x", "data:text/javascript,alert(1)", "da\u200bta:text/html,x"),
    *("blob:https://evil.example/1", "filesystem:https://evil.example/1", "file:///etc/passwd"),
    *("ftp://evil.example/x", "ws://evil.example", "wss://evil.example", "about:blank"),
    *("chrome://settings", "view-source:https//x", "intent://x#Intent;end", "resource://x"),
    *("sms:988", "skype:x?call", "whatsapp://send", "ms-word:ofe|u|x", "x-javascript:x"),
    *("//evil.example/x", "\\\\evil.example\\x", "/relative", "../up", "#hash", "?query"),
    *("https:", "https:/evil.example", "https:evil.example", "https:\\\\evil.example"),
    *("mailto:", "tel:", "tel:javascript", "mailto://x", "tel://x", "HTTPS:javascript"),
)

# What a person writes is shown as it is: none of it is Markdown, HTML or a link.
OWN_WORDS = (
    "<b>2*5 mg</b> [x](y) & more",
    "**bold** _it_ `code` <img src=x onerror=alert(1)>",
    "1 < 2 > 0 &amp; &lt; 50 % \\* [link](https://good.example) https://good.example",
    "- a list\n- that is none\n\n1. nor this",
    "  two  spaces   and\ttabs",
    "naïve Ünïcödé 漢字 🙂 עברית \u202bx\u202c {braces} ${x} ' \" `",
    "</textarea></p></div><script>alert(1)</script>",
)

# Markdown that is not quite Markdown stays as it is, character for character.
ODD_TEXTS = (
    "2*5 mg and 3 * 4, a_b_c, x < y > z & [not a link]",
    "**not closed, *one star*, ** spaced **, 2**3**4",
    "[label] (https://good.example) and [a](b and ![x](https://good.example/x.png",
    "<b>bold</b> &nbsp; <a href='https://evil.example'>x</a>".replace("https://", "hxxps://"),
    "# no heading\n> no quote\n--- no rule\n`no code`\n| no | table |",
    "line one\nline two\n\nparagraph two",
    "- one\n- two\n\nafter\n3. three\n4. four\n7. seven",
    "a **bold** word, **two words** and **1 < 2**",
)
