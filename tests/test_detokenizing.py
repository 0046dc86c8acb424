"""What comes back from words: the spaces that people write, in Hindi and in English."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parallel_text import SHARED, needs_shared
from sacrebleu.metrics import CHRF

from s2s_keras.text import WordTokenizer, join_words, normalise, words

ROOT = Path(__file__).resolve().parents[1]

FORMS = {
    "times": [
        "ट्रेन 5:30 बजे आती है।",
        "सुबह १०:४५ से 11:00-11:30 तक",
        "The train leaves at 5:30 p.m. and arrives at 10:05.",
        "उन्होंने कहा: 30 लोग आए।",
        "Open: 9:00 to 17:00.",
    ],
    "numbers": [
        "आधा यानी 1/2 कप दूध।",
        "It is 3.5 km, or 10,000 steps, in 12-15 minutes.",
        "1,200.50 रुपये (20%), 192.168.0.1",
        "सिर्फ़ 5% लोग आए।",
        "तापमान 30°C था, कल +35°C।",
        "It was 86°F, +30 in the sun.",
        "-5 पर (-6 पर) बर्फ़",
        "2 + 3 = 5, x + 3 = 5, 7 - 2 = 5",
        "पन्ने 10–60 और 2019-20 में",
        "#1, ~500",
    ],
    "currencies": [
        "कीमत ₹500 है, ₹1,00,000 नहीं।",
        "It costs $5, €7.50 or £3.",
        "यह 5€ में मिलता है, रु. 500 में भी।",
    ],
    "addresses": [
        "वेबसाइट www.a.in पर देखें।",
        "वेबसाइट www.a.in।",
        "google.in पर और example.com पर",
        "See http://www.a.in/b/c?d=e&f=1 for more.",
        "See https://a.com:80/b-c_d/, or www.a.in. The rest is here.",
        "https://hi.wikipedia.org/wiki/भारत देखें।",
        "मुझे a.b@c.co.in पर लिखें।",
        "Write to a@b.in, please.",
        "@name और #हिंदी, snake_case",
    ],
    "slashes": ["राम और/या श्याम", "70 किमी/घंटा", "his/her book", "05/11/2020"],
    "dashes": [
        "माता-पिता आए - और गए।",
        "4-month-old mice",
        "The government — with help — won.",
        "वह बोला - हाँ -- नहीं।",
        "लिखा है:- पढ़ो।",
    ],
    "dots": [
        "इंतज़ार करो... फिर आना।",
        "...और वह चला गया...",
        "“...और” रुको… अरे!! क्या?! सच???",
        "She waits... and comes.",
    ],
    "abbreviations": [
        "डॉ. राम और प्रो. श्याम आए।",
        "Mr. Smith met Dr. Ur in Washington, D.C. today.",
        "The U.S. President, e.g. him, i.e. this one, at 5 p.m. in Delhi.",
        "J.K. Rowling, Ph.D.",
        "यू.एस. की टी.वी. कंपनी 5 कि.मी. दूर है।",
        "(सी॰ई॰आर॰एन) का फोन न॰ और डॉ॰ राम",
    ],
    "brackets": ["वह [वेल्स] {है} (अच्छा)।", "a (b) [c]; d: e."],
    "straight quotation marks": [
        'उसने कहा, "नमस्ते" और चला गया।',
        '"नमस्ते!" "आप कौन हैं?"',
        'हमने कहा "हाँ"।',
        'मैंने "रामायण", "महाभारत" और \'गीता\' पढ़ी।',
        "यह 'काला बक्सा' है।",
        '"We now have mice," he added.',
        "He said, \"Mike says 'yes' to it.\"",
        "\"'Yes,' said Mike,\" he told us.",
        "(\"A (b) 'c' [d].\")",
        "It was the 'Clean Air Act' again.",
    ],
    "quotations that begin or end in another sentence": [
        'मैं ठीक हूँ।"',
        'उसने कहा, "मैं ठीक हूँ।',
        '"मैं हूँ," उसने कहा, "यहाँ।',
        "मैं ठीक हूँ,” उसने कहा। “आप कैसे हैं?",
        "It works.” “My mind is bigger, Totaram.",
    ],
    "quotation marks that show their side": [
        "“नमस्ते,” उसने कहा, “आप कैसे हैं?”",
        "“नमस्ते“ और ”नमस्ते“",
        "“पूरे एक साल से!“ “हाँ।“",
        "“जब तक “निजी भागीदारी” और “सतत संबंध” की पहचान हुई.",
        "उसने «नमस्ते» और ‘हाँ’ कहा।",
        "‘Not now, not now', they say.",
    ],
    "apostrophes": [
        "I don't know the table's end.",
        "The prisoners' demands and the conservatives' plans.",
        "The feathers' structure, the students’ books.",
        "He is 5'9\" or 6' tall, with a 17\" screen.",
    ],
}


@pytest.mark.parametrize(
    "sentence", [sentence for sentences in FORMS.values() for sentence in sentences]
)
def test_a_sentence_comes_back_from_its_words_as_people_write_it(sentence):
    assert join_words(words(normalise(sentence))) == normalise(sentence)


@pytest.mark.parametrize(
    ("spaced", "usual"),
    [
        ("मैं अकेला हूँ ।", "मैं अकेला हूँ।"),
        ("“ बंटी, आओ ,” राजा ने कहा", "“बंटी, आओ,” राजा ने कहा"),
        ("है... और", "है... और"),
        ("है...और", "है... और"),
        ("10: 00 बजे", "10:00 बजे"),
        ("5 %", "5%"),
        ("US–China", "US – China"),
    ],
)
def test_of_two_spellings_the_usual_one_comes_back(spaced, usual):
    assert join_words(words(spaced)) == usual


def test_nothing_is_joined_to_nothing():
    assert join_words([]) == join_words([""]) == ""
    assert join_words(["।"]) == "।"
    assert join_words(word for word in ("में", "।")) == "में।"


MARKS = [*"ab5A१कि।.,:;/\\-–—'\"“”‘’«»$₹%°C@#_+~&?=…॥॰()[]{}|*  \u200d़\u0301"]
marks_and_words = st.lists(st.sampled_from([*MARKS, "www", "http", "com", "यू", " . "])).map("".join)


@given(text=marks_and_words | st.text(max_size=40))
@settings(max_examples=500, deadline=None)
def test_joined_words_are_the_same_words_and_are_joined_the_same_again(text):
    pieces = words(normalise(text))
    joined = join_words(pieces)
    assert joined.replace(" ", "") == "".join(pieces)
    assert words(joined) == pieces
    assert join_words(words(normalise(joined))) == joined


@given(text=marks_and_words, data=st.data())
@settings(deadline=None)
def test_whatever_words_a_model_says_become_one_normalised_line(text, data):
    tokens = WordTokenizer().fit([text])
    ids = data.draw(st.lists(st.integers(0, tokens.vocabulary_size - 1), max_size=30))
    assert normalise(said := tokens.decode(ids)) == said


# The oracle: a translator that knows every word of the references, and loses only their spaces


def oracle(references: list[str]) -> tuple[float, float]:
    """The chrF that counts spaces, which sacreBLEU's own does not, and the share of exact ones."""
    tokens = WordTokenizer(vocabulary_size=1_000_000).fit(references)
    back = [tokens.decode(ids) for ids in tokens.encode_all(references)]
    assert CHRF().corpus_score(back, [references]).score == pytest.approx(100)
    exact = sum(map(str.__eq__, back, references)) / len(references)
    return CHRF(whitespace=True).corpus_score(back, [references]).score, exact


