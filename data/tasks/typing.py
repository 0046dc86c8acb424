"""Hindi words as people type them in Latin letters on a phone, and not as a scholar writes them.

There is no standard: चाहिए is "chahiye" or "chahie", ज़रूर is "zaroor", "jarur" or "zarur". A word is
typed by its sounds, and where there are several habits one of them is drawn.
"""

import random

from .sounds import Sound, sounds

# Each sound with the ways to type it, and how often of ten each is drawn.
CONSONANTS = {
    "k": {"k": 10}, "kʰ": {"kh": 10}, "g": {"g": 10}, "gʱ": {"gh": 10}, "ŋ": {"n": 10},
    "tʃ": {"ch": 10}, "tʃʰ": {"chh": 6, "ch": 4}, "dʒ": {"j": 10}, "dʒʱ": {"jh": 10},
    "ʈ": {"t": 10}, "ʈʰ": {"th": 10}, "ɖ": {"d": 10}, "ɖʱ": {"dh": 10},
    "t": {"t": 10}, "tʰ": {"th": 10}, "d": {"d": 10}, "dʱ": {"dh": 10}, "n": {"n": 10},
    "p": {"p": 10}, "pʰ": {"ph": 6, "f": 4}, "b": {"b": 10}, "bʱ": {"bh": 10}, "m": {"m": 10},
    "j": {"y": 10}, "r": {"r": 10}, "l": {"l": 10}, "ʋ": {"v": 6, "w": 4},
    "ʃ": {"sh": 10}, "s": {"s": 10}, "h": {"h": 10},
    "z": {"z": 6, "j": 4}, "f": {"f": 9, "ph": 1}, "ɽ": {"d": 6, "r": 4}, "ɽʱ": {"dh": 6, "rh": 4},
}  # fmt: skip
VOWELS = {
    "ə": {"a": 10}, "aː": {"aa": 5, "a": 5}, "ɪ": {"i": 10}, "iː": {"ee": 5, "i": 5},
    "ʊ": {"u": 10}, "uː": {"oo": 5, "u": 5}, "eː": {"e": 10}, "ɛː": {"ai": 10},
    "oː": {"o": 10}, "ɔː": {"au": 8, "ou": 2},
}  # fmt: skip
LAST_VOWELS = {"aː": {"a": 9, "aa": 1}, "iː": {"i": 8, "ee": 2}, "uː": {"u": 6, "oo": 4}}
AFTER_VOWELS = {"eː": {"ye": 6, "e": 4}, "iː": {"i": 6, "yi": 4}, "uː": {"u": 8, "oo": 2}}
BEFORE_H = {"a": 6, "e": 4}  # पहला is "pahla" or "pehla"
LAST_NASAL, NASAL = {"n": 7, "": 3}, {"n": 8, "": 2}
DOUBLED, CH_DOUBLED = {2: 6, 1: 4}, {"cch": 5, "ch": 3, "chh": 2}  # अच्छा: "accha", "acha", "achha"
ASPIRATION = "ʰʱ"
# The small words that everybody types, with habits of their own.
HABITS = {
    "है": ["hai", "he"], "हैं": ["hain", "hai"], "में": ["mein", "me"], "मैं": ["main", "mai"],
    "नहीं": ["nahi", "nahin", "nhi"], "यह": ["yah", "yeh", "ye"], "वह": ["vah", "woh", "wo"],
    "बहुत": ["bahut", "bohot", "bahot"], "क्यों": ["kyon", "kyun", "kyu"],
    "हूँ": ["hoon", "hun", "hu"], "और": ["aur", "or"], "गाँव": ["gaon", "gaanv", "ganv"],
    "माँ": ["maa", "ma"], "हाँ": ["haan", "han", "ha"], "मुँह": ["munh", "muh"],
    "छह": ["chhah", "chhe", "che"], "रुपए": ["rupaye", "rupae", "rupye"],
    "जयपुर": ["jaipur", "jaypur"], "दिल्ली": ["dilli", "delhi"], "मुंबई": ["mumbai"],
    "चेन्नई": ["chennai"], "इंतज़ार": ["intezaar", "intezar", "intzar"], "उम्र": ["umr", "umar"],
}  # fmt: skip
# Words from English keep their English spelling on a phone, so no table of sounds can type them.
FROM_ENGLISH = (
    "अक्टूबर", "अगस्त", "अप्रैल", "इंटरनेट", "इंटरव्यू", "ऑफ़िस", "कंप्यूटर", "कप", "कार्ड", "किलो", "केक",
    "कैमर", "कॉ", "कोट", "क्रिकेट", "गिटार", "गिलास", "चार्ज", "जज", "जनवरी", "जुलाई", "जून", "जूस",
    "जेल", "टिकट", "टीम", "टीवी", "टेनिस", "टैक्सी", "टैक्सि", "ट्र", "डिग्री", "डॉक्टर", "ड्राइवर", "दर्जन",
    "दिसंबर", "नंबर", "नर्स", "नवंबर", "नोट", "पर्स", "पार्क", "पार्टि", "पार्टी", "पासवर्ड", "पुलिस", "पेंसिल",
    "प्लेट", "फ़रवरी", "फ़िल्म", "फ़ुटबॉल", "फ़ॉर्म", "फ़ोटो", "फ़ोन", "फ़्रिज", "बसें", "बसों", "बाथरूम",
    "बिल", "बिस्कुट", "बैंक", "बैग", "बॉस", "ब्रश", "मई", "मशीन", "मार्च", "मिनट", "मीटर", "मैच", "मैडम",
    "मैनेजर", "मोबाइल", "रिपोर्ट", "रेडियो", "लखनऊ", "लीटर", "वीडियो", "वोट", "सर", "सिग्नल", "सितंबर",
    "सीट", "सूट", "सूप", "सेकंड", "साइकिल", "स्कूल", "स्टेशन", "स्टॉप", "स्वेटर", "हॉकी", "हेलो", "होटल",
    "होमवर्क",
)  # fmt: skip
NOT_FROM_ENGLISH = ("कपड़", "बिल्", "सरकार", "सरल", "सर्द")  # they only begin like one


