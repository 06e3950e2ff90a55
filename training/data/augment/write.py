"""What the language model is asked for: the same question in other words or from another person, and new questions."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.student.runtime import Message, Options
from training.data.augment.checks import item_fault, question_fault
from training.data.augment.teacher import OverBudget, Teacher
from training.data.config import Augment
from training.data.privacy import masked
from training.data.reading.around import arranged
from training.data.reading.draft import Draft
from training.data.reading.material import Clauses, Material
from training.data.reading.verify import says
from training.data.record import Record
from training.data.render import reading_record

NAME = "augmented"
PERSONAS = ("一位七十岁、说话絮叨的老人", "一个刚上班的年轻人，爱用口语", "一位着急的个体户老板", "一位说话简短的出租车司机", "一位认真仔细的会计", "一个在校大学生",
            "一位替父母打听的女儿", "一位说话客气的退休教师", "一个第一次买理财的新手", "一位外地来务工的师傅")
_REPHRASE = "把下面的客户问题换一种说法，意思、数字和产品名称都不变，只输出一个问题，不要解释。\n问题：{q}"
_AS = "以{p}的口吻重新提出下面的问题，意思、数字和产品名称都不变，只输出一个问题，不要解释。\n问题：{q}"
_ASK = ("根据下面的资料，替客户提一个资料里能直接找到答案的问题，并只用资料里的话回答。问题要口语化，不要照抄原文。"
        '只输出JSON：{{"question": "…", "answer": "…"}}\n资料：{t}')


def rephrased(records: Sequence[Record], config: Augment, teacher: Teacher, seed: int, dropped: Counter) -> Iterator[Record]:
    """Records of reading and refusal with their question in other words; passages and answer stay."""
    chance = random.Random(f"{seed}/augment")
    pool = [record for record in records if record.task in ("reading", "refusal")]
    chance.shuffle(pool)
    jobs = [(record, _REPHRASE.format(q=record.question)) for record in pool[: config.paraphrases]]
    jobs += [(record, _AS.format(p=chance.choice(PERSONAS), q=record.question))
             for record in pool[config.paraphrases : config.paraphrases + config.personas]]
    for number, (record, asked) in enumerate(jobs):
        written = _said(teacher, asked, seed + number, dropped)
        if written is None:
            return
        written = _first_line(written)
        if why := question_fault(written, record.question, _names(record)):
            dropped[f"改写：{why}"] += 1
            continue
        yield replace(record, messages=record.asking(written), source=NAME)


def asked_anew(material: Material, config: Augment, teacher: Teacher, seed: int, dropped: Counter) -> Iterator[Record]:
    """New questions over clauses, each with the answer the model quoted from them. Clauses that name persons are left out."""
    chance = random.Random(f"{seed}/questions")
    places = [(section, place) for section in material.clauses for place, unit in enumerate(section.units)
              if 16 <= len(unit.plain) <= 220 and masked(unit.plain) == unit.plain]
    for number, (section, place) in enumerate(chance.sample(places, min(len(places), config.questions))):
        written = _said(teacher, _ASK.format(t=section.units[place].plain), seed + number, dropped)
        if written is None:
            return
        found = _json(written)
        if found is None:
            dropped["提问：不是JSON"] += 1
            continue
        question, answer = found
        if why := item_fault(question, answer, section.units[place].text, section.window(place)):
            dropped[f"提问：{why}"] += 1
            continue
        yield reading_record(_draft(section, place, question, answer, material, chance))


def _draft(section: Clauses, place: int, question: str, answer: str, material: Material, chance: random.Random) -> Draft:
    passages, gold = arranged([section.passage(place)], material, section.topic, lambda p: says(p.text, answer), chance)
    return Draft("fact", question, answer, passages, gold, section.source, section.topic, section.licence, NAME,
                 (section.units[place].text,))


def _said(teacher: Teacher, asked: str, seed: int, dropped: Counter) -> str | None:
    """The model's words; None where the budget is spent."""
    try:
        return teacher.ask([Message(role="user", content=asked)], Options(max_tokens=160, temperature=0.8, top_p=0.95, seed=seed, timeout=600))
    except OverBudget:
        dropped["词元预算用完，未再提问"] += 1
        return None


def _first_line(written: str) -> str:
    line = next((line.strip() for line in written.strip().split("\n") if line.strip()), "")
    return re.sub(r"^(?:改写后的?|新的?)?(?:问题|问)[:：]\s*", "", line).strip("“”\"' ")


def _json(written: str) -> tuple[str, str] | None:
    match = re.search(r"\{.*\}", written, re.DOTALL)
    try:
        row = json.loads(match.group()) if match else {}
        question, answer = row["question"], row["answer"]
    except (ValueError, KeyError, TypeError):
        return None
    return (question.strip(), answer.strip()) if isinstance(question, str) and isinstance(answer, str) else None


def _names(record: Record) -> tuple[str, ...]:
    """Names of products and documents that the passages are titled with."""
    return tuple(dict.fromkeys(re.findall(r"《([^》]{3,30})》", record.messages[1]["content"]))) if len(record.messages) > 2 else ()
