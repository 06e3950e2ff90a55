"""`odfin train data`: from documents, sets and files to one mixture, cleaned, checked against evaluation, parted, reported.

The order is the order of trust: what comes first is kept where two are alike. A language model is asked last, and only
about what may be learnt: what it is told may leave this machine.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from rag.answer.finding import Finder
from rag.errors import OdfinError
from rag.models.embedder import Embedder
from rag.settings import Settings
from training.data import as_asked, manifest, own_set, report, rewriting
from training.data.augment.teacher import Teacher
from training.data.augment.write import asked_anew, rephrased
from training.data.config import DataConfig, Import
from training.data.consultation import items as consultations
from training.data.consultation import records as consultation
from training.data.duplicates import unlike
from training.data.files import data_files
from training.data.filters import reason
from training.data.importers import imported
from training.data.licences import OFFICIAL, OWN, shippable
from training.data.overlap import Examined, Overlap, sets_of, without
from training.data.reading.generate import generate
from training.data.reading.material import Material, read_folder
from training.data.record import Record, write_records
from training.data.render import reading_record
from training.data.split import HELD_OUT, TRAIN, VALIDATION, Shares, part_of
from training.data.stages import Stage, file_hash, stage
from training.data.synthetic.make import documents
from training.data.tasks.make import make
from training.grounds import grounds
from training.instructions import FOLDER, PAPERS, read_items

PARTS = (TRAIN, VALIDATION, HELD_OUT)
Say = Callable[[str], None]


@dataclass
class Built:
    """What a build made: records by part, and all the report tells of."""

    parts: dict[str, list[Record]]
    dropped: Counter
    overlap: Overlap
    masked: int
    stages: list[Stage]
    seconds: float
    files: dict[str, Path] = field(default_factory=dict)

    @property
    def records(self) -> list[Record]:
        return [record for part in PARTS for record in self.parts[part]]


class Builder:
    """One build into one folder."""

    def __init__(self, config: DataConfig, out: Path, settings: Settings, say: Say = lambda line: None):
        self.config, self.out, self.settings, self.say = config, out, settings, say

    def run(self) -> Built:
        """Build everything. Raises OdfinError for the first input that cannot be read."""
        started = time.monotonic()
        inputs = manifest.inputs_of(self.config)
        stages: list[Stage] = []
        dropped, overlap = Counter(), Overlap()
        kept = list(unlike(chain.from_iterable(self._fit(inputs, stages, dropped, overlap)), dropped, self.config.near))
        for one in stages:
            dropped.update({f"{one.name}：{why}": count for why, count in one.dropped.items()})
        shares = Shares(self.config.validation, self.config.held_out, self.config.held_shapes)
        parts: dict[str, list[Record]] = {part: [] for part in PARTS}
        for record in kept:
            parts[part_of(record, shares)].append(record)
        if not parts[TRAIN]:
            raise OdfinError("没有留下可用于训练的数据；请检查配置里的来源与许可证，报告里有丢弃的原因")
        masked = sum(one.facts.get("masked", 0) for one in stages)
        built = Built(parts, dropped, overlap, masked, stages, time.monotonic() - started)
        self._write(built, inputs)
        return built

    def _fit(self, inputs: dict[str, str], stages: list[Stage], dropped: Counter, overlap: Overlap) -> list[list[Record]]:
        """The records of each stage that may be learnt, in the order of trust; `stages` gets the stages themselves."""
        sets = sets_of(self.config.evaluation)
        examined = Examined(sets) if sets else None

        def fit(one: Stage) -> list[Record]:
            stages.append(one)
            kept = self._cleaned(one.records, dropped)
            return list(without(kept, examined, overlap) if examined else kept)

        found = {one.name: fit(one) for one in self._stages(inputs)}
        last = ["reading", "tasks"]
        if self.config.augment.model:
            last = ["augmented", *last]
            found["augmented"] = fit(self._augmented(list(unlike(chain(*found.values()), {}, self.config.near)), inputs))
        return [found.pop(name) for name in [*(name for name in found if name not in last), *last]]

    # -- the sources ----------------------------------------------------------------------------------------------

    def _stages(self, inputs: dict[str, str]) -> Iterator[Stage]:
        """Everything but what a language model writes."""
        config, basis = self.config, self._basis(inputs)
        if config.own:
            yield self._stage("own", basis, self._own)
            yield self._stage("consultation", basis, self._consultation)
            yield self._stage("rewriting", basis, lambda dropped, facts: rewriting.records())
            if config.as_asked:
                yield self._stage("as-asked", basis, self._as_asked)
        for number, one in enumerate(config.imports, 1):
            hashes = [file_hash(file) for file in data_files(one.path)]
            yield self._stage(f"import-{number}", [one.model_dump(mode="json", exclude={"path"}), hashes, config.seed],
                              lambda dropped, facts, one=one: self._imported(one, dropped, facts))
        reading = self._stage("reading", [basis, config.reading.model_dump()], self._reading)
        yield reading
        yield self._stage("tasks", [basis, config.tasks, config.reading.model_dump()],
                          lambda dropped, facts: self._tasks(reading.records))

    def _augmented(self, fit: list[Record], inputs: dict[str, str]) -> Stage:
        """What a language model makes of records that may be learnt, and of the documents."""
        made_from = [self._basis(inputs), self.config.augment.model_dump(), [record.id for record in fit]]
        return self._stage("augmented", made_from, lambda dropped, facts: self._written(fit, dropped, facts))

    def _basis(self, inputs: dict[str, str]) -> list[Any]:
        """What the stages are made from but for imports."""
        return [self.config.seed, {name: value for name, value in inputs.items() if not name.startswith(("import/", "evaluation/"))}]

    def _stage(self, name: str, made_from: Any, maker: Callable) -> Stage:
        one = stage(self.out / "stages", name, made_from, maker)
        self.say(f"{name}：{len(one.records)} 条{'（已有）' if one.again else ''}")
        return one

    @cached_property
    def _materials(self) -> dict[str, Material]:
        """Knowledge (with the papers of the own set), laws and made-up documents, read when first needed."""
        found = {"knowledge": Material(), "laws": Material(), "synthetic": Material()}
        for grids, clauses in chain(read_folder(self.config.knowledge, OWN), read_folder(PAPERS, OWN)):
            found["knowledge"].add(grids, clauses)
        for grids, clauses in read_folder(self.config.laws, OFFICIAL) if self.config.laws else ():
            found["laws"].add(grids, clauses)
        for grids, clauses in documents(self.config.reading.documents, self.config.seed):
            found["synthetic"].add(grids, clauses)
        return found

    def _items(self) -> Iterator[dict]:
        return read_items(sorted(FOLDER.glob("*.jsonl")), self.config.laws)

    @cached_property
    def _documents(self) -> Material:
        """What the own set and its papers quote: knowledge and laws together."""
        both = Material()
        for name in ("knowledge", "laws"):
            both.add(self._materials[name].grids, self._materials[name].clauses)
        return both

    def _own(self, dropped: Counter, facts: dict) -> Iterator[Record]:
        yield from own_set.records(self._items(), self._documents, self.config.seed, dropped)

    def _consultation(self, dropped: Counter, facts: dict) -> Iterator[Record]:
        items = consultations.read(laws=self.config.laws)
        yield from consultation.records(items, self._documents, self.config.seed, dropped)

    def _as_asked(self, dropped: Counter, facts: dict) -> Iterator[Record]:
        chance = random.Random(f"{self.config.seed}/{as_asked.NAME}")
        for items, searcher in grounds(self.settings, FOLDER, self.config.laws, self.out, Embedder(self.settings),
                                       lambda progress: None):
            yield from as_asked.records(items, Finder(searcher.settings, searcher), chance, dropped)

    def _reading(self, dropped: Counter, facts: dict) -> Iterator[Record]:
        count, held = self.config.reading, self._materials
        wanted = [("reading-knowledge", held["knowledge"], count.knowledge), ("reading-laws", held["laws"], count.laws),
                  ("reading-synthetic", held["synthetic"], count.synthetic)]
        made = generate([one for one in wanted if one[1].grids or one[1].clauses], self.config.seed)
        dropped.update(made.dropped)
        facts["short"] = made.short
        yield from map(reading_record, made.drafts)

    def _tasks(self, reading: list[Record]) -> Iterator[Record]:
        asked = [(item["question"], item.get("topic", ""), item["source"], OWN) for item in self._items()
                 if not item.get("history") and not item.get("law")] if self.config.own else []
        yield from make(self.config.tasks, list(self._materials.values()), reading, asked, self.config.seed)

    def _imported(self, one: Import, dropped: Counter, facts: dict) -> list[Record]:
        found = list(imported(one, dropped, facts))
        if one.most and len(found) > one.most:
            found = random.Random(f"{self.config.seed}/{one.name}").sample(found, one.most)
        return found

    def _written(self, records: list[Record], dropped: Counter, facts: dict) -> Iterator[Record]:
        teacher = Teacher(self.settings, self.config.augment, self.out / "cache" / "requests.jsonl")
        try:
            yield from rephrased(records, self.config.augment, teacher, self.config.seed, dropped)
            yield from asked_anew(self._documents, self.config.augment, teacher, self.config.seed, dropped)
        finally:
            teacher.close()
            facts["cost"] = {**vars(teacher.cost), "price": round(teacher.cost.price(self.config.augment), 4)}

    # -- what becomes of them -------------------------------------------------------------------------------------

    def _cleaned(self, records: Iterable[Record], dropped: Counter) -> Iterator[Record]:
        for record in records:
            if self.config.shippable_only and not shippable(record.licence):
                dropped[f"许可证不许随产品分发（{record.licence}）"] += 1
                continue
            if why := reason(record):
                dropped[why] += 1
                continue
            yield record

    def _write(self, built: Built, inputs: dict[str, str]) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        for part in PARTS:
            random.Random(f"{self.config.seed}/{part}").shuffle(built.parts[part])
            built.files[part] = self.out / f"{part}.jsonl"
            write_records(built.parts[part], built.files[part])
        pictures = report.write(built, self.config, self.out)
        manifest.write(built, self.config, inputs, [*built.files.values(), self.out / "report.md", *pictures], self.out)
