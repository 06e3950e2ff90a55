"""One export: a trained checkpoint or adapter in, files for the device out, each with its size, hash and measured loss."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.errors import OdfinError
from rag.models.pins import PINS
from rag.models.store import ModelStore, sha256_of
from rag.settings import Settings
from training import causal, checkpoints
from training.export.formats import FORMATS
from training.export.lora import write_adapter
from training.export.loss import Loss, measure
from training.export.model_file import write_model
from training.export.read_out import ReadOut
from training.plain_text import read_texts, windows

RECORD, CARD = "export.json", "README.md"
SHIPPED_BYTES = 25_000_000  # no larger file becomes part of the project
Say = Callable[[str], None]


@dataclass(frozen=True)
class Shown:
    """The text a loss is measured on: files, windows at the most, tokens a window."""

    files: Sequence[Path]
    windows: int = 16
    length: int = 512


@dataclass(frozen=True)
class File:
    """A file that was written. `loss` is None where no text was given; `against` says what its loss is compared with."""

    name: str
    form: str
    bytes: int
    sha256: str
    loss: Loss | None = None
    against: str = ""


@dataclass(frozen=True)
class Exported:
    """`same_tokens`: share of the texts that llama.cpp cuts into the very same tokens; None where no text was given."""

    kind: str  # "model" | "adapter"
    base: str
    files: tuple[File, ...]
    same_tokens: float | None = None
    base_loss: Loss | None = None  # an adapter's base without it


def export_model(source: Path, base: str | None, out: Path, forms: Sequence[str], shown: Shown, settings: Settings,
                 say: Say) -> Exported:
    """Write the checkpoint `source`, or the peft adapter merged into its base, as one GGUF for each of `forms`.

    A merged checkpoint is kept beside them, in `out`/merged. Losses are measured in llama.cpp against the f16 file.
    """
    _known(forms)
    checkpoints.new_folder(out)
    folder, named = source, source.name
    if checkpoints.is_adapter(source):
        named = base or checkpoints.base_named_in(source)
        folder = _merged(source, named, out / "merged", settings, say)
    model, tokenizer = checkpoints.load(folder, dtype=_precision(folder))
    files: dict[str, Path] = {}
    for form in dict.fromkeys([*forms, *(["f16"] if shown.files else [])]):
        files[form] = out / f"{out.name}-{form}.gguf"
        say(f"{files[form].name}：{write_model(model, tokenizer, files[form], form, out.name) / 1e6:.1f} MB")
    found, same = {}, None
    if shown.files:
        texts = list(read_texts(shown.files))
        parts = windows(texts, tokenizer, shown.length, shown.windows)
        del model
        with ReadOut(files["f16"], settings, longest=shown.length) as whole:
            same = _same(texts[: shown.windows], tokenizer, whole)
            for form, file in files.items():
                if form == "f16":
                    found[form] = measure(whole.logits, parts)
                else:
                    with ReadOut(file, settings, longest=shown.length) as small:
                        found[form] = measure(small.logits, parts, whole.logits)
                say(_said(file.name, found[form]))
        if "f16" not in forms:
            files.pop("f16").unlink()
    written = tuple(_file(file, form, found.get(form), "" if form == "f16" else "f16") for form, file in files.items())
    reference = (File("（只作对照，未保留）", "f16", 0, "", found["f16"]),) if found and "f16" not in forms else ()
    return _recorded(Exported("model", named, (*reference, *written), same), out)


def export_adapter(source: Path, base: str | None, out: Path, form: str, shown: Shown, settings: Settings,
                   say: Say) -> Exported:
    """Write the peft adapter `source` as a GGUF adapter over `base`: a pinned model or a GGUF file.

    Its loss is llama.cpp's over the quantised base against transformers' over the same base dequantised.
    """
    named = base or checkpoints.base_named_in(source)
    gguf = ModelStore(settings).path(named) if named in PINS else Path(named).expanduser()
    if gguf.suffix != ".gguf" or not gguf.is_file():
        raise OdfinError(f"适配器的底座 {named} 不是内置模型名，也不是 GGUF 文件；请用 --base 指定（{'、'.join(PINS)}）")
    checkpoints.new_folder(out)
    folder = causal.checkpoint_of(named, settings)
    from transformers import AutoConfig

    file = out / f"{named if named in PINS else 'adapter'}.gguf"
    size = write_adapter(source, AutoConfig.from_pretrained(folder), file, out.name, _public(named), form)
    say(f"{file.name}：{size / 1e6:.1f} MB" + ("，超过随项目分发的上限 25 MB；可改用 --format q8_0 或减小秩"
                                              if size > SHIPPED_BYTES else ""))
    loss = plain = same = None
    if shown.files:
        model, tokenizer = checkpoints.load(folder, source)
        texts = list(read_texts(shown.files))
        parts = windows(texts, tokenizer, shown.length, shown.windows)
        with ReadOut(gguf, settings, longest=shown.length) as bare:
            plain, same = measure(bare.logits, parts), _same(texts[: shown.windows], tokenizer, bare)
        with ReadOut(gguf, settings, file, longest=shown.length) as tuned:
            loss = measure(tuned.logits, parts, lambda ids: logits_of(model, ids))
        say(_said(file.name, loss) + f"；底座本身的困惑度 {plain.perplexity:.3f}")
    written = _file(file, form, loss, "transformers，同一底座（反量化）加 peft 适配器" if loss else "")
    return _recorded(Exported("adapter", _public(named), (written,), same, plain), out)


def logits_of(model: Any, ids: Sequence[int]) -> Any:
    """float32 tensor (tokens, vocabulary) of a transformers model, on the CPU."""
    import torch

    with torch.inference_mode():
        return model(input_ids=torch.tensor([list(ids)], device=model.device), use_cache=False).logits[0].float().cpu()


def _merged(adapter: Path, base: str, folder: Path, settings: Settings, say: Say) -> Path:
    """The adapter worked into its base, in float32: in bfloat16 small updates would be rounded away."""
    model, tokenizer = checkpoints.load(causal.checkpoint_of(base, settings), adapter)
    try:
        model = model.merge_and_unload(safe_merge=True)
    except (ValueError, RuntimeError) as error:
        raise OdfinError(f"适配器 {adapter} 合并不进 {base}：{str(error).splitlines()[0]}") from error
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    say(f"已合并到 {folder}")
    return folder


def _precision(folder: Path) -> str:
    kept = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return "bf16" if kept.get("dtype", kept.get("torch_dtype")) == "bfloat16" else "fp32"


def _known(forms: Sequence[str]) -> None:
    for form in forms:
        if form not in FORMATS:
            raise OdfinError(f"没有名为 {form} 的格式；可选：{'、'.join(FORMATS)}")


def _public(name: str) -> str:
    return causal.public_name(name) if name in PINS else Path(name).name


def _same(texts: Sequence[str], tokenizer: Any, read: ReadOut) -> float:
    return sum(read.encode(text) == tokenizer.encode(text) for text in texts) / len(texts)


def _file(file: Path, form: str, loss: Loss | None, against: str) -> File:
    return File(file.name, form, file.stat().st_size, sha256_of(file), loss, against)


def _recorded(exported: Exported, out: Path) -> Exported:
    (out / RECORD).write_text(json.dumps(asdict(exported), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return exported


def _said(name: str, loss: Loss) -> str:
    line = f"{name}：困惑度 {loss.perplexity:.3f}"
    if loss.divergence is None:
        return line
    return line + f"，KL {loss.divergence:.4f}，首选词元一致 {loss.agreement:.1%}"
