"""Which LoRA adapter lies over the student: the one that is shipped for it, none, or the one the settings name.

A shipped adapter is a file `<name of its base>.gguf` in SHIPPED with its card beside it (`odfin train export` writes both).
Dropping it in is all: it is used by default wherever its base is the student.
"""

from __future__ import annotations

from pathlib import Path

from rag.errors import ModelMissingError
from rag.settings import Settings

SHIPPED = Path(__file__).parent.parent / "models" / "student"


def adapter_of(settings: Settings, shipped: Path | None = None) -> Path | None:
    """The adapter's file (GGUF) or folder (peft), or None; `shipped` is another folder than SHIPPED. Raises ModelMissingError where a named one is not there."""
    named = settings.adapter
    if named == "off":
        return None
    if named == "shipped":
        file = (shipped or SHIPPED) / f"{settings.student}.gguf"
        return file if file.is_file() else None
    path = Path(named)
    if not path.exists():
        raise ModelMissingError(f"找不到 LoRA 适配器 {path}；请核对 ODFIN_ADAPTER（shipped、off，或 GGUF 文件、peft 文件夹）")
    return path
