"""Every word the bot says to its users: Chinese first, English for people whose Telegram speaks English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Texts:
    """One language. Fields with braces are filled with `str.format`."""

    start: str
    help: str
    forgotten: str
    looking: str
    evidence: str
    sources: str
    nearest: str
    show_sources: str
    show_nearest: str
    thanks_up: str
    thanks_down: str
    button_old: str
    choice_taken: str
    sources_sent: str
    page: str
    too_long: str
    not_text: str
    unknown_command: str
    please_wait: str
    trouble: str
    empty_mention: str
    commands: tuple[tuple[str, str], ...]


ZH = Texts(
    start=(
        "您好，我是 **ODFin 金融助手**。\n\n"
        "您可以问我保险、理财、基金、股票、贷款、信用卡、社保方面的问题，例如：\n"
        "• 重疾险的等待期是多久？\n"
        "• 信用卡最低还款额怎么算？\n"
        "• 理财产品提前赎回要收费吗？\n\n"
        "我的回答都来自本机构的文件，并附上出处，点“📄 查看来源”可以看到原文。文件里没有的，我会直说不知道。\n\n"
        "🔒 您的提问经 Telegram 送到本机构，由本机构自己的系统回答；保存前会隐去身份证号、银行卡号、手机号。请不要发送密码和验证码。\n\n"
        "回答仅供参考，不是投资建议，以合同和正式文件为准。发送 /help 查看用法。"
    ),
    help=(
        "**怎么用**\n"
        "• 直接发文字提问，一次一个问题（不超过 {limit} 字）。\n"
        "• 可以接着上一个问题追问；换话题时发 /new，我会忘掉前面的对话。\n"
        "• 点“📄 查看来源”看答案依据的原文，点 👍 / 👎 告诉我们答得好不好，可以改。\n"
        "• 在群里请 @我 或回复我的消息来提问。\n"
        "• 修改已经发出的消息不会重新回答，请再发一次。\n"
        "• 图片、语音、文件我还看不懂，请打字告诉我。"
    ),
    forgotten="好的，前面的对话我已经忘掉了。请问新的问题。",
    looking="🔎 正在查阅文件…",
    evidence="📄 找到依据：",
    sources="来源：",
    nearest="最接近的文件：",
    show_sources="📄 查看来源",
    show_nearest="📄 看最接近的内容",
    thanks_up="谢谢您的肯定 😊",
    thanks_down="谢谢告诉我们，我们会改进 🙏",
    button_old="这条回答的记录已经不在了，请把问题再发一次。",
    choice_taken="按“{product}”回答",
    sources_sent="原文已发在下面",
    page="第{page}页",
    too_long="您的问题有 {length} 字，有点长了。请缩短到 {limit} 字以内，或分几次问。",
    not_text="我现在只看得懂文字。请把您的问题打字发给我，好吗？",
    unknown_command="我不认识这个命令。可以直接提问，或发送 /help 查看用法。",
    please_wait="您前面的问题我还在回答，请等我答完再发这一个，好吗？",
    trouble="抱歉，刚才出了点问题，没能回答您。请稍后再试一次；如果一直这样，请把编号 {error_id} 告诉工作人员。",
    empty_mention="您好，请在 @我 的同时写上问题，例如：{mention} 信用卡年费是多少？",
    commands=(("start", "认识一下我"), ("help", "怎么用"), ("new", "忘掉前面的对话，重新开始")),
)

EN = Texts(
    start=(
        "Hello, I am the **ODFin financial assistant**.\n\n"
        "Ask me about insurance, wealth products, funds, stocks, loans, credit cards or social security. The documents "
        "are in Chinese, so Chinese questions get the best answers and answers may be in Chinese.\n\n"
        "Every answer rests on the institution's own documents; press “📄 Sources” for the exact words. What they "
        "do not say, I will not guess.\n\n"
        "🔒 Your questions reach the institution through Telegram and are answered by its own system; ID, card and "
        "phone numbers are masked before anything is kept. Never send passwords or verification codes.\n\n"
        "Answers are for reference only and are not investment advice. Send /help to see how this works."
    ),
    help=(
        "**How it works**\n"
        "• Just type a question, one at a time (at most {limit} characters).\n"
        "• You may ask follow-up questions; /new makes me forget the conversation.\n"
        "• “📄 Sources” shows the words an answer stands on; 👍 / 👎 tells us how it was, and may be changed.\n"
        "• In groups, mention me or reply to one of my messages.\n"
        "• An edited message is not answered again: please send it anew.\n"
        "• I cannot read pictures, voice messages or files yet."
    ),
    forgotten="Done: I have forgotten the conversation. What would you like to know?",
    looking="🔎 Looking through the documents…",
    evidence="📄 Found:",
    sources="Sources:",
    nearest="Closest documents:",
    show_sources="📄 Sources",
    show_nearest="📄 Closest passages",
    thanks_up="Thank you, glad it helped 😊",
    thanks_down="Thank you for telling us, we will work on it 🙏",
    button_old="The record of this answer is gone. Please ask again.",
    choice_taken="Answering for {product}",
    sources_sent="The exact words are below",
    page="p. {page}",
    too_long="Your question has {length} characters, which is a little long. Please keep it under {limit}.",
    not_text="I can only read text for now. Could you type your question, please?",
    unknown_command="I do not know this command. Just ask a question, or send /help.",
    please_wait="I am still answering your earlier question. Please send this one again when I am done.",
    trouble="Sorry, something went wrong and I could not answer. Please try again later; if it keeps happening, "
            "tell the staff this number: {error_id}.",
    empty_mention="Hello! Please write your question together with the mention, for example: {mention} 信用卡年费是多少？",
    commands=(("start", "Who I am"), ("help", "How this works"), ("new", "Forget the conversation and start anew")),
)


def texts_for(language_code: str | None) -> Texts:
    """English for `en…`, Chinese for everybody else, the unknown included."""
    return EN if (language_code or "").lower().startswith("en") else ZH
