"""Instructions inside a message, and the question that is left when they are taken as what they are: mere words."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import replace

from rag.index.hit import Hit
from rag.text.normalise import normalise

_INSTRUCTION = re.compile(
    # rules to be forgotten
    r"(?:忽略|忽视|无视|忘掉|忘记(?!密码)|忘了(?!密码)|不要理会|不用理会|别理|别管|不用看|跳过|抛开|抛弃|推翻|停止遵守|不(?:用|必|要|再)(?:遵守|引用|参考|依据))"
    r".{0,14}(?:规则|指令|指示|命令|设定|要求|限制|提示|约束|文档|文件|资料|规定|原则|身份)"
    r"|(?:ignore|disregard|forget|override|bypass)\b.{0,30}(?:instruction|rule|prompt|guideline|polic|context|above|previous)"
    # another part to play
    r"|你(?:现在|从现在起|从此|今后|已经)(?:就)?是(?!哪|什么|不是|否)|(?:从现在|现在|从此|今后)(?:开始|起)?[，,]?你(?:就)?(?:不)?是|从(?:现在|此)(?:开始|起)?[，,]?(?:你)?(?:只|必须|一律)"
    r"|(?:扮演|假装|假扮|装作|模拟|假设|设想|想象)(?:一下)?(?:你(?!的)|成|自己|我去世|一个|文档|资料|没有)|你.{0,6}扮演|^\W{0,3}(?:请|来)?(?:角色)?扮演|你不再是"
    r"|you are now|act as|pretend (?:to|you)|role-?play|jailbreak|developer mode|\bdan\b|\bdo anything now\b"
    r"|开发者模式|调试模式|维护模式|上帝模式|越狱(?:模式|提示|版)|你.{0,6}越狱|无限制模式|(?:解除|取消|关闭|去掉|没有|不受)了?(?:(?:任何|一切|全部|所有|安全|你的|内容|审核|道德|规则).{0,4}(?:限制|约束|审核|过滤|审查)(?!额|性)|(?:限制|约束)的?(?:的?ai|模型|助手|机器人))|我已解除限制"
    # forged roles and marks
    r"|^\W{0,3}(?:system|assistant|developer|admin|sys|系统|系统消息|系统指令|系统通知|系统提示|管理员|开发者|超级管理员)\W{0,2}\s*[:：\]】>]"
    r"|</?\s*(?:system|assistant|instruction|prompt)s?\s*>|<\|.{0,20}\|>|\[/?inst\]|<<sys>>|^\W{0,3}#{2,}\s*(?:system|instruction|系统|指令)|【(?:资料|问题|指令|管理员.{0,4})】|(?:ai ?|智能|客服)助手.{0,4}(?:必须|请|一律|只)|助手(?:必须|一律|只能|只准)|^\W{0,3}【系统】|[\[（(](?:系统|管理员|system|admin)[\]）)]"
    r"|(?:系统|管理员|开发者|技术部|上级|官方)(?:通知|命令|指令|授权|要求你|已授权)|新的?(?:系统)?指令|更高(?:优先级|权限)"
    # what the program keeps to itself
    r"|提示词|系统提示(?:语|词)?(?:是|打印|输出|原样|念)|系统指令|(?:system|hidden|initial|secret|original) ?(?:prompt|instruction|message)|初始(?:设定|指令|提示)|底层(?:指令|设定|规则)|内部(?:指令|设定|提示)|隐藏(?:指令|设定|规则|提示)"
    r"|你的(?:全部|所有|完整|原始|初始|最初)?(?:的)?(?:规则|指令|设定|配置|限制|prompt)|你(?:被|收到|遵守|遵循|得到)(?:的)?.{0,6}(?:规则|指令|设定|消息|要求)|输出(?:你的)?配置文件|(?:贴|发|打印|展示|公布|公开|泄露|透露|念|列|复述|翻译|输出|导出|交出).{0,8}(?:系统(?:消息|指令|设置|设定|提示)|(?:全部|所有|内部|初始|隐藏)的?(?:指示|指令|设定|规则|prompt))|(?:系统消息|全部指示|全部指令).{0,4}(?:完整|贴|发|打印|输出|公布)|你用的?.{0,6}模型|模型名称|api ?key|密钥.{0,4}(?:告诉|发|给)"
    r"|(?:重复|复述|复制|打印|输出|翻译|背诵|念).{0,10}(?:上面|以上|上文|前面|之前|第一(?:条|句)).{0,12}(?:文字|内容|消息|话|全部|原文)|(?:上面|以上|之前|第一句话之前)的?.{0,12}(?:原文|逐字|一字不漏|一个字).{0,8}|repeat .{0,20}above|verbatim|everything above"
    r"|base64|rot13|摩斯|unicode转义|用json(?:格式)?(?:输出|打印|返回)(?:你|全部|所有|系统)"
    # how to answer instead of what to answer
    r"|(?:只准|只许|只能|只要|只|必须|一律|都|直接|统统|务必|统一)(?:回答|回复|说|输出|写)(?:[\"“”「『'‘]|喵|是$|ok|好的|yes)|(?:以后|今后|接下来|之后).{0,12}(?:都|一律|必须|只)(?:回答|回复|说|照做|用)|只准(?:你)?说|(?<![牌执证拍护凭])照做|按这个(?:来)?(?:回答|回复|说)|凭感觉(?:回答|说)|不要(?:引用|查)|(?:把|将)(?:回答|答案)(?:里|中)?.{0,8}(?:乘|加上|改成|换成|翻倍)"
    r"|(?:(?:以后|今后|从现在|接下来).{0,4})?每(?:次|个|条)(?:回答|回复|答案|消息).{0,14}(?:加|写|附|插|说|用)|(?:改用|换成|用).{0,6}(?:口吻|语气|腔调|脏话)|在(?:回答|答案|结尾|开头|末尾).{0,10}(?:加上|写上|附上|插入)|(?:回答|答案)(?:的)?(?:最后|开头|末尾|结尾)(?:加|写|附)|^(?:say|print|output|respond|reply|answer) (?:only|with|exactly)",
    re.MULTILINE,
)
_END = r"。！!？?；;，,：:\n"
_CLAUSE = re.compile(rf"(?:(?!\.\s)[^{_END}])+(?:[{_END}]+|\.(?=\s))?|\.")
# words that only claim a role: what follows them in a clause may still ask
_MARK = re.compile(r"<\|.{0,20}?\|>|</?\s*\w+\s*>|【(?:资料|问题|系统|指令|管理员)】|\[/?inst\]|^\W{0,3}(?:user|用户|assistant|system|系统|管理员)\s*[:：]", re.I)
_ASKING = re.compile(
    r"多少|几(?!乎|经)|什么|啥|哪|谁|怎么|怎样|如何|为何|为啥|多久|多长|多大|多高|吗|么[？?]?$|呢|是否|有没有|能不能|可不可以|会不会|是不是|要不要|算不算|"
    r"区别|[？?]|\b(?:what|how|when|which|who)\b"
)
_NOT_ASKING = re.compile(r"(?:什么|啥|怎么|谁|哪)[^，。？?]{0,6}(?:都|也|照)|听(?:懂|明白)了?(?:吗|没)|(?:知道|明白|懂|好|行|可以|听到)了?(?:吗|么)[？?]?$")


def has_instruction(message: str) -> bool:
    """Whether some words of the message tell the program how to behave."""
    return bool(_INSTRUCTION.search(normalise(message)))


def real_question(message: str) -> str:
    """The message without its instructions; itself where it holds none, "" where nothing is left that asks.

    What stands after the last instruction is the question if it asks; else all clauses that do not instruct, if one
    of them asks. A false fact told between two instructions is so left out with them.
    """
    if not has_instruction(message):
        return message
    clauses = _CLAUSE.findall(message)
    clauses = [_claims_only(clause) or clause for clause in clauses]
    told = [has_instruction(clause) for clause in clauses]
    after = len(told) - told[::-1].index(True) if True in told else 0
    for kept in (clauses[after:], [clause for clause, instructs in zip(clauses, told, strict=True) if not instructs]):
        asks = [i for i, clause in enumerate(kept) if _asks(clause)]
        if asks:
            return "".join(kept[: asks[-1] + 1]).strip(" ，,：:。\n")
    return ""


def _claims_only(clause: str) -> str:
    """The clause without the mark of a role, if it asks something and does not instruct besides; else ""."""
    rest = _MARK.sub("", clause).strip()
    return rest if rest != clause.strip() and _asks(rest) and not has_instruction(rest) else ""


def _asks(clause: str) -> bool:
    plain = _NOT_ASKING.sub("", normalise(clause).strip())
    return bool(_ASKING.search(plain)) and len(re.findall(r"\w", plain)) >= 4


# a sentence or a table cell; bars stay, so that a row keeps its columns
_PART = re.compile(r"[^。！!？?；;\n|]+[。！!？?；;]*|[\n|]|[。！!？?；;]+")
_CONTROL = re.compile(r"<\|[^|\n]{0,20}\|>")


@functools.lru_cache(maxsize=2048)  # titles, headings and the passages that many questions find
def without_instructions(text: str) -> str:
    """A title, heading or passage without the sentences and cells that instruct; the same text where none does."""
    if not has_instruction(text) and not any(has_instruction(part) for part in _PART.findall(text)):
        return text
    plain = _CONTROL.sub("", text)
    return "".join(part for part in _PART.findall(plain) if not has_instruction(part)).strip()


def disarmed(hits: Sequence[Hit]) -> list[Hit]:
    """The hits with titles, headings and passages that hold no instruction, so that none is quoted or read as words to
    the student. A document's own words stay as they are.
    """
    return [replace(hit, title=_name(hit.title),
                    headings=tuple(without_instructions(h) for h in hit.headings),
                    sections=tuple(replace(section, text=without_instructions(section.text),
                                           headings=tuple(without_instructions(h) for h in section.headings))
                                   for section in hit.read))
            for hit in hits]


def _name(title: str) -> str:
    """A title is one sentence: of one that instructs, the words that do not are kept."""
    if not has_instruction(title):
        return title
    return " ".join(word for word in title.split() if not has_instruction(word)) or "未命名文档"