def column(path: Path, index: int) -> list[str]:
    """The normalised texts of a column of a table, or of the only one."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [text for row in rows if (text := normalise(row[index]))]


@needs_shared
@pytest.mark.parametrize(
    ("name", "index", "least_chrf", "least_exact"),
    [
        ("flores101_devtest/hin.devtest", 0, 99.8, 0.96),
        ("flores101_devtest/eng.devtest", 0, 99.9, 0.98),
        ("pratham/pratham.en-hi.tsv", 1, 99.8, 0.98),
        # Some of these stories have ”quotations“ so, and spaces before the danda.
        ("pratham/pratham.en-hi.tsv", 2, 99.4, 0.915),
        ("tatoeba/hin.txt", 0, 100, 1),
        ("tatoeba/hin.txt", 1, 99.9, 0.985),
    ],
)
def test_real_sentences_come_back(name, index, least_chrf, least_exact):
    chrf, exact = oracle(column(SHARED / name, index))
    assert chrf >= least_chrf
    assert exact >= least_exact


@pytest.mark.parametrize("index", [0, 1])
def test_every_sentence_of_the_course_comes_back_exactly(index):
    files = [*(ROOT / "data/course").glob("*.tsv"), ROOT / "data/phrasebook.tsv"]
    assert len(files) > 3
    for text in {text for path in files for text in column(path, index)}:
        assert join_words(words(text)) == text
