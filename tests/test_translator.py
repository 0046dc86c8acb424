"""What `s2s_keras.translator` promises: text in, text out, and training with good defaults."""

import copy
import dataclasses
from collections import Counter

import keras
import numpy as np
import pandas as pd
import pytest
from keras.optimizers import schedules
from lively_models import tell_words_apart

from s2s_keras import batches, decoding, evaluation, fast, training
from s2s_keras.corpora import ParallelCorpus
from s2s_keras.decoding import LengthPenalty
from s2s_keras.errors import InputError
from s2s_keras.losses import masked_cross_entropy
from s2s_keras.models import Seq2SeqConfig, build_training_model, config_of
from s2s_keras.text import END, UNK
from s2s_keras.text import words as text_words
from s2s_keras.translator import TranslationScore, Translator, train

TINY = {"units": 8, "embedding": 8, "batch_size": 8, "learning_rate": 0.01, "progress": False}
TINY |= {"attention": "none", "bidirectional": False, "schedule": "constant"}
SENTENCES = ["The cat0 eats.", "", "Here is number7!", "Zebras xylophone क्ष 🙂", "The dog1 sleeps."]


@pytest.fixture(params=["word", "char", "subword"])
def any_tokenizer(request, translators):
    """A tiny translator with each tokenizer in turn."""
    if request.param not in translators:
        pytest.skip("tensorflow-text has no wheel for this platform")
    return translators[request.param]


def with_firm_opinions(translator: Translator, seed: int, **choices) -> Translator:
    """A translator with the same tokenizers and other weights, whose translations vary."""
    sides = translator.source_tokenizer, translator.target_tokenizer
    keras.utils.set_random_seed(seed)
    sizes = {"units": 8, "embedding": 8} | choices
    model = build_training_model(
        Seq2SeqConfig(*(side.vocabulary_size for side in sides), **sizes), fast.CELLS
    )
    logits = tell_words_apart(model).get_layer("logits")
    logits.kernel.assign(logits.kernel * 20)
    logits.bias.assign(2.0 * keras.ops.one_hot(END, len(sides[1].vocabulary)))
    return Translator(model, *sides)


@pytest.fixture(scope="module")
def attentive(words):
    """A translator with attention and firm opinions."""
    return with_firm_opinions(words, 4, attention="dot", bidirectional=True)


# --- translating


def test_there_is_one_translation_for_each_sentence_in_order(words):
    together = words.translate(SENTENCES)
    assert len(together) == len(SENTENCES)
    assert together == [words.translate([sentence])[0] for sentence in SENTENCES]


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_the_size_of_the_batches_changes_no_translation(words, animals, batch_size):
    sentences = [*animals.source, *SENTENCES]
    assert words.translate(sentences, batch_size=batch_size) == words.translate(sentences)


def test_no_sentences_have_no_translations(words):
    assert words.translate([]) == []


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u200b"])
def test_a_blank_sentence_stays_empty(any_tokenizer, blank):
    assert any_tokenizer.translate([blank, "The cat0 eats.", blank])[::2] == ["", ""]


@pytest.mark.parametrize(
    "sentence", ["zzz", "Привет", "🙂", "\u0301", "<start> <end>", "word " * 200, "a" * 1000]
)
def test_words_never_seen_are_no_error(any_tokenizer, sentence):
    (translation,) = any_tokenizer.translate([sentence])
    assert isinstance(translation, str) and "\n" not in translation


def test_a_translation_is_one_line_of_clean_text(any_tokenizer, animals):
    for translation in any_tokenizer.translate(animals.source):
        assert translation == " ".join(translation.split())
        assert not any(special in translation for special in ("<pad>", "<start>", "<end>"))


def test_capitals_of_the_source_do_not_matter(words):
    assert words.translate(["THE CAT0 EATS."]) == words.translate(["the cat0 eats."])


def test_a_new_random_seed_changes_no_translation(any_tokenizer):
    before = any_tokenizer.translate(SENTENCES)
    keras.utils.set_random_seed(1)  # TensorFlow forgets its operations and what they hold.
    assert any_tokenizer.translate(SENTENCES) == before


