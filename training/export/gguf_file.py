"""A GGUF file in the making: it appears whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gguf

from training.export.tensors import architecture


@contextmanager
def new_gguf(file: Path, config: Any, use_temp_file: bool = False) -> Iterator[gguf.GGUFWriter]:
    """A writer for `file`, of the architecture of `config`; what was added to it is written on leaving.

    `use_temp_file`: tensors wait on the disk and not in memory.
    """
    arriving = file.with_name(file.name + ".partial")
    writer = gguf.GGUFWriter(arriving, gguf.MODEL_ARCH_NAMES[architecture(config)], use_temp_file=use_temp_file)
    try:
        yield writer
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()
    arriving.replace(file)
