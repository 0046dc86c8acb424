"""From Devanagari to the sounds of Hindi: which letters are spoken, and which vowels are not.

Devanagari writes a consonant with an *a* in it unless a sign says otherwise, and Hindi leaves many
of these out: करना is spoken *karnā*. The rule is that of Ohala (1983): read from the end of the
word, an *a* falls where a vowel and one consonant stand before it and one consonant and a vowel
after it.
"""

import unicodedata
from typing import NamedTuple

CONSONANTS = {
    "क": "k", "ख": "kʰ", "ग": "g", "घ": "gʱ", "ङ": "ŋ",
    "च": "tʃ", "छ": "tʃʰ", "ज": "dʒ", "झ": "dʒʱ", "ञ": "n",
    "ट": "ʈ", "ठ": "ʈʰ", "ड": "ɖ", "ढ": "ɖʱ", "ण": "n",
    "त": "t", "थ": "tʰ", "द": "d", "ध": "dʱ", "न": "n",
    "प": "p", "फ": "pʰ", "ब": "b", "भ": "bʱ", "म": "m",
    "य": "j", "र": "r", "ल": "l", "व": "ʋ",
    "श": "ʃ", "ष": "ʃ", "स": "s", "ह": "h",
    "ज़": "z", "फ़": "f", "ड़": "ɽ", "ढ़": "ɽʱ",
}  # fmt: skip
VOWELS = {
    "अ": "ə", "आ": "aː", "इ": "ɪ", "ई": "iː", "उ": "ʊ", "ऊ": "uː",
    "ए": "eː", "ऐ": "ɛː", "ओ": "oː", "औ": "ɔː", "ऑ": "ɔː",
}  # fmt: skip
SIGNS = {
    "ा": "aː", "ि": "ɪ", "ी": "iː", "ु": "ʊ", "ू": "uː",
    "े": "eː", "ै": "ɛː", "ो": "oː", "ौ": "ɔː", "ॉ": "ɔː",
}  # fmt: skip
SCHWA, NASAL, VIRAMA, NUKTA, VOCALIC_R = "ə", "\u0303", "्", "़", "ृ"
LIPS = ("p", "pʰ", "b", "bʱ", "m")
BACK = ("k", "kʰ", "g", "gʱ")
# Beginnings of words whose parts are spoken as if they stood alone: the rule does not look across.
PARTS = {
    "अजनब": "अज नब", "उपहार": "उप हार", "खटखट": "खट खट", "खींचकर": "खींच कर", "चहचह": "चह चह",
    "जन्मदिन": "जन्म दिन", "जानवर": "जान वर", "फेंककर": "फेंक कर", "बदतमी": "बद तमी",
    "मशहूर": "मश हूर", "लोकप्रिय": "लोक प्रिय",
}  # fmt: skip
# Words in which no *a* falls but one at the end: most are learned words, spoken with care.
CAREFUL = {"अध्यापकों", "गायकों", "नियमों", "पुस्तकालयों", "लेखकों", "वाराणसी"}


class Sound(NamedTuple):
    """A consonant or a vowel, as it is spoken.

    Attributes:
        ipa: in the letters of the International Phonetic Association.
        vowel: whether it is a vowel.
        nasal: whether it is a vowel through the nose, as in हाँ.
    """

    ipa: str
    vowel: bool = False
    nasal: bool = False

    def __str__(self) -> str:
        """Return the letters in NFC; ~ above a vowel says that it is nasal."""
        return with_tilde(self.ipa) if self.nasal else self.ipa


def with_tilde(vowel: str) -> str:
    """Return a vowel as it is written where it is nasal, in NFC."""
    return unicodedata.normalize("NFC", vowel[0] + NASAL + vowel[1:])


def sounds(word: str) -> list[Sound]:
    """Return the sounds of a Hindi word.

    Args:
        word: in Devanagari, in NFC, without a hyphen.

    Raises:
        KeyError: it has a letter that is not in the tables.
    """
    if word in CAREFUL:
        return _written(word)
    for whole, parts in PARTS.items():
        if word.startswith(whole):
            word = word.replace(whole, parts)
    return [sound for part in word.split() for sound in _without_silent(_written(part))]


def _written(word: str) -> list[Sound]:
    """Return what the letters say, with a vowel in each consonant that has no other."""
    letters = [*word.replace("ज्ञ", "ग्य")]
    found, place = [], 0
    while place < len(letters):
        letter = letters[place]
        after = letters[place + 1] if place + 1 < len(letters) else ""
        if after == NUKTA:
            letter, place = letter + NUKTA, place + 1
            after = letters[place + 1] if place + 1 < len(letters) else ""
        if letter in CONSONANTS:
            found.append(Sound(CONSONANTS[letter]))
            if after in SIGNS:
                found.append(Sound(SIGNS[after], vowel=True))
            elif after == VOCALIC_R:
                found += [Sound("r"), Sound("ɪ", vowel=True)]
            elif after != VIRAMA:
                found.append(Sound(SCHWA, vowel=True))
                place -= 1
            place += 1
        elif letter in VOWELS:
            found.append(Sound(VOWELS[letter], vowel=True))
        elif letter == "ं" and after in CONSONANTS:
            found.append(Sound(_nasal_before(CONSONANTS[after])))
        elif letter in "ंँ":
            found[-1] = found[-1]._replace(nasal=True)
        else:
            raise KeyError(letter)
        place += 1
    return found


def _nasal_before(consonant: str) -> str:
    return "m" if consonant in LIPS else "ŋ" if consonant in BACK else "n"


def _without_silent(found: list[Sound]) -> list[Sound]:
    """Leave out each *a* that is not spoken, from the end of the word on."""
    kept = [*found]
    if _falls_at_the_end(kept):
        kept.pop()
    for place in range(len(kept) - 3, 1, -1):
        before, middle, after = kept[place - 2 : place], kept[place], kept[place + 1 : place + 3]
        if (
            middle == Sound(SCHWA, vowel=True)
            and [sound.vowel for sound in (*before, *after)] == [True, False, False, True]
            and after[0].ipa != "h"
        ):
            del kept[place]
    return kept


def _falls_at_the_end(found: list[Sound]) -> bool:
    """Tell whether the *a* at the end is silent: not after मित्र's tr, not in प्रिय, not in न."""
    if found[-1] != Sound(SCHWA, vowel=True) or sum(sound.vowel for sound in found) < 2:
        return False
    *_, before, last, _ = found
    if last.ipa == "j" and before.ipa in ("ɪ", "iː"):
        return False
    return before.vowel or last.ipa not in ("j", "r", "ʋ")