def test_a_reversed_source_is_reversed_whenever_it_is_translated(words):
    backwards = dataclasses.replace(words, reverse_source=True)
    sentences = ["The cat0 eats .", "Here is number7 !"]
    turned_round = [" ".join(reversed(sentence.split())) for sentence in sentences]
    assert backwards.translate(sentences) == words.translate(turned_round)


@pytest.mark.parametrize("translate", ["translate", "n_best"])
def test_a_sentence_without_a_list_around_it_is_refused(words, translate):
    arguments = ("The cat eats.", 2)[: 1 + (translate == "n_best")]
    with pytest.raises(ValueError, match=r"give a list of sentences, such as \['The cat eats.'\]"):
        getattr(words, translate)(*arguments)


@pytest.mark.parametrize("size", [0, -1])
def test_a_batch_of_no_sentence_is_refused(words, size):
    for decode in (words.translate, lambda *given, **how: words.n_best(*given, 1, **how)):
        with pytest.raises(ValueError, match=f"batch_size is {size}: give a number of 1 or more"):
            decode(SENTENCES, batch_size=size)


def test_a_seed_draws_the_same_translations_and_another_seed_others(attentive, animals):
    draws = [attentive.sample(animals.source, 1.0, seed=seed) for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]
    assert attentive.sample(["", "The cat0 eats."])[0] == ""


def test_sampling_at_almost_no_temperature_is_translating(attentive, animals):
    assert attentive.sample(animals.source, 1e-3) == attentive.translate(animals.source)


# --- beams and lists of the best


PENALTY = LengthPenalty("length", 1.0)


def beam_search(translator, sentences, *how):
    """The hypotheses of the plain beam search."""
    ids = translator.source_tokenizer.encode_all(sentences)
    return decoding.beam_search(translator.training_model, *how)(batches.pad(ids))


def test_a_beam_translates_as_beam_search_does(attentive):
    sentences = SENTENCES[::2]
    translations = attentive.translate(sentences, beam_width=3, length_penalty=PENALTY)
    found = beam_search(attentive, sentences, 3, PENALTY)
    decode = attentive.target_tokenizer.decode
    assert translations == [decode(best.tokens) for (best,) in found]
    assert translations != attentive.translate(sentences, beam_width=3)
    assert translations != attentive.translate(sentences)


def test_a_list_of_the_best_holds_text_log_probability_and_score(attentive):
    sentences = SENTENCES[::2]
    lists = attentive.n_best(sentences, 3, beam_width=4, length_penalty=PENALTY)
    found = beam_search(attentive, sentences, 4, PENALTY, 3)
    for translations, hypotheses in zip(lists, found, strict=True):
        assert len(translations) == 3
        for translation, hypothesis in zip(translations, hypotheses, strict=True):
            assert translation.text == attentive.target_tokenizer.decode(hypothesis.tokens)
            assert translation[1:] == pytest.approx(hypothesis[1:], abs=1e-4)
            by_length = translation.log_probability / len(hypothesis.tokens)
            assert translation.score == pytest.approx(by_length, abs=1e-5)
        assert translations == sorted(translations, key=lambda one: -one.score)


def test_the_best_of_a_list_is_the_translation_and_an_empty_sentence_has_none(attentive):
    lists = attentive.n_best(SENTENCES, 2, batch_size=2, beam_width=3)
    best = [translations[0].text if translations else "" for translations in lists]
    assert best == attentive.translate(SENTENCES, beam_width=3)
    assert lists[1] == []


@pytest.mark.parametrize(
    ("number", "width", "complaint"),
    [(3, 2, "n_best is 3"), (0, 2, "n_best is 0"), (1, 0, "width is 0"), (1, 999, "width is 999")],
)
def test_a_list_longer_than_the_beam_or_an_impossible_beam_is_refused(
    words, number, width, complaint
):
    with pytest.raises(ValueError, match=complaint):
        words.n_best(SENTENCES, number, beam_width=width)


# --- explaining


@pytest.mark.parametrize("sentence", ["The cat0 eats.", "sleeps", "is here Number7 dog ? ? !"])
def test_an_explanation_is_of_the_translation(attentive, sentence):
    told = attentive.explain(sentence)
    names = attentive.target_tokenizer.vocabulary
    ids = [names.index(token) for token in told.target_tokens]
    assert attentive.target_tokenizer.decode(ids) == attentive.translate([sentence])[0]
    assert told.source_tokens == attentive.source_tokenizer.tokens(sentence)
    assert told.attention.shape == (len(told.target_tokens), len(told.source_tokens))
    np.testing.assert_allclose(told.attention.sum(axis=1), 1, atol=1e-5)
    assert (told.attention > 0).all()


