"""The products an answer leaves to choose from: a button each, and the question that a press asks."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardButton

from rag.answer.result import Answer
from rag.text.personal import mask_personal

LABEL_CHARS = 30  # of a product's name fit a button; its end tells products of one family apart

Choices = tuple[tuple[str, str], ...]  # (product, the question about it alone)


def choices_of(answer: Answer) -> Choices:
    """What is kept for the buttons, personal data masked."""
    asked = mask_personal(answer.standalone or answer.question)
    return tuple((product, f"{product}，{asked}") for product in answer.choices)


def choice_rows(choices: Choices, number: int) -> list[list[InlineKeyboardButton]]:
    """A row for each product; its callback is its place among them and the answer's number."""
    return [[InlineKeyboardButton(_label(product), callback_data=f"{place}:{number}")]
            for place, (product, _) in enumerate(choices)]


def pressed(choices: Sequence[tuple[str, str]], action: str) -> tuple[str, str] | None:
    """The product and its question that a button's action stands for; None where it is no such button."""
    return choices[int(action)] if action.isdecimal() and int(action) < len(choices) else None


def message_number(answer: int, action: str) -> int:
    """Stands for the message that was not written: below zero, where Telegram numbers none, and one a button."""
    return -(answer * 10 + int(action) + 1)


def _label(product: str) -> str:
    return product if len(product) <= LABEL_CHARS else f"{product[: LABEL_CHARS // 2]}…{product[-LABEL_CHARS // 2 :]}"
