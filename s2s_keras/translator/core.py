"""A model and its tokenizers as one thing: text in, text out."""

import copy
import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from .. import batches, decoding, fast, models, plots, text
from ..corpora import Fingerprint
from ..decoding import NO_PENALTY, LengthPenalty
from ..errors import InputError
from ..shipped import CARD, find
from . import saving
from .answers import Explanation, Translation
from .card import USE, About
from .manifest import MANIFEST, SOURCE_TOKENIZER, TARGET_TOKENIZER, damaged, read_manifest


@dataclass
class Translator:
    """A trained training model and what turns text into its ids and back.

    Attributes:
        training_model: from `build_training_model`; several of them are an ensemble.
        source_tokenizer: fitted on the source side.
        target_tokenizer: fitted on the target side.
        reverse_source: whether the encoder reads the source from its end.
        seed: of the run that trained it.
        trained_on: tells which sentences it was trained on; None where that is not known.
        chosen_on: tells by which sentences its best epoch was chosen.
        about: what its card tells besides.
    """

    training_model: keras.Model | tuple[keras.Model, ...]
    source_tokenizer: text.Tokenizer
    target_tokenizer: text.Tokenizer
    reverse_source: bool = False
    seed: int = 0
    trained_on: Fingerprint | None = field(default=None, repr=False)
    chosen_on: Fingerprint | None = field(default=None, repr=False)
    about: About = field(default_factory=About, repr=False)
    # The last decoder, and how it was built from which models. More would fill the memory with
    # their tables; and while its models are kept here, no other model can have their identity.
    _decoder: tuple = field(default=(None, (), None), init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raise ValueError unless the models and their tokenizers have equally many tokens."""
        given = self.source_tokenizer.vocabulary_size, self.target_tokenizer.vocabulary_size
        for config in map(models.config_of, self._models):
            if given != (known := (config.source_vocabulary, config.target_vocabulary)):
                raise ValueError(f"tokenizers of {given} tokens, a model of {known}: give its own")

    def __getstate__(self) -> dict:
        """Return what a copy takes along: not the decoder, which belongs to this model."""
        return vars(self) | {"_decoder": (None, (), None)}

    @classmethod
    def ensemble(cls, translators: Sequence["Translator"]) -> "Translator":
        """Join translators into one whose probabilities are the mean of theirs at every step.

        Raises:
            InputError: their tokenizers or their order of reading differ, or there are none.
        """
        if not translators:
            raise InputError("an ensemble: give at least one translator")
        first, *others = translators
        for other in others:
            if any(
                getattr(first, side).vocabulary != getattr(other, side).vocabulary
                for side in ("source_tokenizer", "target_tokenizer")
            ):
                raise InputError(
                    "an ensemble: its models have different vocabularies; train all of them on "
                    "the same corpus with the same tokenizer and seed of the split"
                )
            if first.reverse_source != other.reverse_source:
                raise InputError("an ensemble: give models that all read the source the same way")
        joined = copy.copy(first)
        joined.training_model = tuple(
            model for translator in translators for model in translator._models
        )
        for name in ("trained_on", "chosen_on"):
            known = [getattr(translator, name) for translator in translators]
            setattr(joined, name, None if None in known else functools.reduce(operator.or_, known))
        return joined

    @property
    def _models(self) -> tuple[keras.Model, ...]:
        models = self.training_model
        return (models,) if isinstance(models, keras.Model) else tuple(models)

    def translate(
        self,
        sentences: Sequence[str],
        batch_size: int = 64,
        beam_width: int = 1,
        length_penalty: LengthPenalty = NO_PENALTY,
    ) -> list[str]:
        """Translate sentences.

        Args:
            sentences: source sentences; an empty one stays empty, unknown words never fail.
            batch_size: sentences decoded together; sentences of like length share a batch.
            beam_width: of `decoding.beam_search`; 1 decodes greedily.
            length_penalty: of `decoding.beam_search`.

        Returns:
            One translation for each sentence, in order.

        Raises:
            ValueError: `beam_width` is not from 1 to the number of target tokens.
        """
        if beam_width == 1:
            decode = self._kept(fast.greedy)
            rows = self._in_batches(sentences, batch_size, decode, [])
            return [self.target_tokenizer.decode(row) for row in rows]
        found = self.n_best(sentences, 1, batch_size, beam_width, length_penalty)
        return [translations[0].text if translations else "" for translations in found]

    def n_best(
        self,
        sentences: Sequence[str],
        number: int,
        batch_size: int = 64,
        beam_width: int = 5,
        length_penalty: LengthPenalty = NO_PENALTY,
    ) -> list[list[Translation]]:
        """Return for each sentence its best translations, the best first; none for an empty one.

        Args:
            sentences: as for `translate`.
            number: how many translations at most.
            batch_size: as for `translate`.
            beam_width: `number` or more.
            length_penalty: of `decoding.beam_search`.

        Raises:
            ValueError: as for `decoding.beam_search`.
        """
        decode = self._kept(fast.beam_search, beam_width, length_penalty, number)
        decode_text = self.target_tokenizer.decode
        return [
            [Translation(decode_text(tokens), *values) for tokens, *values in hypotheses]
            for hypotheses in self._in_batches(sentences, batch_size, decode, [])
        ]

    def explain(self, sentence: str, top_k: int = 5) -> Explanation:
        """Translate one sentence greedily, and tell what the model saw and considered.

        Raises:
            ValueError: this is an ensemble, or the sentence has no token.
        """
        ids = self._ids(sentence)
        if len(self._models) > 1 or not ids:
            raise ValueError("explain: give one model, and a sentence with at least one word")
        tokens, probabilities, attention = decoding.trace(self._models[0], ids)
        likeliest = np.argsort(-probabilities, axis=1, kind="stable")[:, :top_k]
        names, order = self.target_tokenizer.vocabulary, -1 if self.reverse_source else 1
        return Explanation(
            source_tokens=[self.source_tokenizer.vocabulary[n] for n in ids][::order],
            target_tokens=[names[n] for n in tokens],
            attention=None if attention is None else attention[:, ::order],
            top_tokens=[[names[n] for n in row] for row in likeliest],
            top_probabilities=np.take_along_axis(probabilities, likeliest, axis=1),
        )

    def sample(
        self, sentences: Sequence[str], temperature: float = 1.0, top_k: int = 0, seed: int = 0
    ) -> list[str]:
        """Draw a translation of each sentence from the model's distribution.

        Args:
            sentences: as for `translate`.
            temperature: of `decoding.sampling`.
            top_k: of `decoding.sampling`.
            seed: the same seed draws the same translations of the same list of sentences.

        Raises:
            ValueError: as for `decoding.sampling`.
        """
        decode = functools.partial(self._kept(decoding.sampling, temperature, top_k), seed=seed)
        rows = self._in_batches(sentences, 64, decode, [])
        return [self.target_tokenizer.decode(row) for row in rows]

    def _ids(self, sentence: str) -> list[int]:
        return batches.source_order(self.source_tokenizer.encode(sentence), self.reverse_source)

    def _in_batches(
        self, sentences: Sequence[str], batch_size: int, decode: Callable, nothing
    ) -> list:
        """Return what `decode` gives for each sentence, and `nothing` for those without a token."""
        if isinstance(sentences, str):
            raise ValueError(f"translate: give a list of sentences, such as [{sentences!r}]")
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}: give a number of 1 or more")
        ids = [self._ids(sentence) for sentence in sentences]
        results = [nothing] * len(ids)
        waiting = [n for n, sentence in enumerate(ids) if sentence]
        waiting.sort(key=lambda n: len(ids[n]))
        for start in range(0, len(waiting), batch_size):
            batch = waiting[start : start + batch_size]
            decoded = decode(batches.pad([ids[n] for n in batch]))
            for n, result in zip(batch, decoded, strict=True):
                results[n] = result
        return results

    def _kept(self, build: Callable, *arguments) -> Callable:
        """Return the decoder `build(model, *arguments)`; it is built once while nothing changes."""
        how, models, decoder = self._decoder
        if how != (build, *arguments) or [*map(id, models)] != [*map(id, self._models)]:
            decoder = build(self.training_model, *arguments)
            self._decoder = ((build, *arguments), self._models, decoder)
        return decoder

    def save(
        self, folder: str | Path, history: pd.DataFrame | None = None, half: bool = False
    ) -> None:
        """Write the translator and its card into a folder, in place of a translator there.

        Args:
            folder: a new or empty folder, or one that holds a translator.
            history: of `training.fit`; kept beside the model as history.csv and history.png.
            half: write the weights with 16 bits each: half the size.

        Raises:
            InputError: the folder holds other things, or cannot be written; or this is an ensemble.
        """
        if len(self._models) > 1:
            raise InputError(f"{folder}: an ensemble is not saved; save each of its models")
        with saving.replacing(folder) as unfinished:
            self.source_tokenizer.save(unfinished / SOURCE_TOKENIZER)
            self.target_tokenizer.save(unfinished / TARGET_TOKENIZER)
            if history is not None:
                history.to_csv(unfinished / "history.csv", index=False)
                plots.save(plots.loss_curves(history), unfinished / "history.png")
            seen = {"trained_on": self.trained_on, "chosen_on": self.chosen_on}
            saving.write_fingerprints(unfinished, seen)
            saving.write_text(unfinished / CARD, self.card())
            settings = {"reverse_source": self.reverse_source, "seed": self.seed}
            settings["about"] = asdict(self.about)
            saving.write_manifest(unfinished, self._models[0], half, **settings)

    def card(self, use: str = USE) -> str:
        """Return as Markdown what the translator is, was trained on, and scores; `use` is how."""
        model, about = self._models[0], self.about.telling(seed=str(self.seed))
        kind, weights = self.source_tokenizer.kind, model.count_params()
        return about.card(models.config_of(model), kind, weights, use)

    def save_card(self, folder: str | Path) -> None:
        """Write the card anew into the folder that this translator was loaded from.

        Raises:
            InputError: the folder holds no translator, or cannot be written.
        """
        saving.replace_card(Path(folder), self.card(), asdict(self.about))

    @classmethod
    def load(cls, folder: str | Path, cells: Mapping = fast.CELLS) -> "Translator":
        """Read a translator that `save` wrote.

        Args:
            folder: that it wrote; or the name of a translator that comes with the package.
            cells: of `build_training_model`; for a model that was built with layers of its own, the
                same ones: a folder holds their weights, and never code.

        Raises:
            InputError: the folder is missing, is no translator, is incomplete or damaged, or of a
                newer version; or its model has layers that are not in `cells`.
        """
        folder = find(folder)
        manifest = read_manifest(folder)
        with damaged(folder / MANIFEST):
            reverse_source, seed = bool(manifest["reverse_source"]), int(manifest["seed"])
            about = About.read(manifest.get("about", {}))
        model = saving.read_model(folder, manifest, cells)
        return cls(
            model,
            *saving.read_tokenizers(folder, model),
            reverse_source,
            seed,
            about=about,
            **saving.read_fingerprints(folder, manifest),
        )