def test_the_likeliest_tokens_come_first_and_what_was_written_is_one_of_them(attentive):
    told = attentive.explain("The cat0 eats.", top_k=4)
    # All but the last: END is written where a sentence has become as long as may be.
    assert [tokens[0] for tokens in told.top_tokens][:-1] == told.target_tokens[:-1]
    assert [len({*tokens}) for tokens in told.top_tokens] == [4] * len(told.target_tokens)
    assert (np.diff(told.top_probabilities, axis=1) <= 0).all()
    assert ((told.top_probabilities >= 0) & (told.top_probabilities <= 1)).all()
    everything = attentive.explain("The cat0 eats.", top_k=10_000).top_probabilities
    assert everything.shape[1] == attentive.target_tokenizer.vocabulary_size
    np.testing.assert_allclose(everything.sum(axis=1), 1, atol=1e-5)


def test_an_explanation_follows_the_order_of_the_sentence_whatever_order_is_read(attentive):
    backwards = dataclasses.replace(attentive, reverse_source=True)
    told, plain = backwards.explain("the cat0 eats ."), attentive.explain(". eats cat0 the")
    assert told.source_tokens == ["the", "cat0", "eats", "."]
    assert told.target_tokens == plain.target_tokens
    np.testing.assert_allclose(told.attention, plain.attention[:, ::-1], atol=1e-6)


def test_without_attention_an_explanation_has_none(words):
    told = words.explain("The cat0 eats.")
    assert told.attention is None
    # All but the last: END is written where a sentence has become as long as may be.
    assert [tokens[0] for tokens in told.top_tokens][:-1] == told.target_tokens[:-1]


def test_an_ensemble_and_a_sentence_without_a_word_are_not_explained(words):
    for translator, sentence in ((Translator.ensemble([words, words]), "The cat."), (words, " ")):
        with pytest.raises(ValueError, match="explain: give one model, and a sentence with"):
            translator.explain(sentence)


# --- ensembles


@pytest.fixture(scope="module")
def three(words):
    """Three translators that share their tokenizers, and nothing else."""
    choices = [{}, {"cell": "gru", "units": 6}, {"attention": "additive"}]
    return [with_firm_opinions(words, seed, **more) for seed, more in enumerate(choices)]


def test_an_ensemble_decides_by_the_mean_of_the_probabilities(three):
    together = Translator.ensemble(three)
    ids = batches.pad(together.source_tokenizer.encode_all(SENTENCES[::2]))
    models = [translator.training_model for translator in three]
    expected = map(together.target_tokenizer.decode, decoding.greedy(models)(ids))
    translations = together.translate(SENTENCES[::2])
    assert translations == [*expected]
    assert all(translations != translator.translate(SENTENCES[::2]) for translator in three)


def test_an_ensemble_gives_lists_of_the_best(three):
    together = Translator.ensemble(three)
    (found,) = together.n_best(["The cat0 eats."], 2, beam_width=3)
    ids = batches.pad(together.source_tokenizer.encode_all(["The cat0 eats."]))
    models = [translator.training_model for translator in three]
    (expected,) = decoding.beam_search(models, 3, n_best=2)(ids)
    assert [one[1:] for one in found] == [pytest.approx(one[1:], abs=1e-4) for one in expected]


def test_ensembles_may_be_joined_and_one_translator_is_none_but_itself(three):
    joined = Translator.ensemble([Translator.ensemble(three[:2]), three[2]])
    assert joined.training_model == tuple(translator.training_model for translator in three)
    alone = Translator.ensemble(three[:1])
    assert alone.translate(SENTENCES) == three[0].translate(SENTENCES)
    assert alone.explain("The cat0 eats.").target_tokens


