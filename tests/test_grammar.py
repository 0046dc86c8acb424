"""The grammar of the course corpus: a meaning said in Hindi and in English."""

from dataclasses import replace

import pytest

from data.grammar import english, hindi, meaning
from data.grammar.lexicon import Adjective, Noun, State, Verb, lexicon
from data.grammar.meaning import Adverbial, Being, Clause, Phrase

WORDS = lexicon()


def noun(name: str) -> Noun:
    return next(noun for noun in WORDS.nouns if noun.english == name)


def verb(name: str) -> Verb:
    return next(v for v in (*WORDS.ditransitives, *WORDS.verbs) if v.english == name)


def adjective(name: str) -> Adjective:
    return next(adjective for adjective in WORDS.adjectives if adjective.english == name)


def state(name: str) -> State:
    return next(state for state in WORDS.states if state.english == name)


def the(name: str, plural: bool = False, *adjectives: str, **others) -> Phrase:
    others = {"determiner": "" if "owner" in others else "the"} | others
    return Phrase(noun(name), plural, adjectives=tuple(map(adjective, adjectives)), **others)


def my(name: str, plural: bool = False) -> Phrase:
    return the(name, plural, owner=ME)


RAVI, SITA = (
    Phrase(next(name for name in WORDS.names if name.english == called))
    for called in ("Ravi", "Sita")
)
ME, HE, SHE, WE, YOU, THEY = map(
    Phrase, (meaning.I, meaning.HE, meaning.SHE, meaning.WE, meaning.YOU, meaning.THEY)
)
WHO, WHAT, FRIEND = map(Phrase, (meaning.WHO, meaning.WHAT, meaning.YOU_FRIEND))
NOT, ASKED = {"negative": True}, {"question": "yes-no"}


# Hindi: clauses


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        # ने, and agreement with the object
        (Clause(RAVI, verb("eat"), "past", the("bread")), "रवि ने रोटी खा ली"),
        (Clause(SITA, verb("eat"), "past", the("mango")), "सीता ने आम खा लिया"),
        (Clause(ME, verb("read"), "past perfect", the("book", True)), "मैंने किताबें पढ़ी थीं"),
        (Clause(SITA, verb("eat"), "progressive", the("mango")), "सीता आम खा रही है"),
        (Clause(SITA, verb("sleep"), "past"), "सीता सो गई"),
        (Clause(SITA, verb("bring"), "past", the("mango")), "सीता आम लाई"),
        (Clause(RAVI, verb("sell"), "future", the("car")), "रवि गाड़ी बेचेगा"),
        # को, and no agreement with it
        (Clause(SITA, verb("call"), "past", my("sister")), "सीता ने मेरी बहन को बुला लिया"),
        (Clause(SITA, verb("see"), "past", the("cow")), "सीता ने गाय को देखा"),
        (Clause(SITA, verb("see"), "past", the("cow", determiner="a")), "सीता ने एक गाय देखी"),
        (Clause(RAVI, verb("wake"), "perfect", SHE), "रवि उसे जगा चुका है"),
        # the noun of a compound, and its owner
        (Clause(RAVI, verb("help"), "past", SITA), "रवि ने सीता की मदद की"),
        (Clause(SITA, verb("wait for"), "past", ME), "सीता ने मेरा इंतज़ार किया"),
        (Clause(HE, verb("phone"), "past", my("mother")), "उसने मेरी माँ को फ़ोन किया"),
        # what one gives and to whom
        (Clause(RAVI, verb("give"), "past", the("pen"), ME), "रवि ने मुझे कलम दी"),
        # subjects with को
        (Clause(ME, verb("go"), "have to"), "मुझे जाना है"),
        (Clause(ME, verb("read"), "should", the("book")), "मुझे किताब पढ़नी चाहिए"),
        (Clause(RAVI, verb("buy"), "had to", the("book", True)), "रवि को किताबें खरीदनी पड़ीं"),
        (Clause(WE, verb("work"), "will have to"), "हमें काम करना पड़ेगा"),
        (Clause(SITA, verb("drive"), "know how to", the("car")), "सीता को गाड़ी चलानी आती है"),
        (Clause(SITA, verb("sing"), "like to", the("song", True)), "सीता को गाने गाना पसंद है"),
        # what is not so
        (Clause(SITA, verb("eat"), "habitual", the("egg", True), **NOT), "सीता अंडे नहीं खाती"),
        (Clause(THEY, verb("sleep"), "habitual", **NOT), "वे नहीं सोते"),
        (Clause(my("sister", True), verb("run"), "habitual", **NOT), "मेरी बहनें नहीं दौड़तीं"),
        (Clause(RAVI, verb("sleep"), "progressive", **NOT), "रवि नहीं सो रहा है"),
        (Clause(RAVI, verb("sleep"), "past", **NOT), "रवि नहीं सोया"),
        (Clause(ME, verb("sleep"), "want to", **NOT), "मैं सोना नहीं चाहता"),
        (Clause(ME, verb("sleep"), "could", **NOT), "मैं सो नहीं पाया"),
        (Clause(ME, verb("clean"), "past", the("room"), **NOT), "मैंने कमरा साफ़ नहीं किया"),
        (Clause(FRIEND, verb("run"), "imperative", **NOT), "मत दौड़ो"),
        # the respected are many
        (Clause(my("father"), verb("go"), "past"), "मेरे पिता जी गए"),
        (Clause(my("mother"), verb("go"), "past"), "मेरी माँ गईं"),
        (Clause(my("mother"), verb("sleep"), "progressive"), "मेरी माँ सो रही हैं"),
        (Clause(the("doctor"), verb("work"), "habitual"), "डॉक्टर काम करते हैं"),
        # states: who sits is seated, who wears has put on
        (Clause(SITA, verb("sit"), "progressive"), "सीता बैठी हुई है"),
        (Clause(THEY, verb("sit"), "past progressive"), "वे बैठे हुए थे"),
        (Clause(SITA, verb("wear"), "progressive", the("cap")), "सीता टोपी पहने हुए है"),
        # two subjects
        (Clause(replace(SITA, also=(RAVI,)), verb("go"), "past"), "सीता और रवि गए"),
    ],
)  # fmt: skip
def test_a_clause_in_hindi(clause, said):
    assert hindi.clause(clause) == said


