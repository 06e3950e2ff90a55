"""The Chat page: the conversation on the left, what the chosen answer rests on beside it."""

from __future__ import annotations

import time

import streamlit as st

from rag.answer.result import Answer, Citation
from rag.errors import OdfinError
from rag.index.search import Hit
from ui.chat_correction import correction_box
from ui.console import Console
from ui.conversations import Conversation, Exchange
from ui.markup import answer_html, markdown_plain, passage_html, plain
from ui.texts import Texts

_FRAME_S = 0.12  # a growing answer is redrawn so often
_IDLE_FRAME_S = 0.5
_LONGEST_QUESTION = 1000
_MARKED_CHARS = 6  # a shorter line stands in too many places to be a quotation


def render(console: Console, account: str) -> None:
    t = console.texts
    conversation = _conversation(console, account)
    title, fresh = st.columns([5, 1], vertical_alignment="center")
    title.html(f'<div class="odf-title">{plain(t("chat"))}</div><div class="odf-sub">{plain(t("chat_sub"))}</div>')
    if fresh.button(t("new_chat"), icon=":material/add_comment:", width="stretch", disabled=not conversation.exchanges):
        st.query_params["c"] = console.conversations.new(account).id
        st.rerun()
    _readiness(console)
    left, right = st.columns([3, 2], gap="medium")
    # the height here is only a start: the style sheet makes both as tall as the window allows
    with right, st.container(key="side", height=600, border=False):
        side = st.empty()
    with left:
        talk = st.container(key="talk", height=520, border=False, autoscroll=True)
        question = st.chat_input(t("ask_here"), max_chars=_LONGEST_QUESTION, key="question",
                                 disabled=conversation.busy)
    if question and question.strip():
        console.conversations.ask(conversation, question.strip())
        st.session_state.pop("chosen", None)
        st.rerun()
    _evidence(side, t, conversation)
    with talk:
        if not conversation.exchanges:
            st.html(f'<div class="odf-empty"><b>{plain(t("chat_empty"))}</b>{plain(t("chat_empty_hint"))}</div>')
        for number, exchange in enumerate(conversation.exchanges):
            _exchange(console, conversation, number, exchange, side)


def _conversation(console: Console, account: str) -> Conversation:
    """The one named in the address, so that a reload finds it again; else a new one."""
    conversation = console.conversations.get(st.query_params.get("c", ""), account)
    if conversation is None:
        conversation = console.conversations.new(account)
        st.query_params["c"] = conversation.id
    return conversation


def _readiness(console: Console) -> None:
    t = console.texts
    if console.assistant_ready:
        return
    if not console.indexed:
        st.warning(t("chat_no_index"), icon=":material/library_books:")
        return
    if console.assistant_trouble:
        line, button = st.columns([5, 1], vertical_alignment="center")
        line.warning(markdown_plain(console.assistant_trouble), icon=":material/warning:")
        if button.button(t("retry"), width="stretch"):
            console.warm_up()
            st.rerun()
    else:
        st.info(t("loading_models"), icon=":material/hourglass_top:")


def _exchange(console: Console, conversation: Conversation, number: int, exchange: Exchange, side) -> None:
    t = console.texts
    st.html(f'<div class="odf odf-q"><div>{plain(exchange.question)}</div></div>')
    place = st.empty()
    if exchange.running:
        st.button(t("stop"), icon=":material/stop_circle:", key=f"stop-{conversation.id}-{number}", type="tertiary",
                  on_click=exchange.stop.set)
        _watch(t, exchange, place, side)
        st.rerun()  # the finished answer brings its own buttons
    _answer(t, exchange, place)
    answer = exchange.answer
    if answer is None:
        return
    if number == len(conversation.exchanges) - 1:
        for product in answer.choices:
            if st.button(markdown_plain(product), key=f"choice-{conversation.id}-{number}-{product}"):
                console.conversations.ask(conversation, f"{product}，{answer.standalone}")
                st.rerun()
    thumbs, chosen = st.columns([1, 1], vertical_alignment="center")
    with thumbs, st.container(horizontal=True, vertical_alignment="center"):
        if exchange.journal_id:
            key = f"thumbs-{conversation.id}-{number}"
            st.feedback("thumbs", key=key, default=exchange.thumb, on_change=_feedback, args=(console, exchange, key))
            correction_box(console.texts, console.journal, exchange, f"{conversation.id}-{number}")
    if len(conversation.exchanges) > 1:
        with chosen, st.container(horizontal_alignment="right"):
            if st.button(t("show_evidence"), key=f"evidence-{conversation.id}-{number}", type="tertiary",
                         icon=":material/find_in_page:"):
                st.session_state["chosen"] = number
                st.rerun()


def _watch(t: Texts, exchange: Exchange, place, side) -> None:
    """Redraw the growing answer until it is finished. Leaving early is harmless: the answer grows without us."""
    drawn, cited, last = None, None, 0.0
    while exchange.running:
        now = (len(exchange.draft), bool(exchange.citations))
        # drawing is also where Streamlit ends this run for a click or a closed tab: not too seldom
        if now != drawn or time.monotonic() - last > _IDLE_FRAME_S:
            drawn, last = now, time.monotonic()
            body = answer_html(exchange.draft) if exchange.draft else plain(
                t("writing") if exchange.citations else t("searching"))
            place.html(f'<div class="odf odf-a draft odf-wait">{body}</div>')
        if exchange.citations and exchange.citations != cited:
            cited = exchange.citations
            side.html(_side("", _citations(t, cited, refused=False)))
        exchange.ended.wait(_FRAME_S)