def test_an_ensemble_has_seen_what_any_of_its_translators_has(words, animals):
    one = dataclasses.replace(words, trained_on=animals[:4].fingerprint())
    two = dataclasses.replace(words, trained_on=animals[2:6].fingerprint())
    together = Translator.ensemble([one, two])
    assert together.trained_on.shares(animals.source, animals.target).sum() == 6
    unknown = dataclasses.replace(words, trained_on=None)
    assert Translator.ensemble([one, unknown]).trained_on is None


def test_translators_that_cannot_decide_together_are_refused(words, untrained, animals):
    other = untrained(animals[:20])
    for translators, complaint in (
        ([words, other], "different vocabularies"),
        ([words, dataclasses.replace(words, reverse_source=True)], "read the source the same way"),
        ([], "at least one translator"),
    ):
        with pytest.raises(InputError, match=f"an ensemble: .*{complaint}"):
            Translator.ensemble(translators)


def test_tokenizers_that_do_not_fit_the_model_are_refused(words, untrained, animals):
    other = untrained(animals[:20])
    for side in ("source_tokenizer", "target_tokenizer"):
        with pytest.raises(ValueError, match="tokens, a model of .*: give its own"):
            dataclasses.replace(words, **{side: getattr(other, side)})


# --- a translator never answers with an old model


def test_a_new_model_answers_at_once(three):
    translator = dataclasses.replace(three[0])
    expected = [other.translate(SENTENCES) for other in three]
    for other, translations in zip(three, expected, strict=True):
        translator.training_model = other.training_model
        assert translator.translate(SENTENCES) == translations


def test_a_replaced_model_answers_and_the_first_translator_stays_as_it_was(three):
    first = three[0].translate(SENTENCES)
    other = dataclasses.replace(three[0], training_model=three[1].training_model)
    assert other.translate(SENTENCES) == three[1].translate(SENTENCES) != first
    assert three[0].translate(SENTENCES) == first


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_answers_by_its_own_model(three, copied):
    first = three[0].translate(SENTENCES)
    other = copied(three[0])
    assert other.translate(SENTENCES) == first
    if copied is copy.deepcopy:
        other.training_model.set_weights(
            [weight[::-1] for weight in other.training_model.get_weights()]
        )
    else:
        other.training_model = three[1].training_model
    assert other.translate(SENTENCES) != first == three[0].translate(SENTENCES)


def test_new_weights_answer_at_once(words):
    translator, other = (with_firm_opinions(words, seed) for seed in (4, 5))
    before = translator.translate(SENTENCES)
    translator.training_model.set_weights(other.training_model.get_weights())
    assert translator.translate(SENTENCES) == other.translate(SENTENCES) != before


def test_another_beam_answers_at_once(attentive):
    ways = [{"beam_width": 3}, {"beam_width": 3, "length_penalty": PENALTY}]
    fresh = [dataclasses.replace(attentive).translate(SENTENCES, **way) for way in ways]
    kept = dataclasses.replace(attentive)
    assert [kept.translate(SENTENCES, **way) for way in ways] == fresh


# --- training


def test_history_has_a_row_an_epoch_and_the_quality_on_the_dev_split(trained):
    _, history = trained
    scores = ["loss", "perplexity", "val_loss", "val_perplexity", "val_chrf"]
    assert list(history) == ["epoch", *scores]
    assert list(history.epoch) == [1, 2, 3]
    assert np.isfinite(history.to_numpy()).all()
    assert history.loss.is_monotonic_decreasing


def test_the_translator_is_that_of_the_best_epoch_on_the_dev_split(trained, animals):
    words, history = trained
    dev = animals.split(seed=0).dev
    chrf = evaluation.score(words.translate(dev.source), dev.target).chrf
    assert chrf == pytest.approx(history.val_chrf.max())


def test_vocabularies_know_the_training_split_and_nothing_of_the_others(words, animals):
    splits = animals.split(seed=words.seed)
    assert not any(UNK in words.target_tokenizer.encode(text) for text in splits.train.target)
    # Source words that training meets once are unknown on purpose, so that UNK means something.
    counts = Counter(word for text in splits.train.source for word in text_words(text.lower()))
    for text in splits.train.source:
        ids = words.source_tokenizer.encode(text)
        assert [i == UNK for i in ids] == [counts[word] < 2 for word in text_words(text.lower())]
    held_out = [*splits.dev.source, *splits.test.source]
    numbers = [text for text in held_out if text.startswith("Number")]
    assert numbers and all(UNK in words.source_tokenizer.encode(text) for text in numbers)