@pytest.mark.parametrize(
    ("subject", "owner", "said"),
    [
        (ME, ME, "मैं अपनी किताब पढ़ूँगा"),
        (RAVI, HE, "रवि अपनी किताब पढ़ेगा"),
        (SITA, SHE, "सीता अपनी किताब पढ़ेगी"),
        (the("girl", True), THEY, "लड़कियाँ अपनी किताब पढ़ेंगी"),
        (SITA, HE, "सीता उसकी किताब पढ़ेगी"),
        (RAVI, ME, "रवि मेरी किताब पढ़ेगा"),
        (ME, RAVI, "मैं रवि की किताब पढ़ूँगा"),
        (THEY, WE, "वे हमारी किताब पढ़ेंगे"),
    ],
)
def test_apna_is_the_subject_s_own_and_nobody_else_s(subject, owner, said):
    book = the("book", owner=owner)
    assert hindi.clause(Clause(subject, verb("read"), "future", book)) == said


def test_an_owner_bends_with_what_is_owned_and_its_case():
    my_son = the("son", owner=the("king"))
    assert hindi.phrase(my_son) == "राजा का बेटा"
    assert hindi.marked(my_son, "ko") == "राजा के बेटे को"
    assert hindi.marked(ME, "ke saath") == "मेरे साथ"


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        (Clause(RAVI, verb("sleep"), "progressive", **ASKED), "क्या रवि सो रहा है"),
        (Clause(RAVI, verb("read"), "past", the("book"), question="why"), "रवि ने किताब क्यों पढ़ी"),
        (Clause(HE, verb("clean"), "past", the("room"), question="when"), "उसने कमरा कब साफ़ किया"),
        (Clause(YOU, verb("help"), "past", RAVI, question="why"), "आपने रवि की मदद क्यों की"),
        (Clause(RAVI, verb("sleep"), "past", question="why", **NOT), "रवि क्यों नहीं सोया"),
        (Clause(YOU, verb("eat"), "progressive", WHAT), "आप क्या खा रहे हैं"),
        (Clause(WHO, verb("read"), "past", the("book")), "किताब किसने पढ़ी"),
        (Clause(WHO, verb("sing"), "habitual", the("song")), "गाना कौन गाता है"),
        (Clause(YOU, verb("read"), "past", the("book", True, determiner="how many")),
         "आपने कितनी किताबें पढ़ीं"),
        (Clause(YOU, verb("read"), "past", the("book", determiner="which")),
         "आपने कौन सी किताब पढ़ी"),
    ],
)  # fmt: skip
def test_a_question_word_stands_before_the_verb_and_who_after_the_object(clause, said):
    assert hindi.clause(clause) == said


def test_days_ago_are_told_in_the_past_perfect():
    ago = Adverbial("two days ago", "दो दिन पहले", "time")
    yesterday = Adverbial("yesterday", "कल", "time")
    bought = Clause(RAVI, verb("buy"), "past", the("book"), adverbials=(ago,))
    assert hindi.clause(bought) == "रवि ने दो दिन पहले किताब खरीदी थी"
    assert hindi.clause(replace(bought, adverbials=(yesterday,))) == "रवि ने कल किताब खरीद ली"


def test_when_comes_before_where_and_both_before_the_object():
    where = Adverbial("at home", "घर पर", "place")
    when = Adverbial("tonight", "आज रात", "time")
    reading = Clause(ME, verb("read"), "future", the("book"), adverbials=(where, when))
    assert hindi.clause(reading) == "मैं आज रात घर पर किताब पढ़ूँगा"
    assert english.clause(reading) == "I will read the book at home tonight"


