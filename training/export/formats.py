"""How each weight is stored: F32, F16, Q8_0, or the mix of K-quants that llama.cpp calls Q4_K_M.

K-quants are made by ggml itself, out of the very library that runs the student (xllamacpp); the rest by `gguf`.
"""

from __future__ import annotations

import ctypes
import functools
import os
from concurrent.futures import ThreadPoolExecutor

import gguf
import numpy as np

from rag.errors import OdfinError

Type = gguf.GGMLQuantizationType
FORMATS = {"f32": gguf.LlamaFileType.ALL_F32, "f16": gguf.LlamaFileType.MOSTLY_F16,
           "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0, "q4_k_m": gguf.LlamaFileType.MOSTLY_Q4_K_M}
# A K-quant packs 256 weights of a row; rows of another length take the next better kind of 32.
INSTEAD = {Type.Q4_K: Type.Q5_0, Type.Q6_K: Type.Q8_0}
ROWS_AT_ONCE = 2048


def type_of(name: str, shape: tuple[int, ...], form: str, blocks: int, tied: bool) -> Type:
    """What the tensor `name` is stored as in a file of format `form`.

    Q4_K_M after llama.cpp's rule for dense models: six bits where the loss is felt most, which is the output matrix, and
    `attn_v` and `ffn_down` in the first and last eighth of the blocks and every third between.
    """
    if len(shape) < 2 or form == "f32":
        return Type.F32
    if form == "f16":
        return Type.F16
    wanted = Type.Q8_0
    if form == "q4_k_m":
        wanted = Type.Q4_K
        if name == ("token_embd.weight" if tied else "output.weight"):
            wanted = Type.Q6_K
        elif name.endswith((".attn_v.weight", ".ffn_down.weight")):
            block, eighth = int(name.split(".")[1]), blocks // 8
            if block < eighth or block >= 7 * blocks // 8 or (block - eighth) % 3 == 2:
                wanted = Type.Q6_K
    if wanted in INSTEAD and shape[-1] % 256:
        wanted = INSTEAD[wanted]
    return Type.F16 if shape[-1] % 32 else wanted


def packed(array: np.ndarray, kind: Type) -> np.ndarray:
    """`array` (float32, rows × width) as `kind`: float16 or float32 of the same shape, else uint8 rows of packed bytes."""
    if kind in (Type.F32, Type.F16):
        return array.astype(np.float32 if kind == Type.F32 else np.float16)
    if kind not in (Type.Q4_K, Type.Q6_K):
        return gguf.quantize(array, kind)
    library, (per, size) = _ggml(), gguf.GGML_QUANT_SIZES[kind]
    array = np.ascontiguousarray(array, dtype=np.float32)
    rows, width = array.shape
    out = np.empty((rows, width // per * size), dtype=np.uint8)

    def part(first: int) -> None:
        count = min(ROWS_AT_ONCE, rows - first)
        library.ggml_quantize_chunk(int(kind), array.ctypes.data, out.ctypes.data, first * width, count, width, None)

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # ctypes lets go of the interpreter meanwhile
        list(pool.map(part, range(0, rows, ROWS_AT_ONCE)))
    return out


@functools.cache
def _ggml() -> ctypes.CDLL:
    import xllamacpp.xllamacpp as binding

    library = ctypes.CDLL(binding.__file__)
    try:
        quantise = library.ggml_quantize_chunk
    except AttributeError as error:
        raise OdfinError("这个平台的 xllamacpp 没有导出 ggml_quantize_chunk，做不了 Q4_K_M；请改用 q8_0，或在 Linux 上导出") from error
    # size_t ggml_quantize_chunk(type, const float * src, void * dst, start, rows, width, const float * importance)
    quantise.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64,
                         ctypes.c_void_p]
    quantise.restype = ctypes.c_size_t
    library.ggml_quantize_init.argtypes = [ctypes.c_int]
    for kind in (Type.Q4_K, Type.Q6_K):
        library.ggml_quantize_init(int(kind))
    return library
