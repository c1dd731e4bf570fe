"""Undoing of disguises: danger that is typed so as to pass a filter, or by accident, is still read.

Two kinds of rule. What no real word does is undone everywhere: two alphabets in one word,
strike-through, one letter three times in a row. What may also be a code, an amount, an abbreviation
or a foreign word (`B12`, `2x`, `u.s.a.`, `NFκB`) is read as a word only if a known one comes out: a
list of the words that danger is said in decides, and everything else stays as it was typed.

Source of the shapes: Unicode TR39, confusables.txt; of the rest, how people write on phones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby, product


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


# What people hide on purpose; read from under asterisks too.
_HIDDEN = _listed(
    "kill kills killed killing suicide suicidal die died dying dead death unalive murder murdered "
    "hang hanging hurt hurting harm harming overdose overdosed overdosing"
)
# What else danger is said with.
_BESIDE = _listed(
    "cut cutting pain pills tablets jump drown poison bleed bleeding blood breathe breathing chest "
    "heart attack stroke seizure unconscious collapsed choking ambulance emergency help please "
    "myself himself herself themselves yourself everyone nobody life live living alive exist end "
    "ending goodbye reason better without want wanna wants wish need going gonna will would cannot "
    "could dont cant wont never anymore more hate feel feels feeling think thinking plan planning "
    "stop tired sleep wake again tonight today tomorrow right away because just really much many "
    "took take taken taking this that have been being with always forever should ketamine covid "
    "dose dosage all any not now too the and for how off over done she her him his they them was "
    "are had has can you your day out why yes"
)
_SHORT = _listed("i a im to me my no do go so is be am it in on of at or he we if up an by")
_LONGEST = max(map(len, (*_HIDDEN, *_BESIDE, *_SHORT)))


def _table(**shapes: str) -> dict[int, str]:
    return {ord(shape): letter for letter, found in shapes.items() for shape in found}


# The same shape in Cyrillic, Greek and Armenian: read so wherever one word mixes alphabets.
_SAME = _table(
    a="аα", c="с", d="ԁ", e="е", g="ց", h="һհ", i="іι", j="ј", l="ӏ", n="ո", o="оοσօ", p="рρ",
    q="ԛ", s="ѕ", u="υս", v="ѵν", w="ԝ", x="х", y="уүγ", A="АΑ", B="ВΒ", C="С", E="ЕΕ", G="Ԍ",
    H="НΗ", I="ІӀΙ", J="Ј", K="КΚ", M="МΜ", N="Ν", O="ОΟՕ", P="РΡ", S="Ѕ", T="ТΤ", V="Ѵ", W="Ԝ",
    X="ХΧ", Y="УΥ", Z="Ζ",
)  # fmt: skip
# A likeness, as in handwriting fonts and small capitals: read so only if a known word comes out.
_LIKE = _SAME | _table(
    a="ɑᴀ", b="вьβʙ", c="¢ςᴄ", d="∂δᴅ", e="єзεᴇ€", f="ꜰ", g="ɡɢ", h="нʜ", i="ıɩɪ", j="ᴊ", k="кκᴋ",
    l="λʟ", m="мᴍ", n="пиηɴ", o="θᴏ", p="ᴘ", r="гяʀ", s="ꜱ", t="тτᴛ", u="цᴜ", v="ᴠ", w="шωᴡ",
    x="χ", y="ʏ", z="ᴢ",
)  # fmt: skip
# Letters on black discs and squares.
_LIKE |= {first + at: chr(97 + at) for first in (0x1F150, 0x1F170) for at in range(26)}
# Strike-through and frames; the keycap of an emoji is not among them.
_OVERLAY = r"\u0334-\u0338\u20d2\u20d3\u20d8-\u20da\u20e5-\u20eb"
_OVERLAYS = re.compile(f"[{_OVERLAY}]")
_MARKS = rf"\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff{_OVERLAY}"
_MARKED = re.compile(rf"(.)([{_MARKS}]+)", re.DOTALL)
_LETTERS = re.compile(rf"[\w∂¢€\U0001f150-\U0001f169\U0001f170-\U0001f189{_MARKS}]+")

_TIGHT = "._*,/~|+·•-"
_SEPARATORS = frozenset(f" \n\t{_TIGHT}")
_SINGLE = re.compile(rf"(?<!['’])(?<![^\W_])[A-Za-z01345{''.join(map(chr, _SAME))}](?!['’]|[^\W_])")
_TIED = re.compile(rf"[{_TIGHT}][^\W_]")
_CHUNK = re.compile(r"\S+")
_INSIDE = str.maketrans("", "", _TIGHT)

_TOKEN = re.compile(r"[\w$@!|+*#]+")
_EDGES = "!@+*#_"
_SIGNS = str.maketrans("013457!|@$+", "oieastiiast")
_CAPITAL_I = re.compile(r"[a-z]I|I[a-z]")
_STRETCH = re.compile(r"([A-Za-z])\1{2,}")
# Of a number, as in `PhaseIII`, nothing is cut off.
_TOO_LONG = re.compile(r"([A-HJ-Za-z])\1{2,}")
_ROMAN = re.compile(r"M{0,4}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})", re.IGNORECASE)
_ADDRESS = re.compile(r"://|^www\.|@[\w-]+\.\w|\w\.\w+/|\w\.(?:com|org|net)\b", re.IGNORECASE)


def _shape(word: str) -> str:
    """Return a word as it looks: signs as letters, and i for l, since I and 1 stand for both."""
    return word.lower().translate(_SIGNS).replace("l", "i")


def _once(word: str) -> str:
    """Return a word with each letter once where it is doubled or stretched."""
    return re.sub(r"([A-Za-z])\1+", r"\1", word)


# The first word of a shape wins.
_RANKED = tuple(reversed((*_HIDDEN, *_BESIDE, *_SHORT)))
_WORDS = {word: word for word in _RANKED}
_SHAPES = {_shape(word): word for word in _RANKED}
_WORDS_ONCE = {_once(word): word for word in _RANKED}
_SHAPES_ONCE = {_shape(_once(word)): word for word in _RANKED}


def _masks() -> dict[str, str]:
    """Return each hidden word by its masks, as in `k*ll`; a mask that fits two words is none."""
    found: dict[str, set[str]] = {}
    for word in _HIDDEN:
        for inside in product(*((letter, "*") for letter in word[1:-1])):
            found.setdefault(word[0] + "".join(inside) + word[-1], set()).add(word)
    return {mask: words.pop() for mask, words in found.items() if len(words) == 1}


_MASKS = _masks()


def fold(text: str) -> str:
    """Return the text with disguised words as plain ones; web and e-mail addresses stay as typed.

    Takes text as `text.clean` composes it: in NFKC, with nothing invisible. Takes linear time, and
    changes nothing in a text that it has returned.
    """
    tokens = re.split(r"(\s+)", text)
    parts = groupby(tokens, key=lambda token: bool(_ADDRESS.search(token)))
    return "".join("".join(part) if kept else _fold("".join(part)) for kept, part in parts)


def _fold(text: str) -> str:
    if not text.isascii():
        text = _LETTERS.sub(_in_latin, _MARKED.sub(_unmarked, text))
    return _CHUNK.sub(_mended, _TOKEN.sub(_undisguised, _closed_up(text)))


def _unmarked(match: re.Match[str]) -> str:
    """Drop marks that make no letter of their own from Latin letters, strike-through everywhere."""
    base, marks = match.groups()
    letter = unicodedata.normalize("NFD", base)[0]
    if letter.isascii() and not letter.isspace():
        return letter
    return base + _OVERLAYS.sub("", marks)


def _in_latin(match: re.Match[str]) -> str:
    """Return a word in Latin letters if it mixes alphabets, or if a known word comes out."""
    word = match.group()
    bare = re.sub(f"[{_MARKS}]", "", word)
    same, like = bare.translate(_SAME), bare.translate(_LIKE)
    if like == bare:
        return word
    scripts = {_script(char) for char in word if char.isalpha()}
    if len(scripts) > 1:
        if like.lower() in _WORDS or _known(like):
            return like
        latin = all(_script(char) == "LATIN" for char in same if char.isalpha())
        return same if latin and not _is_science(bare) else word
    # A whole word of one alphabet is that of a language, as far as it looks.
    if same.lower() in _HIDDEN:
        return same
    return like if scripts <= {"LATIN"} and len(like) > 2 and like.lower() in _WORDS else word


def _script(char: str) -> str:
    return "LATIN" if char.isascii() else unicodedata.name(char, "").split(" ")[0]


def _is_science(word: str) -> bool:
    """Tell whether a small foreign letter stands beside a capital or a digit: `TNFα`, `NFκB`."""
    kinds = "".join("s" if not c.isascii() and c.islower() else c for c in word)
    return bool(re.search(r"[A-Z\d]s|s[A-Z\d]", kinds))


def _closed_up(text: str) -> str:
    """Join letters that stand apart, `d i e` or `d.i.e`, if they spell known words."""
    parts, end = [], 0
    for group in _groups(text):
        words = _spelt("".join(letter.group() for letter in group))
        if words:
            parts += [text[end : group[0].start()], words]
            end = group[-1].end()
    return "".join([*parts, text[end:]])


def _groups(text: str) -> Iterator[list[re.Match[str]]]:
    """Yield the runs of single letters that have the same separator throughout."""
    group: list[re.Match[str]] = []
    kind = None
    for letter in _SINGLE.finditer(text):
        gap = _gap(text, group[-1].end(), letter) if group else None
        if group and (gap is None or (kind and gap != kind)):
            yield group
            group = []
        kind = gap if group else None
        if group or not _hangs(text, letter.start()):
            group.append(letter)
    if group:
        yield group


def _gap(text: str, end: int, letter: re.Match[str]) -> tuple[str, bool] | None:
    """Return what separates a letter from the one before: sign and whether blanks; None if else."""
    gap = text[end : letter.start()]
    if len(gap) > 3 or not _SEPARATORS.issuperset(gap):
        return None
    sign = gap.strip()
    # The first letter of `d-i-e`, or the `e` of `e-mail`, belongs to what follows.
    return None if sign != gap and _TIED.match(text, letter.end()) else (sign, sign != gap)


def _hangs(text: str, start: int) -> bool:
    """Tell whether a letter ends a longer expression, as in `anti-d`."""
    return text[start - 1 : start] in set(_TIGHT) and text[max(0, start - 3) : start - 1].isalnum()


def _spelt(letters: str) -> str | None:
    """Return the known words that letters spell, or None if they do not or it does not matter."""
    letters = letters.translate(_SAME)
    shape = _shape(letters)
    starts = [False] * len(shape) + [True]
    for at in range(len(shape) - 1, -1, -1):
        starts[at] = any(starts[to] and shape[at:to] in _SHAPES for to in _ends(at, shape))
    words: list[str] = []
    at = 0
    while starts[0] and at < len(shape):
        to = max(to for to in _ends(at, shape) if starts[to] and shape[at:to] in _SHAPES)
        words.append(_SHAPES[shape[at:to]])
        at = to
    matters = any(word in _HIDDEN or len(word) > 3 for word in words)
    if not matters or sum(map(str.isdigit, letters)) > len(letters) / 2:
        return None
    return " ".join(words).upper() if letters.isupper() else " ".join(words)


def _ends(at: int, shape: str) -> range:
    return range(at + 1, min(len(shape), at + _LONGEST) + 1)


def _undisguised(match: re.Match[str]) -> str:
    token = match.group()
    core = token.strip(_EDGES)
    plain = core.isalpha() and "I" not in core and not _STRETCH.search(core)
    if not core or plain or _ROMAN.fullmatch(core):
        return token
    read = _known(core)
    if read is None:
        # `BBB` or `FLCCC` is a name.
        read = core if core.isupper() and len(core) < 6 else _TOO_LONG.sub(r"\1\1", core)
    return token.replace(core, read, 1)


def _known(core: str) -> str | None:
    """Return the word that a token stands for: under a mask, in signs, or stretched; else None."""
    word = _MASKS.get(core.lower().replace("#", "*"))
    word = word or _looked_up(_STRETCH.sub(r"\1\1", core), _WORDS, _SHAPES)
    if word is None and _STRETCH.search(core):
        word = _looked_up(_once(core), _WORDS_ONCE, _SHAPES_ONCE)
    if word is None or word == core.lower():
        return None
    return word.upper() if core.isupper() else word


def _looked_up(core: str, words: dict[str, str], shapes: dict[str, str]) -> str | None:
    signs = sum(not char.isalpha() for char in core)
    if not signs and not _CAPITAL_I.search(core):
        return words.get(core.lower()) if len(core) > 1 else None
    word = shapes.get(_shape(core), "")
    # Short codes look like words: `H3R`, `3nd`, `A11`.
    enough = len(word) > 3 or word == "die" if signs else len(word) > 2
    return word if enough and signs <= len(core) / 2 else None


def _mended(match: re.Match[str]) -> str:
    """Take out what was put into a hidden word, as in `sui.cide`."""
    chunk = match.group()
    core = chunk.strip("\"'()[]?!,:;" + _TIGHT)
    whole = core.translate(_INSIDE)
    return chunk.replace(core, whole, 1) if len(whole) > 3 and whole.lower() in _HIDDEN else chunk
