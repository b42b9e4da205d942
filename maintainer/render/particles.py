"""The Korean particles whose form follows the last sound of the word before them, as in ``{rollout:은는}``."""

import re
from typing import Literal

Sound = Literal["vowel", "ㄹ", "consonant", "unknown"]

# By what stands behind the colon: the forms after a consonant, after a vowel, and where the sound is not known.
PARTICLES = {
    "은는": ("은", "는", "은(는)"),
    "이가": ("이", "가", "이(가)"),
    "을를": ("을", "를", "을(를)"),
    "과와": ("과", "와", "과(와)"),
    "이라는라는": ("이라는", "라는", "(이)라는"),
    "으로로": ("으로", "로", "(으)로"),
}

_LONGEST_WORD = 100
"""Letters from the end that are looked at, so that a long text of others costs no more time than a name."""
_IN_BRACKETS_AT_THE_END = re.compile(r"(?<=\S)\s*\([^()]*\)$")
_LAST_WORD = re.compile(r"([가-힣]|[A-Za-z]+|\d|%)[^\w%]*$")
_LETTERS: dict[str, Sound] = {"l": "ㄹ", "r": "ㄹ", "m": "consonant", "n": "consonant"}
"""The letters whose names do not end with a vowel."""
_DIGITS: dict[str, Sound] = {
    **dict.fromkeys("036", "consonant"),
    **dict.fromkeys("178", "ㄹ"),
    **dict.fromkeys("2459", "vowel"),
}
# English words that keep their last consonant in Korean: ring, name, map, target, app, hook, metric, rollout.
_KEEPS_CONSONANT = re.compile(
    r"[mn]$|ng$|[aeiouy][mn]e$"
    r"|(?:^|[^aeiouy])[aeiouy](?:[bckpt]|ck|pp|tt)$"
    r"|ook$|out$"
)


class Filled(str):
    """A text that is filled in, which takes its particle with it: ``f"{Filled('API'):은는}"`` is ``API는``."""

    __slots__ = ()

    def __format__(self, particle: str) -> str:
        """The text, and the particle in its right form. Raises ValueError for one that is not in the table."""
        if not particle:
            return str(self)
        if particle not in PARTICLES:
            raise ValueError(f"{particle!r} is no particle")
        return f"{self}{_form(particle, last_sound(self))}"


def last_sound(text: str) -> Sound:
    """How a text ends when a Korean reads it aloud; English words by how they are borrowed, ``(…)`` is not read."""
    read = _IN_BRACKETS_AT_THE_END.sub("", text[-_LONGEST_WORD:])
    found = _LAST_WORD.search(read)
    if not found:
        return "unknown"
    word = found[1]
    if word == "%":
        return "vowel"
    if word.isdigit():
        return _DIGITS[word]
    if "가" <= word <= "힣":
        return _of_syllable(word)
    return _of_letters(word)


def _form(particle: str, sound: Sound) -> str:
    after_consonant, after_vowel, unknown = PARTICLES[particle]
    if sound == "unknown":
        return unknown
    if sound == "ㄹ":
        return after_vowel if particle == "으로로" else after_consonant
    return after_consonant if sound == "consonant" else after_vowel


def _of_syllable(syllable: str) -> Sound:
    final = (ord(syllable) - ord("가")) % 28
    return "vowel" if final == 0 else "ㄹ" if final == 8 else "consonant"


def _of_letters(word: str) -> Sound:
    """An abbreviation ends with the name of its last letter, a word with its last sound."""
    if word.isupper() or len(word) <= 2:
        return _LETTERS.get(word[-1].lower(), "vowel")
    word = word.lower()
    if word.endswith(("l", "le")):
        return "ㄹ"
    return "consonant" if _KEEPS_CONSONANT.search(word) else "vowel"
