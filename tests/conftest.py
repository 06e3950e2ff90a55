"""Shared by all tests: where the pinned models are, a small folder of documents, and an index made of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
if "PYTEST_XDIST_WORKER" in os.environ:  # workers that each take all cores wait for one another
    os.environ.setdefault("OMP_NUM_THREADS", "1")
# The tests see no setting of the person who runs them, except where the models lie.
MODELS = Path(os.environ.get("ODFIN_HOME") or Path(__file__).parent.parent / ".odfin").resolve() / "models"
for name in [n for n in os.environ if n.startswith("ODFIN_") or n == "TELEGRAM_BOT_TOKEN"]:
    del os.environ[name]

from rag.errors import ModelMissingError  # noqa: E402
from rag.models.store import ModelStore  # noqa: E402
from rag.settings import Settings, load_settings  # noqa: E402

DOCUMENTS = {
    "贷款/安居贷产品手册.md": """# 安居贷产品手册

## 一、贷款对象

年满18周岁、不超过65周岁的中国公民，在澄湖市连续缴存社会保险满12个月。

## 二、利率与费用

表1 安居贷年利率（单位：%）

| 期限 | 首套 | 二套 |
| --- | --- | --- |
| 5年以内 | 3.05 | 3.45 |
| 5年以上 | 3.25 | 3.65 |

提前还款的，贷款发放满1年后不收违约金；不满1年的，按提前还款本金的1%收取违约金。

## 三、逾期

逾期的，罚息利率在合同利率基础上上浮40%。连续逾期90天的，本行可宣布贷款提前到期。
""",
    "保险/澄安重疾险条款.txt": """澄安重大疾病保险条款

第一条 犹豫期
自您签收本合同之日起有15日的犹豫期。犹豫期内解除合同的，我们退还全部已交保险费。

第二条 等待期
自本合同生效之日起90日为等待期。等待期内发生重大疾病的，我们不承担保险责任，退还已交保险费，本合同终止。

第三条 宽限期
到期未交纳保险费的，自保险费约定交纳日的次日起60日为宽限期。

第四条 责任免除
因下列情形之一导致被保险人发生重大疾病的，我们不承担保险责任：
（一）投保人的故意杀害、故意伤害；
（二）被保险人故意犯罪或者抗拒依法采取的刑事强制措施；
（三）被保险人酒后驾驶机动车；
（四）核爆炸、核辐射或者核污染。
""",
    "信用卡/收费标准.csv": "项目,普卡,金卡,白金卡\n年费（元/年）,0,200,600\n取现手续费,1%,1%,0.5%\n挂失手续费（元/次）,40,40,免收\n",
}


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of pinned models; they are fetched into it when first needed."""
    MODELS.mkdir(parents=True, exist_ok=True)
    return MODELS


def need_model(name: str) -> Path:
    """A pinned model's file, or the reason why the test is skipped. One worker fetches it, the others wait."""
    store = ModelStore(load_settings(home=MODELS.parent))
    if found := store.find(name):
        return found
    MODELS.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(MODELS / ".tests.lock"):
            return store.path(name)
    except ModelMissingError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def embedder_model(models: Path) -> Path:
    return need_model("e5-small")


@pytest.fixture(scope="session")
def student_model(models: Path) -> Path:
    return need_model("student")


def settings_at(home: Path, **overrides) -> Settings:
    """Settings over a home of the test's own that shares the pinned models."""
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "models").exists():
        (home / "models").symlink_to(MODELS, target_is_directory=True)
    return load_settings(home=home, _env_file=None, **overrides)


def write_documents(folder: Path) -> Path:
    for source, text in DOCUMENTS.items():
        path = folder / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("gb18030" if source.endswith(".txt") else "utf-8"))
    return folder


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A folder of three documents over three topics, in three formats and two encodings."""
    return write_documents(tmp_path / "documents")


@pytest.fixture
def settings(tmp_path: Path, models: Path) -> Settings:
    """Settings over an empty home."""
    return settings_at(tmp_path / "home")


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory, embedder_model: Path) -> Settings:
    """Settings over a home whose index holds the three documents. Read it, do not change it."""
    from rag.index.build import Indexer

    folder = tmp_path_factory.mktemp("indexed")
    settings = settings_at(folder / "home", knowledge=write_documents(folder / "documents"))
    Indexer(settings).run()
    return settings


LONG = ("rag/evaluate", "odfin", "ui", "rag/index", "training")  # rooms whose files take long


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long begin first (with `--no-loadscope-reorder`), so that no worker is left with one at the end."""
    def place(item: pytest.Item) -> int:
        return next((n for n, room in enumerate(LONG) if f"tests/{room}/" in item.nodeid), len(LONG))

    items.sort(key=place)
