"""The course corpus' Hindi agrees: adjectives with nouns, verbs with subjects and with objects.

It is read back from the sentences by `reading_hindi`, which knows nothing of the grammar.
"""

import pytest
from reading_hindi import (
    numbers_pointed_at,
    objects_and_verbs,
    phrases,
    relative_clauses,
    split,
    subject_and_verb,
    table,
)

ROWS = [
    (row["english"], row["hindi"])
    for split in ("train", "dev", "test")
    for row in table(f"course/{split}.tsv")
    if not row["pattern"].startswith(("phrasebook", "everyday"))  # free text, which it cannot read
]


def disagreeing_phrases(english: str, hindi: str) -> list[bool]:
    """For every noun phrase with a word that bends, whether it disagrees."""
    return [not found.forms for found in phrases(split(hindi)) if found.bending]


def disagreeing_subjects(english: str, hindi: str) -> list[bool]:
    read = subject_and_verb(english, hindi)
    return [read[0].isdisjoint(read[1])] if read else []


def disagreeing_objects(english: str, hindi: str) -> list[bool]:
    return [wanted.isdisjoint(shown) for wanted, shown in objects_and_verbs(hindi)]


def disagreeing_relatives(english: str, hindi: str) -> list[bool]:
    return [wanted.isdisjoint(shown) for wanted, shown in relative_clauses(hindi)]


def disagreeing_pointers(english: str, hindi: str) -> list[bool]:
    """For ये, वे and for यह, वह before a noun, whether it is of the other number."""
    return [number not in numbers for number, numbers in numbers_pointed_at(english, hindi)]


CHECKS = {
    disagreeing_phrases: 14_000,
    disagreeing_subjects: 12_000,
    disagreeing_objects: 4_500,
    disagreeing_relatives: 1_500,
    disagreeing_pointers: 2_000,
}


@pytest.mark.parametrize(("check", "sentences"), CHECKS.items())
def test_the_whole_corpus_agrees(check, sentences):
    judged = [(row, disagrees) for row in ROWS if (disagrees := check(*row))]
    assert len(judged) > sentences
    assert [row for row, disagrees in judged if any(disagrees)] == []


@pytest.mark.parametrize(
    ("check", "english", "right", "wrong"),
    [
        (disagreeing_phrases, "", "मेरी किताब नई है।", "मेरा किताब नई है।"),
        (disagreeing_phrases, "", "नए जूते लाओ।", "नई जूते लाओ।"),
        (disagreeing_phrases, "", "वह अपने बेटे को बुलाता है।", "वह अपना बेटे को बुलाता है।"),
        (disagreeing_phrases, "", "वह अपने बेटे को बुलाता है।", "वह अपने बेटा को बुलाता है।"),
        (disagreeing_phrases, "", "यह रवि की पुरानी गाड़ी है।", "यह रवि का पुरानी गाड़ी है।"),
        (disagreeing_phrases, "", "मेरे पिता जी आए।", "मेरा पिता जी आए।"),
        (disagreeing_phrases, "", "पका हुआ आम लाओ।", "पकी हुई आम लाओ।"),
        (disagreeing_phrases, "", "दो गंदी थालियाँ धो दो।", "दो गंदी थाली धो दो।"),
        (disagreeing_phrases, "", "आपने कितनी किताबें खरीदीं?", "आपने कितने किताबें खरीदीं?"),
        (disagreeing_phrases, "", "इस बड़े कमरे में आओ।", "इस बड़ा कमरे में आओ।"),
        (disagreeing_phrases, "", "उसने राधा की मदद की।", "उसने राधा का मदद की।"),
        (disagreeing_subjects, "", "रवि सो रहा है।", "रवि सो रही है।"),
        (disagreeing_subjects, "", "सीता रवि को बुलाएगी।", "सीता रवि को बुलाएगा।"),
        (disagreeing_subjects, "", "मैं हर सुबह चाय पीता हूँ।", "मैं हर सुबह चाय पीता है।"),
        (disagreeing_subjects, "She is ill.", "वह बीमार थी।", "वह बीमार था।"),
        (disagreeing_subjects, "They have gone.", "वे जा चुके हैं।", "वे जा चुके है।"),
        (disagreeing_subjects, "", "क्या आपकी माँ आएँगी?", "क्या आपकी माँ आएगी?"),
        (disagreeing_subjects, "", "कल मेरी बहनें गईं।", "कल मेरी बहनें गई।"),
        (disagreeing_subjects, "", "वे कमरे साफ़ नहीं थे।", "वे कमरे साफ़ नहीं थीं।"),
        (disagreeing_subjects, "", "यह सड़क लंबी है।", "यह सड़क लंबी हैं।"),
        (disagreeing_subjects, "", "लड़की बैठी हुई है।", "लड़की बैठा हुई है।"),
        (disagreeing_subjects, "", "मीना और राधा गाएँगी।", "मीना और राधा गाएँगे।"),
        (disagreeing_subjects, "", "यह कमरा सबसे बड़ा था।", "यह कमरा सबसे बड़ी था।"),
        (disagreeing_objects, "", "रवि ने रोटी खाई।", "रवि ने रोटी खाया।"),
        (disagreeing_objects, "", "मैंने दो किताबें पढ़ी हैं।", "मैंने दो किताबें पढ़ी है।"),
        (disagreeing_objects, "", "सीता ने संदेश भेजा।", "सीता ने संदेश भेजी।"),
        (disagreeing_objects, "", "उसने मीना को बुलाया।", "उसने मीना को बुलाई।"),
        (disagreeing_objects, "", "हमने उनकी मदद की।", "हमने उनकी मदद किया।"),
        (disagreeing_objects, "", "उसने गेंद फेंक दी।", "उसने गेंद फेंक दिया।"),
        (disagreeing_objects, "", "आपने क्या खाया?", "आपने क्या खाई?"),
        (disagreeing_objects, "", "कविता किसने लिखी?", "कविता किसने लिखा?"),
        (disagreeing_objects, "", "उसने गाने सीखकर गाए।", "उसने गाने सीखकर गाया।"),
        (disagreeing_relatives, "", "जो लड़की गा रही है, वह तेज़ है।", "जो लड़की गा रहा है, वह तेज़ है।"),
        (disagreeing_relatives, "", "जो माली आया, वह गरीब था।", "जो माली आया, वह गरीब थी।"),
        (disagreeing_relatives, "", "जिन छात्रों ने खाया, वे गए।", "जिन छात्रों ने खाया, वह गया।"),
        (disagreeing_relatives, "", "यह जो किताब है, वह नई है।", "यह जो किताब है, वह नया है।"),
        (disagreeing_pointers, "", "उसने ये किताबें पढ़ीं।", "उसने ये किताब पढ़ी।"),
        (disagreeing_pointers, "", "वे लड़कियाँ गा रही हैं।", "वह लड़कियाँ गा रही हैं।"),
    ],
)  # fmt: skip
def test_a_check_tells_right_from_wrong(check, english, right, wrong):
    assert any(check(english, wrong))
    assert check(english, right) and not any(check(english, right))