def _answer(t: Texts, exchange: Exchange, place) -> None:
    answer = exchange.answer
    if exchange.error:
        place.html(f'<div class="odf odf-a error" role="alert">{plain(exchange.error)}</div>')
    elif answer is None:
        place.html(f'<div class="odf odf-a draft">{answer_html(exchange.draft)}<p>{plain(t("stopped"))}</p></div>')
    else:
        badge = t("refused") if answer.refused else ""
        if not badge and t.has(f"kind_{answer.kind}"):
            badge = t(f"kind_{answer.kind}")
        head = f'<span class="odf-badge">{plain(badge)}</span>' if badge else ""
        place.html(f'<div class="odf odf-a{" refused" if answer.refused else ""}">{head}{answer_html(answer.answer)}'
                   f'<div class="odf-meta">{_meta(t, answer)}</div></div>')


def _meta(t: Texts, answer: Answer) -> str:
    times = answer.timings
    lines = [t("times" if times.first_token_s else "times_no_student", retrieval=times.retrieval_s,
               first=times.first_token_s, total=times.total_s)]
    if times.cached:
        lines.append(t("from_cache"))
    if answer.notes:
        lines.append(t("notes", notes="；".join(answer.notes)))
    if answer.standalone_by:
        lines.append(t("asked_as", question=answer.standalone, by=t(f"by_{answer.standalone_by}")))
    return "<br>".join(plain(line) for line in lines)


def _feedback(console: Console, exchange: Exchange, key: str) -> None:
    thumb = st.session_state.get(key)
    if thumb is None:
        return
    try:
        console.journal.feedback(exchange.journal_id, 1 if thumb == 1 else -1)
        exchange.thumb = thumb
        st.toast(console.texts("thanks"))
    except OdfinError as error:
        st.toast(markdown_plain(str(error)))


def _evidence(side, t: Texts, conversation: Conversation) -> None:
    exchanges = conversation.exchanges
    chosen = st.session_state.get("chosen", len(exchanges) - 1)
    exchange = exchanges[chosen] if 0 <= chosen < len(exchanges) else None
    if exchange is None or exchange.answer is None:
        side.html(_side(t("evidence"), f'<p class="odf-sub">{plain(t("evidence_empty"))}</p>'))
        return
    answer = exchange.answer
    title = t("evidence_of", n=chosen + 1) if len(exchanges) > 1 else ""
    side.html(_side(title, _citations(t, answer.citations, refused=answer.refused)
                    + _passages(t, answer.passages, _lines(answer.citations))))


def _side(title: str, body: str) -> str:
    return '<div class="odf odf-side" data-testid="evidence">' + (
        f"<h3>{plain(title)}</h3>" if title else "") + f"{body}</div>"


def _citations(t: Texts, citations: tuple[Citation, ...], *, refused: bool) -> str:
    if not citations:
        return ""
    cards = "".join(
        f'<div class="odf-cite"><div class="odf-where">'
        f'{"" if refused else f"""<sup class="odf-ref">{citation.number}</sup> """}{plain(citation.label)}</div>'
        f'{passage_html(citation.text)}<div class="odf-src">{plain("、".join(citation.sources))}</div></div>'
        for citation in citations)
    heading = t("nearest" if refused else "citations")
    return f'<section class="{"near" if refused else "cited"}"><h4>{plain(heading)}</h4>{cards}</section>'


def _passages(t: Texts, passages: tuple[Hit, ...], quotes: list[str]) -> str:
    if not passages:
        return f'<p class="odf-sub">{plain(t("no_passages"))}</p>'
    return (f'<section><h4>{plain(t("passages"))}（{len(passages)}）</h4>'
            + "".join(_passage(t, number, hit, quotes) for number, hit in enumerate(passages, 1)) + "</section>")


def _lines(citations: tuple[Citation, ...]) -> list[str]:
    """What to mark in a passage: line by line, for a quotation may leave out lines between."""
    return [line for citation in citations for line in citation.text.split("\n") if len(line.strip()) >= _MARKED_CHARS]


def _passage(t: Texts, number: int, hit: Hit, quotes: list[str]) -> str:
    where = f"《{hit.title}》" + (f" {t('page_n', n=hit.page)}" if hit.page is not None else "")
    path = " › ".join(hit.headings)
    parts = " · ".join(f"{t('part_' + name)} {value:.3f}" for name, value in hit.parts.items())
    return (f'<details class="odf-pass"{" open" if number == 1 else ""}><summary><b>{number}</b>'
            f'<span>{plain(where)}</span><em title="{plain(t("score"))}">{hit.score:.3f}</em></summary><div>'
            + (f'<div class="odf-where">{plain(path)}</div>' if path else "")
            + passage_html(hit.text, quotes)
            + f'<div class="odf-src">{plain(hit.source)}{" · " + plain(parts) if parts else ""}</div></div></details>')
