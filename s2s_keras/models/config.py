"""What an encoder–decoder is built from, in one frozen dataclass."""

from dataclasses import dataclass
from numbers import Integral

CELL_NAMES = ("lstm", "gru", "rnn")
CONTEXTS = ("start", "every_step")
ATTENTIONS = ("none", "dot", "additive")


@dataclass(frozen=True)
class Seq2SeqConfig:
    """What an encoder–decoder is built from.

    Attributes:
        source_vocabulary: number of source token ids.
        target_vocabulary: number of target token ids V.
        cell: "lstm", "gru" or "rnn".
        units: width of every recurrent layer.
        embedding: width of the token vectors.
        layers: recurrent layers in the encoder, and as many in the decoder.
        dropout: share of the values dropped between layers in training (Zaremba et al. 2014).
        context: where the decoder sees the encoder's last state: as its own first state only
            ("start", Sutskever et al. 2014) or also beside every token ("every_step", Cho et al.
            2014).
        attention: what the decoder sees of the encoder's other states at every timestep: nothing
            ("none"), or their mean weighted by a score, which is a product ("dot", Luong et al.
            2015) or a small network ("additive", Bahdanau et al. 2015).
        bidirectional: whether the encoder reads the source in both directions, with half of the
            units for each (Schuster and Paliwal 1997; Bahdanau et al. 2015, section 3.2).
    """

    source_vocabulary: int
    target_vocabulary: int
    cell: str = "lstm"
    units: int = 256
    embedding: int = 256
    layers: int = 1
    dropout: float = 0.2
    context: str = "start"
    attention: str = "none"
    bidirectional: bool = False

    @classmethod
    def sutskever2014(cls) -> "Seq2SeqConfig":
        """Return the network of Sutskever et al. 2014, section 3.4: 384 million weights.

        `models.sutskever2014` has its first weights and its optimizer. The paper does not speak of
        dropout. In the paper the source is reversed, which is a matter of the batches.
        """
        return cls(160_000, 80_000, units=1000, embedding=1000, layers=4, dropout=0.0)

    def __post_init__(self):
        """Refuse values that cannot be built, with the field's name."""
        for name in ("source_vocabulary", "target_vocabulary", "units", "embedding", "layers"):
            value = getattr(self, name)
            if not isinstance(value, Integral) or value < 1:
                raise ValueError(f"{name} is {value}: give a whole number of 1 or more")
            # NumPy's whole numbers are none to Keras's layers, nor to JSON.
            object.__setattr__(self, name, int(value))
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout is {self.dropout}: give a share from 0 to below 1")
        object.__setattr__(self, "dropout", float(self.dropout))
        for name, known in (
            ("cell", CELL_NAMES),
            ("context", CONTEXTS),
            ("attention", ATTENTIONS),
            ("bidirectional", (False, True)),
        ):
            value = getattr(self, name)
            if value not in known:
                raise ValueError(f"{name} is {value!r}: give one of {', '.join(map(str, known))}")
            object.__setattr__(self, name, type(known[0])(value))
        if self.bidirectional and self.units % 2:
            raise ValueError(f"units is {self.units}: give an even number, half for each direction")
