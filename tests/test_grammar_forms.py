"""The forms of Hindi words in the course corpus: nouns, verbs and what agrees with them."""

import pytest

from data.grammar import forms
from data.grammar.lexicon import lexicon
from data.grammar.meaning import YOU, YOU_FRIEND, Agreement

NOUNS = {noun.english: noun for noun in reversed(lexicon().nouns)}
HIM, HER, HIMSELF = Agreement(), Agreement(feminine=True), Agreement("मैं")
THEM, WOMEN = Agreement(plural=True), Agreement(plural=True, feminine=True)
A_FRIEND = Agreement("तुम", plural=True)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("boy", "लड़का लड़के लड़के लड़कों"),
        ("king", "राजा राजा राजा राजाओं"),
        ("man", "आदमी आदमी आदमी आदमियों"),
        ("brother", "भाई भाई भाई भाइयों"),
        ("knife", "चाकू चाकू चाकू चाकुओं"),
        ("radio", "रेडियो रेडियो रेडियो रेडियो"),
        ("house", "घर घर घर घरों"),
        ("book", "किताब किताब किताबें किताबों"),
        ("girl", "लड़की लड़की लड़कियाँ लड़कियों"),
        ("bird", "चिड़िया चिड़िया चिड़ियाँ चिड़ियों"),
        ("poem", "कविता कविता कविताएँ कविताओं"),
        ("sweet", "मिठाई मिठाई मिठाइयाँ मिठाइयों"),
        ("money", "पैसे पैसों पैसे पैसों"),
    ],
)
def test_a_noun_declines_by_gender_and_last_letter(name, expected):
    declined = [
        forms.decline(NOUNS[name], plural, oblique)
        for plural in (False, True)
        for oblique in (False, True)
    ]
    assert declined == expected.split()


@pytest.mark.parametrize("name", ["father", "mother", "grandmother", "husband"])
def test_who_is_respected_keeps_one_form(name):
    person = NOUNS[name]
    assert {forms.decline(person, p, o) for p in (0, 1) for o in (0, 1)} == {person.hindi}


@pytest.mark.parametrize(
    ("stem", "expected"),  # he, they, she, the women
    [
        ("कर", "किया किए की कीं"),
        ("ले", "लिया लिए ली लीं"),
        ("दे", "दिया दिए दी दीं"),
        ("पी", "पिया पिए पी पीं"),
        ("जा", "गया गए गई गईं"),
        ("हो", "हुआ हुए हुई हुईं"),
        ("खा", "खाया खाए खाई खाईं"),
        ("सो", "सोया सोए सोई सोईं"),
        ("बैठ", "बैठा बैठे बैठी बैठीं"),
    ],
)
def test_a_perfective_shows_gender_and_number(stem, expected):
    assert [forms.perfective(stem, with_) for with_ in (HIM, THEM, HER, WOMEN)] == expected.split()


def test_the_perfective_of_two_verbs_is_that_of_the_second():
    assert forms.perfective("सो जा", HIM) == "सो गया"
    assert forms.perfective("पी ले", WOMEN) == "पी लीं"


def test_before_an_auxiliary_the_feminine_plural_has_no_dot():
    assert forms.participle("खा", WOMEN) == "खाई"


@pytest.mark.parametrize(
    ("stem", "with_", "form"),
    [
        ("कर", HIMSELF, "करूँगा"), ("कर", HIM, "करेगा"), ("कर", A_FRIEND, "करोगे"),
        ("जा", HER, "जाएगी"), ("जा", HIMSELF, "जाऊँगा"), ("सो", THEM, "सोएँगे"),
        ("पी", THEM, "पिएँगे"), ("पी", HIMSELF, "पिऊँगा"), ("छू", HIM, "छुएगा"),
        ("ले", THEM, "लेंगे"), ("ले", HIM, "लेगा"), ("दे", HIMSELF, "दूँगा"), ("दे", HER, "देगी"),
        ("हो", HIM, "होगा"), ("हो", HER, "होगी"), ("हो", THEM, "होंगे"), ("हो", WOMEN, "होंगी"),
        ("हो", A_FRIEND, "होगे"), ("हो", HIMSELF, "होऊँगा"),
    ],
)  # fmt: skip
def test_a_future_shows_person_number_and_gender(stem, with_, form):
    assert forms.future(stem, with_) == form


@pytest.mark.parametrize(
    ("stem", "expected"),  # to a friend, to a stranger
    [
        ("कर", "करो कीजिए"), ("ले", "लो लीजिए"), ("दे", "दो दीजिए"),
        ("पी", "पियो पीजिए"), ("जा", "जाओ जाइए"), ("बैठ", "बैठो बैठिए"),
    ],
)  # fmt: skip
def test_a_command_is_as_polite_as_its_pronoun(stem, expected):
    people = (YOU_FRIEND, YOU)
    assert [forms.imperative(stem, who.agreement) for who in people] == expected.split()


@pytest.mark.parametrize(
    ("stem", "form"), [("चल", "चलें"), ("जा", "जाएँ"), ("पी", "पिएँ"), ("ले", "लें"), ("दे", "दें")]
)
def test_let_us_has_a_form_of_its_own(stem, form):
    assert forms.subjunctive(stem) == form


@pytest.mark.parametrize(
    ("stem", "with_", "form"),
    [
        ("कर", HIM, "करे"), ("जा", THEM, "जाएँ"), ("पी", HIMSELF, "पिऊँ"), ("ले", HIM, "ले"),
        ("हो", HIM, "हो"), ("हो", THEM, "हों"), ("कर", A_FRIEND, "करो"), ("दे", HIMSELF, "दूँ"),
    ],
)  # fmt: skip
def test_a_wish_is_the_future_without_its_ending(stem, with_, form):
    assert forms.wish(stem, with_) == form


@pytest.mark.parametrize(
    ("words", "expected"),  # him, him oblique, them, her
    [
        ("थका हुआ", ["थका हुआ", "थके हुए", "थके हुए", "थकी हुई"]),
        ("नया", ["नया", "नए", "नए", "नई"]),
        ("का", ["का", "के", "के", "की"]),
        ("कौन सा", ["कौन सा", "कौन से", "कौन से", "कौन सी"]),
        ("लाल", ["लाल"] * 4),
    ],
)
def test_what_ends_in_a_bends_and_nothing_else_does(words, expected):
    bent = [forms.agree(words, HIM), forms.agree(words, HIM, oblique=True)]
    assert [*bent, forms.agree(words, THEM), forms.agree(words, HER)] == expected