def is_from_english(word: str) -> bool:
    """Tell whether a word is typed as in English."""
    if word == "सर" or word.startswith(NOT_FROM_ENGLISH):
        return word == "सर"
    return word.startswith(FROM_ENGLISH)


def typed(word: str, draw: random.Random) -> str:
    """Return one way to type a Hindi word in Latin letters.

    Args:
        word: in Devanagari, in NFC.
        draw: chooses among the habits.

    Raises:
        KeyError: it has a letter that is not in the tables.
    """
    if word in HABITS:
        return draw.choice(HABITS[word])
    spoken, written = sounds(word), ""
    place = 0
    while place < len(spoken):
        sound, after = spoken[place], spoken[place + 1 :][:1]
        if sound.vowel:
            written += _vowel(spoken, place, draw)
        elif "्" in word and after and after[0].ipa.rstrip(ASPIRATION) == sound.ipa:
            written += _doubled(after[0].ipa, draw)
            place += 1
        else:
            written += drawn(CONSONANTS[sound.ipa], draw)
        place += 1
    return written


def drawn(habits: dict, draw: random.Random):
    """Return one of the keys, each as often as its number says."""
    return draw.choices([*habits], [*habits.values()])[0]


def _vowel(spoken: list[Sound], place: int, draw: random.Random) -> str:
    sound, before, after = spoken[place], spoken[:place][-1:], spoken[place + 1 :]
    nasal = ""
    if sound.nasal:
        nasal = drawn(NASAL if after else LAST_NASAL, draw)
    if before and before[0].vowel and sound.ipa in AFTER_VOWELS:
        i_after_u = sound.ipa == "iː" and before[0].ipa in ("ʊ", "uː")  # हुई is "hui"
        return ("i" if i_after_u else drawn(AFTER_VOWELS[sound.ipa], draw)) + nasal
    if sound.ipa == "ə" and after and after[0].ipa == "h" and _is_light(after[1:]):
        return drawn(BEFORE_H, draw) + nasal
    last = not after and not nasal and before
    habits = LAST_VOWELS.get(sound.ipa, VOWELS[sound.ipa]) if last else VOWELS[sound.ipa]
    return drawn(habits, draw) + nasal


def _is_light(after_h: list[Sound]) -> bool:
    """Tell whether *a* or a consonant follows, as in शहर and पहला, and not a vowel as in रहा."""
    return bool(after_h) and (not after_h[0].vowel or after_h[0].ipa == "ə")


def _doubled(second: str, draw: random.Random) -> str:
    if second.startswith("tʃ"):
        return drawn(CH_DOUBLED, draw)
    latin = drawn(CONSONANTS[second], draw)
    return latin[0] * (drawn(DOUBLED, draw) - 1) + latin
