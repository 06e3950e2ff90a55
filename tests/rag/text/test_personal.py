"""Run: python -m pytest tests/rag/text/test_personal.py"""

from __future__ import annotations

import random
import re

import pytest

from rag.text.personal import luhn, mask_personal


def identity(prefix: str, birth: str, serial: str) -> str:
    """An identity number made for the test, with the check digit of GB 11643."""
    body = prefix + birth + serial
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def card(body: str) -> str:
    return next(body + str(i) for i in range(10) if luhn(body + str(i)))


ID = identity("110101", "19900307", "001")
CARD16, CARD19 = card("622202110000123"), card("622202020011223344")


@pytest.mark.parametrize(
    ("text", "gone", "kept"),
    [
        (f"身份证{ID}。", ID, ID[-2:]),
        (f"身份证号：{ID[:6]} {ID[6:14]} {ID[14:]}", ID[6:14], ID[-2:]),
        ("老证110101900307123", "900307", "23"),
        (f"卡号{CARD16}", CARD16[:12], "************" + CARD16[-4:]),
        (f"卡号{CARD19}转账", CARD19[:15], "***************" + CARD19[-4:]),
        (f"卡号{CARD16[:4]} {CARD16[4:8]} {CARD16[8:12]} {CARD16[12:]}", CARD16[4:8] + " ", CARD16[-4:]),
        (f"{CARD16[:4]}-{CARD16[4:8]}-{CARD16[8:12]}-{CARD16[12:]}", CARD16[:4] + "-", CARD16[-4:]),
        ("手机13812345678，", "1234", "138****5678"),
        ("+86 138 1234 5678", "1234", "138 **** 5678"),
        ("１３８１２３４５６７８", "１２３４", "138****5678"),
        ("座机010-62345678转", "6234", "010-****5678"),
        ("电话：01062345678", "6234", "电话：010****5678"),
        ("邮箱 zhang.san@example.com 谢谢", "hang.san", "z***@example.com"),
        ("护照E12345678", "12345", "78"),
        ("我叫李小明，想问贷款", "小明", "李**"),
        ("姓名：欧阳锋 手机：13912345678", "阳锋", "姓名：欧** 手机：139****5678"),
        ("投保人：王芳", "王芳", "王*"),
    ],
)
def test_masked(text: str, gone: str, kept: str) -> None:
    masked = mask_personal(text)
    assert gone not in masked
    assert kept in masked


@pytest.mark.parametrize(
    "text",
    [
        "保额500000元，年利率3.85%，2024年3月1日至2025年2月28日",
        "单号20240301，总额1380000000000元",
        "基金代码110011，股票600519.SH、000001.SZ",
        "产品登记编码C1030524000123，R2级，T+1",
        "客服热线95588、400-123-4567",
        "投保人：年满18周岁的自然人；被保险人：出生满28天",
        "我是投保人，我是想问一下",
        "注册资本13800000000元",
        "13900000000份基金份额",
        "第十六条 保险人应当在30日内核定",
        "1,234,567,890,123.00元",
        "受益人：法定继承人",
        "保单2024030112345678901不是卡号" if not luhn("2024030112345678901") else "保单2024030112345678902不是卡号",
        "身份证110101199013071234的日期不成立" if not luhn("110101199013071234") else "身份证",
    ],
)
def test_left_alone(text: str) -> None:
    assert mask_personal(text) == text


def test_amounts_codes_and_dates_survive_whatever_surrounds_them() -> None:
    chance = random.Random(20240301)
    for _ in range(2000):
        pieces = [
            f"{chance.randrange(1, 10**9):,}元",
            f"{chance.randrange(1, 10**8)}.{chance.randrange(100):02d}元",
            f"{chance.randrange(1, 2000) / 100:.2f}%",
            f"{chance.randrange(1990, 2040)}年{chance.randrange(1, 13)}月{chance.randrange(1, 29)}日",
            f"{chance.randrange(1990, 2040)}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}",
            f"{chance.randrange(10**6):06d}.{chance.choice(['SZ', 'SH', 'OF'])}",
            f"{chance.randrange(10**6):06d}",
            f"{chance.randrange(1, 10**5)}万元",
            f"Z{chance.randrange(10**12):012d}",
            f"R{chance.randrange(1, 6)}",
        ]
        chance.shuffle(pieces)
        text = "，".join(pieces)
        assert mask_personal(text) == text


def test_every_valid_number_is_masked_and_masking_twice_changes_nothing() -> None:
    chance = random.Random(7)
    for _ in range(500):
        birth = f"{chance.randrange(1930, 2020)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
        person = identity(chance.choice(["110101", "310115", "440305", "510107"]), birth, f"{chance.randrange(1000):03d}")
        account = card("62" + "".join(str(chance.randrange(10)) for _ in range(chance.choice([13, 14, 16]))))
        phone = f"1{chance.randrange(3, 10)}{chance.randrange(10**9):09d}"
        masked = mask_personal(f"证件{person}，卡{account}，电话{phone}，金额5万元")
        assert not re.search(r"\d{9,}", masked), masked
        assert masked.endswith("金额5万元")
        assert mask_personal(masked) == masked
