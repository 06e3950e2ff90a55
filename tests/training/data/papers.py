"""Small documents for the tests of training data: tables and clauses of an invented bank, law and insurer."""

from __future__ import annotations

from pathlib import Path

from training.data.reading.material import Material, read_folder

LOANS = """# 河湾银行安居贷产品手册

## 利率

| 贷款期限 | 首套住房 | 二套住房 |
| --- | --- | --- |
| 1年以内 | 3.00% | 3.40% |
| 1至5年 | 3.15% | 3.55% |
| 5年以上 | 3.25% | 3.65% |

## 提前还款

借款人提前还款应当提前15日书面申请。每次提前还款的金额不得低于2万元。逾期贷款的罚息利率为合同利率上浮50%。

连续逾期超过90日的，本行有权宣布贷款提前到期。
"""
TERM = """# 云泽定期寿险费率表

单位：元／每10万元基本保险金额

| 投保年龄（周岁） | 男性 | 女性 |
| --- | --- | --- |
| 24 | 154 | 87 |
| 25 | 165 | 93 |
| 26 | 177 | 99 |
| 27 | 190 | 105 |
| 28 | 204 | 112 |

## 规则

| 项目 | 规则 |
| --- | --- |
| 犹豫期 | 15日 |
| 等待期 | 90日 |
| 宽限期 | 60日 |
"""
WHOLE = TERM.replace("云泽", "望川").replace("154", "254").replace("165", "265").replace("15日", "20日")
LAW = """# 河湾存款条例

2020年1月1日 施行

第一条 本条例所称存款人，是指在河湾地区开立账户的自然人和单位。

第二条 存款人申请销户的，银行应当在3个工作日内办理。

第三条 银行不得拒绝存款人查询本人账户。

第四条 存款人有下列情形之一的，银行可以中止业务：

（一）提供虚假身份证明；

（二）拒不更新过期证件；

（三）账户涉嫌诈骗。
"""


def knowledge(folder: Path) -> Path:
    """A folder of topics, as `knowledge/` is."""
    for name, text in (("贷款/安居贷.md", LOANS), ("保险/定期寿险.md", TERM), ("保险/终身寿险.md", WHOLE)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def laws(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "河湾存款条例.md").write_text(LAW, encoding="utf-8")
    return folder


def material(folder: Path) -> Material:
    made = Material()
    for grids, clauses in (*read_folder(knowledge(folder / "k"), "own"), *read_folder(laws(folder / "l"), "official")):
        made.add(grids, clauses)
    return made
