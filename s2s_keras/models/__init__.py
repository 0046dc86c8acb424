"""Keras models that share their layers: the training model, the encoder, the decoder's step."""

from .config import Seq2SeqConfig
from .counting import count_parameters
from .inference_models import build_decoder_step, build_encoder, unroll
from .inspection import config_of, has_attention
from .pytorch import from_pytorch, to_pytorch
from .training_model import CELLS, build_training_model

__all__ = [
    "CELLS",
    "Seq2SeqConfig",
    "build_decoder_step",
    "build_encoder",
    "build_training_model",
    "config_of",
    "count_parameters",
    "from_pytorch",
    "has_attention",
    "to_pytorch",
    "unroll",
]
