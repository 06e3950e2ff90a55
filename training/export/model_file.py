"""A whole model as one GGUF file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf

from training.export.formats import FORMATS, packed, type_of
from training.export.gguf_file import new_gguf
from training.export.tensors import tensors, write_dimensions
from training.export.tokens import write_tokenizer


def write_model(model: Any, tokenizer: Any, file: Path, form: str, name: str) -> int:
    """Write a Qwen2 or LLaMA model and its tokenizer as `form` (a key of FORMATS); returns the file's bytes.

    `name` is what the file calls itself. Before quantisation (f32, f16) llama.cpp's logits are transformers' within 1e-3
    in f32. Raises OdfinError for what llama.cpp would read otherwise. The file appears whole or not at all.
    """
    config = model.config
    with new_gguf(file, config, use_temp_file=True) as writer:
        writer.add_name(name)
        writer.add_file_type(FORMATS[form])
        writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
        write_dimensions(writer, config)
        write_tokenizer(writer, tokenizer, config.vocab_size)
        for tensor, array in tensors(model):
            kind = type_of(tensor, array.shape, form, config.num_hidden_layers, config.tie_word_embeddings)
            writer.add_tensor(tensor, packed(array, kind), raw_dtype=kind)
    return file.stat().st_size