def test_the_same_seed_trains_the_same_translator(trained, animals):
    words, history = trained
    again, same_history = train(animals, epochs=3, seed=0, **TINY)
    assert same_history.equals(history)
    assert again.translate(animals.source) == words.translate(animals.source)


def test_another_seed_splits_and_starts_otherwise(untrained):
    one, same, other = (untrained(seed=seed) for seed in (3, 3, 4))
    kernels = [made.training_model.get_layer("logits").kernel[:, :4] for made in (one, same, other)]
    np.testing.assert_array_equal(kernels[0], kernels[1])
    assert not np.allclose(kernels[0], kernels[2])
    assert one.source_tokenizer.vocabulary == same.source_tokenizer.vocabulary
    assert one.source_tokenizer.vocabulary != other.source_tokenizer.vocabulary
    assert [made.seed for made in (one, same, other)] == [3, 3, 4]


def test_sizes_and_choices_reach_the_model(untrained):
    sizes = {"cell": "gru", "units": 6, "embedding": 7, "layers": 2, "dropout": 0.5}
    choices = {"context": "every_step", "attention": "additive", "bidirectional": True}
    made = untrained(**sizes, **choices)
    vocabularies = (made.source_tokenizer.vocabulary_size, made.target_tokenizer.vocabulary_size)
    assert config_of(made.training_model) == Seq2SeqConfig(*vocabularies, **sizes, **choices)


@pytest.mark.parametrize("kind", ["word", "char"])
def test_the_size_of_the_vocabularies_reaches_both_tokenizers(untrained, kind):
    size = {"word": 12, "char": 230}[kind]
    made = untrained(tokenizer=kind, vocabulary_size=size)
    assert made.target_tokenizer.vocabulary_size == size
    assert made.source_tokenizer.vocabulary_size <= size


@pytest.fixture
def fitted(monkeypatch, animals):
    """Runs `train` without training, and returns what it would have given to `training.fit`."""

    def fitted(**options) -> dict:
        calls = []

        def fit(model, train, validation, **given):
            calls.append({"model": model, "train": train, "validation": validation, **given})
            return pd.DataFrame()

        monkeypatch.setattr(training, "fit", fit)
        train(animals, **TINY | options)
        return calls[0]

    return fitted


def test_training_is_by_adam_with_a_clipped_gradient(fitted):
    optimizer = fitted()["optimizer"]
    assert isinstance(optimizer, fast.Adam)
    assert optimizer.global_clipnorm == 5.0
    assert float(optimizer.learning_rate) == pytest.approx(0.01)


def test_a_cosine_brings_the_learning_rate_to_zero_at_the_last_update(fitted):
    given = fitted(schedule="cosine", epochs=3)
    falls, updates = given["optimizer"]._learning_rate, 3 * len(given["train"])
    assert isinstance(falls, schedules.CosineDecay)
    rates = [float(falls(number)) for number in (0, updates / 2, updates)]
    assert rates == pytest.approx([0.01, 0.005, 0], abs=1e-8)


