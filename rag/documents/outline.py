"""Blocks to sections, each under the path of its headings."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rag.documents.blocks import Block, asks, family_of, is_question
from rag.documents.lines import without_space

_ORDER = {"公告": -1, "附": 0, "编": 1, "部分": 2, "章": 3, "节": 4, "条": 5}


@dataclass
class Section:
    """Blocks under one heading path; `label` is the clause number when the section is one clause."""

    path: tuple[str, ...]
    blocks: list[Block]
    own: Block | None = None  # the heading's block
    clause: bool = False
    question: bool = False


def sections_of(blocks: list[Block], title: str) -> list[Section]:
    """Cut at headings, at every 第…条 and dotted clause, and at every question of a question list."""
    # where even 2.3 and （一） are first-level headings, the number of # says nothing
    flat = any(
        block.kind == "head" and block.mark == 1 and (block.family in ("（一）", "(1)") or block.depth >= 2)
        for block in blocks
    )
    # 二、车身划痕损失险 stands over its own articles where such headings begin before any article does
    order = [block.family for block in blocks if block.family == "条" or (block.kind == "head" and block.family == "一")]
    over = order[:1] == ["一"]
    stack: list[Block] = []
    made: list[Section] = [Section((), [])]
    pairs = sum(asks(block.text) for block in blocks) >= 2
    own_title = without_space(title)

    def path(extra: str = "") -> tuple[str, ...]:
        names = [_shown(entry) for entry in stack]
        return tuple(name for name in (*names, extra) if name and without_space(name) != own_title)

    for block in blocks:
        if block.kind == "head":
            _place(stack, block, flat, over)
            made.append(Section(path(), [], block, block.family in ("条", "dot"), is_question(block.text)))
        elif block.kind == "text" and (block.family == "条" or (block.family == "dot" and block.depth >= 2)):
            _place(stack, replace(block, kind="clause"), flat, over)
            made.append(Section(path(), [block], None, True))
        elif block.kind == "text" and pairs and asks(block.text):
            made.append(Section(path(block.text), [block], None, True, True))
        else:
            made[-1].blocks.append(block)
    return _with_openings(_with_lost_headings(made))


def _with_openings(sections: list[Section]) -> list[Section]:
    """A few words that only lead over to the sub-headings (我们承担如下保险责任：) go with the first of them."""
    made: list[Section] = []
    held: list[Block] = []
    for section, below in zip(sections, [*sections[1:], None], strict=True):
        blocks = [*held, *section.blocks]
        held = []
        size = sum(len(block.text) for block in blocks)
        leads = size <= 30 or (size <= 120 and blocks[-1].text.endswith(("：", ":")))
        if (
            leads
            and below is not None
            and section.path
            and below.path[: len(section.path)] == section.path
            and len(below.path) > len(section.path)
            and all(block.kind == "text" for block in blocks)
        ):
            held = blocks
        else:
            made.append(replace(section, blocks=blocks))
    return made


def _shown(block: Block) -> str:
    if block.kind == "clause":
        label = family_of(block.text)[2]
        words = block.text[len(label) :].split(maxsplit=1)
        titled = len(words) == 2 and len(words[0]) <= 16 and not re.search("[，。；：、,;:]", words[0])
        return f"{label} {words[0]}" if titled else label
    return block.text if len(block.text) <= 80 else block.text[:80]


def _place(stack: list[Block], block: Block, flat: bool, over: bool) -> None:
    """Put `block` where it belongs in the path: beside its own family, below everything of a higher rank."""
    if block.family:
        same = next(
            (
                index
                for index, entry in enumerate(stack)
                if entry.family == block.family
                and (block.family != "dot" or entry.depth >= block.depth)
                and not _is_item_below(block, stack[index:])
            ),
            None,
        )
        if same is not None:
            del stack[same:]
        elif block.family in _ORDER:
            rank = _ORDER[block.family]
            first = next(
                (index for index, entry in enumerate(stack) if not _stands_above(entry, block, rank, flat, over)), None
            )
            if first is not None:
                del stack[first:]
        elif block.mark:
            while stack and (
                (not stack[-1].family and (flat or stack[-1].mark >= block.mark))
                or (not flat and stack[-1].mark > block.mark)
            ):
                stack.pop()
    elif flat:
        while stack and (not stack[-1].family or (stack[-1].kind == "clause" and stack[-1].family == "条")):
            stack.pop()
    else:
        beside = next(
            (index for index, entry in enumerate(stack) if not entry.family and entry.mark >= block.mark), None
        )
        if beside is not None:
            del stack[beside:]
        while stack and (
            stack[-1].mark >= block.mark or (stack[-1].mark == 0 and stack[-1].family not in ("编", "部分", "章", "节"))
        ):
            stack.pop()
    stack.append(block)


def _is_item_below(block: Block, path: list[Block]) -> bool:
    """Whether `4.` is an item under `2.4`, not the chapter after `2.`: `path` begins with the chapter."""
    entry = path[0]
    if block.family != "1" or len(path) < 2 or path[1].family != "dot":
        return False
    chapter, number = (int(re.findall(r"\d+", one.text)[0]) for one in (entry, block))
    if int(re.findall(r"\d+", path[1].text)[0]) != chapter:
        return False
    return bool(entry.mark) != bool(block.mark) or number != chapter + 1


def _stands_above(entry: Block, block: Block, rank: int, flat: bool, over: bool) -> bool:
    """Whether a heading in the path stays above a 编/章/节/条 that follows it. `over`: 一、 does above a 条."""
    if over and entry.family == "一" and entry.kind == "head" and block.family == "条":
        return True
    if entry.family:
        return entry.family in _ORDER and _ORDER[entry.family] < rank
    if block.mark:
        return not flat and entry.mark < block.mark
    return block.family == "条"


def _with_lost_headings(sections: list[Section]) -> list[Section]:
    """A numbered heading with nothing under it is no heading: its words go to the text before it."""
    made: list[Section] = []
    for index, section in enumerate(sections):
        below = sections[index + 1] if index + 1 < len(sections) else None
        has_child = below is not None and section.own is not None and section.own.text in below.path
        if section.blocks or has_child or section.own is None:
            made.append(section)
            continue
        if section.own.mark and not section.own.family and len(section.own.text) <= 30 and len(sections) > 1:
            continue
        text = replace(section.own, kind="text")
        if made and made[-1].blocks and made[-1].path[:-1] == section.path[:-1] and not made[-1].clause:
            made[-1].blocks.append(text)
        else:
            made.append(Section(section.path[:-1], [text], None, section.clause))
    return [section for section in made if section.blocks]
