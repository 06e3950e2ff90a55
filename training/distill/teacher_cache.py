"""The teacher asked once: its top-k logits and mapped hidden states on disk, read back by memory map.

One folder: `meta.json` (what it is made of), `done.u8` (one byte a conversation), and flat arrays in the order of the
conversations: `ids.i32` and `log_probs.f16` [N, k] on answers (`labels.f32` [N] between different tokenizers),
`hidden.i8` [M, sites, H] with `scale.f32` [M, sites]: 8 bits a value, scaled by each vector's largest (the cosine to the
original is above 0.999). A conversation counts as done when its bytes are on disk: a killed run goes on where it stopped.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from rag.errors import OdfinError
from training.distill.teachers import Signals
from training.losses.logits import TopTeacher


@dataclass(frozen=True)
class Meta:
    """What a cache is made of. `sites`: the student's sites, in the order stored; `mapped`: the teacher's."""

    teacher: str
    data: str
    bridge: str
    positions: str
    top_k: int
    temperature: float
    sites: tuple[str, ...]
    mapped: tuple[str, ...]
    width: int


class TeacherCache:
    """Opened for conversations with so many predicting positions (`counts`) and hidden positions (`hidden_counts`).

    Raises OdfinError where the folder holds another teacher's or other data's answers, or the disk is too small.
    """

    def __init__(self, folder: Path, meta: Meta, counts: Sequence[int], hidden_counts: Sequence[int]):
        self.folder = folder
        self.meta = self._agreed(folder / "meta.json", meta)
        self.first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self.first_hidden = np.concatenate([[0], np.cumsum(hidden_counts)]).astype(np.int64)
        total, hidden = int(self.first[-1]), int(self.first_hidden[-1])
        sites, width, k = len(self.meta.sites), self.meta.width, self.meta.top_k
        self.across = self.meta.bridge == "different"
        shapes = ({"labels": ("f4", (total,))} if self.across
                  else {"ids": ("i4", (total, k)), "log_probs": ("f2", (total, k))})
        shapes |= {"hidden": ("i1", (hidden, sites, width)), "scale": ("f4", (hidden, sites))} if sites else {}
        shapes["done"] = ("u1", (len(counts),))
        self._room(shapes)
        self._arrays = {name: self._map(f"{name}.{kind[0]}{int(kind[1]) * 8}", kind, shape)
                        for name, (kind, shape) in shapes.items()}

    @property
    def missing(self) -> list[int]:
        """Conversations the teacher has not been asked about."""
        return np.flatnonzero(self._arrays["done"] == 0).tolist()

    @property
    def bytes(self) -> int:
        return sum(array.nbytes for array in self._arrays.values())

    def write(self, conversations: Sequence[int], signals: Signals, top: TopTeacher | None) -> None:
        """Keep what the teacher said about these, given in the order of its micro-batch."""
        at = at_hidden = 0
        hidden = [signals.hidden[site].float().cpu() for site in self.meta.sites]
        for one in conversations:
            rows = slice(int(self.first[one]), int(self.first[one + 1]))
            count = rows.stop - rows.start
            if self.across:
                self._arrays["labels"][rows] = signals.log_probs[at : at + count].float().cpu().numpy()
            else:
                self._arrays["ids"][rows] = top.ids[at : at + count].cpu().numpy()
                self._arrays["log_probs"][rows] = top.log_probs[at : at + count].cpu().numpy()
            at += count
            if not self.meta.sites:
                continue
            rows = slice(int(self.first_hidden[one]), int(self.first_hidden[one + 1]))
            count = rows.stop - rows.start
            for number, values in enumerate(hidden):
                part = values[at_hidden : at_hidden + count]
                scale = part.abs().amax(-1).clamp_min(1e-12) / 127
                self._arrays["hidden"][rows, number] = (part / scale[:, None]).round().to(torch.int8).numpy()
                self._arrays["scale"][rows, number] = scale.numpy()
            at_hidden += count
        for name, array in self._arrays.items():
            if name != "done":
                array.flush()
        self._arrays["done"][list(conversations)] = 1
        self._arrays["done"].flush()

    def read(self, conversations: Sequence[int], sites: Sequence[str]) -> Signals:
        """What the teacher said about these, with the hidden states of `sites`."""
        take = lambda name, first: np.concatenate(  # noqa: E731
            [self._arrays[name][first[one] : first[one + 1]] for one in conversations])
        hidden = {}
        if sites:
            scale, values = take("scale", self.first_hidden), take("hidden", self.first_hidden)
            for site in sites:
                number = self.meta.sites.index(site)
                hidden[site] = torch.from_numpy(values[:, number].astype(np.float32) * scale[:, number, None])
        if self.across:
            return Signals(None, torch.from_numpy(take("labels", self.first)), hidden)
        ids = torch.from_numpy(take("ids", self.first).astype(np.int64))
        return Signals(TopTeacher(ids, torch.from_numpy(take("log_probs", self.first).astype(np.float32))), None, hidden)

    def _agreed(self, path: Path, wanted: Meta) -> Meta:
        """The folder's own meta: it may hold more sites than are wanted now (a loss switched off)."""
        if not path.is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            building = path.with_suffix(".building")
            building.write_text(json.dumps(asdict(wanted)))
            building.replace(path)
            return wanted
        found = json.loads(path.read_text())
        found = Meta(**found | {"sites": tuple(found["sites"]), "mapped": tuple(found["mapped"])})
        for name, about in (("teacher", "另一个教师"), ("data", "另一份数据"), ("bridge", "另一个词表"),
                            ("positions", "另一种 loss.positions"), ("top_k", "另一个 cache.top_k"),
                            ("temperature", "另一个 loss.temperature")):
            if getattr(found, name) != getattr(wanted, name):
                raise OdfinError(f"教师缓存 {self.folder} 属于{about}；请换一个 cache.folder，或删掉这个文件夹重算")
        stored = dict(zip(found.sites, found.mapped, strict=True))
        for site, mapped in zip(wanted.sites, wanted.mapped, strict=True):
            if stored.get(site) != mapped:
                raise OdfinError(f"教师缓存 {self.folder} 里没有 {site} 对应教师 {mapped} 的中间状态；"
                                 "请换一个 cache.folder，或删掉这个文件夹重算")
        return found

    def _room(self, shapes: dict) -> None:
        need = sum(np.dtype(kind).itemsize * int(np.prod(shape)) for kind, shape in shapes.values())
        have = shutil.disk_usage(self.folder).free + sum(
            file.stat().st_blocks * 512 for file in self.folder.iterdir() if file.is_file())
        if need > have:
            raise OdfinError(f"教师缓存需要 {need / 1e9:.1f} GB，{self.folder} 所在的盘只剩 {have / 1e9:.1f} GB；"
                             "请减少数据，或加大 loss.map_every，或换一个 cache.folder")

    def _map(self, name: str, kind: str, shape: tuple[int, ...]) -> np.ndarray:
        path = self.folder / name
        size = np.dtype(kind).itemsize * int(np.prod(shape))
        if size == 0:
            return np.zeros(shape, kind)
        if not path.is_file():
            with path.open("wb") as file:
                file.truncate(size)
        elif path.stat().st_size != size:
            raise OdfinError(f"教师缓存文件 {path} 的大小不对；请删掉 {self.folder} 重算")
        return np.memmap(path, kind, "r+", shape=shape)