def test_two_ratios_of_teacher_forcing_are_a_steady_fall(fitted):
    given = fitted(teacher_forcing=(1.0, 0.5), epochs=4)
    falls, updates = given["teacher_forcing"], 4 * len(given["train"])
    shares = [float(falls(number)) for number in (0, updates // 2, updates)]
    assert shares == pytest.approx([1.0, 0.75, 0.5])
    assert fitted(teacher_forcing=0.25)["teacher_forcing"] == 0.25


@pytest.mark.parametrize(("patience", "expected"), [(None, 7), (0, 0), (2, 2)])
def test_patience_is_that_of_early_stopping_by_chrf(fitted, patience, expected):
    mine = keras.callbacks.TerminateOnNaN()
    score, stopping, last = fitted(patience=patience, epochs=7, callbacks=[mine])["callbacks"]
    assert isinstance(score, TranslationScore) and last is mine
    assert isinstance(stopping, keras.callbacks.EarlyStopping)
    assert (stopping.monitor, stopping.mode) == ("val_chrf", "max")
    assert (stopping.patience, stopping.restore_best_weights) == (expected, True)


def test_the_dev_split_is_validated_and_its_first_sentences_are_translated(fitted, animals):
    given = fitted()
    assert given["callbacks"][0].corpus.source == animals.split(seed=0).dev.source
    assert sum(len(labels) for _, labels in given["validation"]) == len(animals.split(seed=0).dev)


class Diary(keras.callbacks.Callback):
    """Writes down the learning rate and the chrF of every epoch."""

    def __init__(self):
        super().__init__()
        self.rates, self.scores = [], []

    def on_epoch_end(self, epoch, logs=None):
        self.rates.append(float(self.model.optimizer.learning_rate))
        self.scores.append(logs["val_chrf"])


def test_everything_together_trains(animals):
    diary = Diary()
    choices = {"attention": "dot", "bidirectional": True, "schedule": "cosine", "patience": 3}
    choices |= {"vocabulary_size": 20, "teacher_forcing": (1.0, 0.5), "callbacks": [diary]}
    made, history = train(animals, epochs=3, **TINY | choices)
    assert np.isfinite(history.to_numpy()).all()
    assert history.loss.is_monotonic_decreasing
    assert diary.rates[0] > diary.rates[1] > diary.rates[2] == pytest.approx(0, abs=1e-8)
    assert diary.scores == history.val_chrf.tolist()
    assert made.target_tokenizer.vocabulary_size == 20
    assert made.explain("The cat0 eats.").attention is not None


def test_patience_ends_a_training_whose_translations_get_no_better(animals, monkeypatch):
    chrf = iter([10.0, 30.0, 20.0, 30.0, 40.0])  # an equal one is no better
    real = evaluation.score
    worse = lambda *given: dataclasses.replace(real(*given), chrf=next(chrf))  # noqa: E731
    monkeypatch.setattr(evaluation, "score", worse)
    weights = []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: weights.append(keep.model.get_weights())
    )
    made, history = train(animals, epochs=5, patience=2, callbacks=[keep], **TINY)
    assert history.val_chrf.tolist() == [10, 30, 20, 30]
    for mine, best in zip(made.training_model.get_weights(), weights[1], strict=True):
        np.testing.assert_array_equal(mine, best)


def test_a_corpus_too_small_for_a_dev_split_is_trained_on_all_the_same(animals):
    made, history = train(animals[:2], epochs=1, **TINY)
    assert list(history) == ["epoch", "loss", "perplexity"] and len(history) == 1
    assert made.translate([""]) == [""]


def test_it_knows_what_it_was_trained_on_and_chosen_by(words, animals):
    splits = animals.split()
    assert words.trained_on.shares(splits.train.source, splits.train.target).all()
    assert words.chosen_on.shares(splits.dev.source, splits.dev.target).all()
    seen = words.trained_on | words.chosen_on
    assert not seen.shares(splits.test.source, splits.test.target).any()


def test_what_was_seen_is_saved(words, tmp_path):
    words.save(tmp_path / "saved")
    loaded = Translator.load(tmp_path / "saved")
    for name in ("trained_on", "chosen_on"):
        for side in ("source", "target"):
            ours, theirs = (getattr(getattr(one, name), side) for one in (words, loaded))
            assert ours.dtype == "uint64"
            np.testing.assert_array_equal(ours, theirs)


def test_nothing_need_be_held_out(animals):
    translator, history = train(animals, dev=0.0, test=0.0, epochs=1, **TINY)
    assert translator.trained_on.shares(animals.source, animals.target).all()
    assert "val_loss" not in history


def test_the_best_translator_so_far_is_in_its_folder_after_every_epoch(animals, tmp_path):
    scores, saved = [], []

    class Look(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            scores.append(logs["val_chrf"])
            now = Translator.load(tmp_path / "best").translate(SENTENCES)
            saved.append((now, translator_of(self.model).translate(SENTENCES)))

    def translator_of(model):
        return dataclasses.replace(Translator.load(tmp_path / "best"), training_model=model)

    train(animals, epochs=4, folder=tmp_path / "best", callbacks=[Look()], **TINY)
    for epoch, (now, of_epoch) in enumerate(saved):
        if scores[epoch] > max(scores[:epoch], default=-1):
            assert now == of_epoch
        else:
            assert now == saved[epoch - 1][0]


def test_a_full_disk_is_told_and_ends_no_training(animals, tmp_path, monkeypatch, capsys):
    def full(self, folder, history=None):
        raise InputError(f"{folder}: cannot write here (No space left on device)")

    monkeypatch.setattr(Translator, "save", full)
    _, history = train(animals, epochs=2, folder=tmp_path / "best", **TINY)
    assert len(history) == 2
    assert "epoch 1 is not saved: " in capsys.readouterr().err


def test_training_further_changes_no_earlier_translator_and_remembers_what_it_saw(words, animals):
    before = words.translate(animals.source)
    pairs = [(f"The yak{n} sleeps.", f"याक{n} सोता है।") for n in range(20)]
    new = ParallelCorpus.from_pairs([*pairs, *animals[:5]], "yaks")
    further, _ = train(new, init_from=words, epochs=1, batch_size=8, progress=False)
    assert words.translate(animals.source) == before
    known = words.source_tokenizer.vocabulary
    assert further.source_tokenizer.vocabulary[: len(known)] == known
    assert config_of(further.training_model).units == config_of(words.training_model).units
    assert {*words.trained_on.source} < {*further.trained_on.source}


def test_what_was_trained_on_once_chooses_no_epoch(words, animals):
    splits = animals.split()
    dev = ParallelCorpus.from_pairs([*splits.train[:4], ("A yak.", "एक याक।")], "dev")
    options = {"dev": dev, "test": 0.0, "init_from": words, "epochs": 1, "progress": False}
    new = ParallelCorpus.from_pairs([("Two yaks.", "दो याक।")], "yaks")
    further, _ = train(new, **options)
    assert set(further.chosen_on.source) - set(words.chosen_on.source) == set(
        ParallelCorpus.from_pairs([("A yak.", "एक याक।")], "x").fingerprint().source
    )


@pytest.mark.parametrize("own", [{"units": 8}, {"tokenizer": "char"}, {"reverse_source": True}])
def test_a_translator_that_is_trained_further_keeps_what_it_is(words, animals, own):
    with pytest.raises(ValueError, match=f"{next(iter(own))}: a translator that is trained fur"):
        train(animals, init_from=words, **own)


def test_an_empty_corpus_is_refused():
    with pytest.raises(InputError, match="nothing: 0 pairs"):
        train(ParallelCorpus((), (), "nothing"), **TINY)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"tokenizer": "letters"}, "'letters'.*word, char, subword"),
        ({"schedule": "linear"}, "schedule is 'linear': give one of constant, cosine"),
        ({"teacher_forcing": (1.0, 1.5)}, "teacher_forcing is 1.5: give shares from 0 to 1"),
        ({"teacher_forcing": -0.5}, "teacher_forcing is -0.5: give a share from 0 to 1"),
        ({"attention": "self"}, "attention is 'self'"),
        ({"units": 7, "bidirectional": True}, "units is 7: give an even number"),
    ],
)
def test_a_choice_that_does_not_exist_is_refused(animals, options, complaint):
    with pytest.raises(ValueError, match=complaint):
        train(animals, **TINY | options)


# --- the score as a callback of Keras's own fit


def test_the_score_is_a_callback_of_keras_own_fit(untrained, animals):
    translator = untrained()
    ids = [
        tokenizer.encode_all(side)
        for tokenizer, side in (
            (translator.source_tokenizer, animals.source),
            (translator.target_tokenizer, animals.target),
        )
    ]
    model, seen = translator.training_model, []
    model.compile(keras.optimizers.Adam(0.05), masked_cross_entropy)
    watched = [
        TranslationScore(translator, animals),
        keras.callbacks.EarlyStopping(
            "val_chrf", mode="max", patience=9, restore_best_weights=True
        ),
        keras.callbacks.LambdaCallback(on_epoch_end=lambda _, logs: seen.append(logs["val_chrf"])),
    ]
    options = {"epochs": 4, "callbacks": watched, "verbose": 0, "shuffle": False}
    history = model.fit(batches.make_batches(*ids, 8), **options)
    assert history.history["val_chrf"] == seen and len({*seen}) > 1
    chrf = evaluation.score(translator.translate(animals.source), animals.target).chrf
    assert chrf == pytest.approx(max(seen))