# English


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        (Clause(RAVI, verb("read"), "habitual", the("book")), "Ravi reads the book"),
        (Clause(THEY, verb("read"), "habitual", the("book")), "they read the book"),
        (Clause(RAVI, verb("read"), "habitual", **NOT), "Ravi does not read"),
        (Clause(RAVI, verb("sleep"), "habitual", **NOT, contracted=True), "Ravi doesn't sleep"),
        (Clause(RAVI, verb("sleep"), "past", **NOT), "Ravi did not sleep"),
        (Clause(RAVI, verb("sleep"), "past", **NOT, contracted=True), "Ravi didn't sleep"),
        (Clause(RAVI, verb("sleep"), "future", **NOT, contracted=True), "Ravi won't sleep"),
        (Clause(RAVI, verb("sleep"), "can", **NOT, contracted=True), "Ravi can't sleep"),
        (Clause(RAVI, verb("sleep"), "can", **NOT), "Ravi cannot sleep"),
        (Clause(ME, verb("sleep"), "progressive", **NOT, contracted=True), "I am not sleeping"),
        (Clause(ME, verb("sleep"), "past progressive"), "I was sleeping"),
        (Clause(WE, verb("sleep"), "past progressive"), "we were sleeping"),
        (Clause(RAVI, verb("go"), "have to"), "Ravi has to go"),
        (Clause(RAVI, verb("go"), "want to", **NOT), "Ravi does not want to go"),
        (Clause(RAVI, verb("go"), "past habitual"), "Ravi used to go"),
        (Clause(RAVI, verb("go"), "perfect"), "Ravi has already gone"),
        (Clause(RAVI, verb("go"), "habitual", **ASKED), "does Ravi go"),
        (Clause(RAVI, verb("go"), "past", **ASKED), "did Ravi go"),
        (Clause(YOU, verb("go"), "progressive", **ASKED), "are you going"),
        (Clause(RAVI, verb("go"), "past", question="why", **NOT), "why didn't Ravi go"),
        (Clause(YOU, verb("eat"), "past", WHAT), "what did you eat"),
        (Clause(YOU, verb("eat"), "past", the("egg", True, determiner="how many")),
         "how many eggs did you eat"),
        (Clause(WHO, verb("eat"), "past", the("egg")), "who ate the egg"),
        (Clause(WHO, verb("eat"), "habitual", the("egg", True)), "who eats the eggs"),
        (Clause(ME, verb("see"), "past", HE), "I saw him"),
        (Clause(ME, verb("give"), "past", the("pen"), HE), "I gave him the pen"),
        (Clause(ME, verb("give"), "past", the("pen"), my("son")), "I gave the pen to my son"),
        (Clause(FRIEND, verb("go"), "imperative", **NOT), "don't go"),
        (Clause(WE, verb("go"), "let us", **NOT), "let's not go"),
        (Clause(replace(SITA, also=(RAVI,)), verb("go"), "habitual"), "Sita and Ravi go"),
    ],
)  # fmt: skip
def test_a_clause_in_english(clause, said):
    assert english.clause(clause) == said


@pytest.mark.parametrize(
    ("base", "third"),
    [("go", "goes"), ("wash", "washes"), ("teach", "teaches"), ("cry", "cries"), ("play", "plays"),
     ("wait for", "waits for"), ("get up", "gets up")],
)  # fmt: skip
def test_the_third_person_of_a_verb(base, third):
    assert english.third(base) == third


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        (the("apple", determiner="a"), "an apple"),
        (the("book", determiner="a"), "a book"),
        (the("book", False, "old", determiner="a"), "an old book"),
        (the("apple", False, "red", determiner="a"), "a red apple"),
        (the("knife", True, determiner="this"), "these knives"),
        (the("knife", True, determiner="two"), "two knives"),
        (the("book", owner=RAVI), "Ravi's book"),
        (the("book", owner=SHE), "her book"),
        (the("book", owner=the("boy", True)), "the boys' book"),
        (the("book", owner=the("child", True)), "the children's book"),
        (the("book", owner=my("friend")), "my friend's book"),
    ],
)
def test_a_noun_phrase_in_english(phrase, said):
    assert english.phrase(phrase) == said


# Being, in both languages


@pytest.mark.parametrize(
    ("being", "in_english", "in_hindi"),
    [
        (Being(the("river"), adjective("deep")), "the river is deep", "नदी गहरी है"),
        (Being(my("father"), adjective("tall"), "past"), "my father was tall", "मेरे पिता जी लंबे थे"),
        (Being(SHE, adjective("clever"), **NOT), "she is not clever", "वह होशियार नहीं है"),
        (Being(HE, adjective("rich"), **ASKED), "is he rich", "क्या वह अमीर है"),
        (Being(RAVI, adjective("rich"), degree="more", than=ME),
         "Ravi is richer than me", "रवि मुझसे ज़्यादा अमीर है"),
        (Being(RAVI, the("driver", determiner="a")), "Ravi is a driver", "रवि ड्राइवर है"),
        (Being(ME, state("be hungry")), "I am hungry", "मुझे भूख लगी है"),
        (Being(ME, state("have a fever"), "past"), "I had a fever", "मुझे बुखार था"),
        (Being(SITA, state("be tired")), "Sita is tired", "सीता थकी हुई है"),
    ],
)  # fmt: skip
def test_being_so_in_both_languages(being, in_english, in_hindi):
    assert (english.being(being), hindi.being(being)) == (in_english, in_hindi)
