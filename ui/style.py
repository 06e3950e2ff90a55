"""The console's looks, beyond Streamlit's theme. Colours: blue for what is ours, amber for a refusal, red for errors."""

from __future__ import annotations

import json
from urllib.parse import quote

from ui.texts import Texts

# data: in the address itself, so that no page has to fetch it
ICON = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f5fa8"/>'
        '<path d="M16 6 27 12.5H5zM7.5 14.5h3v8h-3zm7 0h3v8h-3zm7 0h3v8h-3zM5.5 24h21v2.5h-21z" fill="#fff"/></svg>')


ICON_ADDRESS = "data:image/svg+xml," + quote(ICON)


def css(t: Texts) -> str:
    """The style sheet. Streamlit's few English words in the upload field are replaced by ours."""
    words = {"--browse": t("upload_browse"), "--drop": t("upload_drop")}
    own = "".join(f"{name}: {json.dumps(value, ensure_ascii=False)};" for name, value in words.items())
    return f"<style>:root {{ {own} }}\n{_CSS}</style>"


_CSS = """
.stMainBlockContainer { padding: 1.6rem 2.2rem 1.2rem; max-width: 1600px; }
.stAppHeader { background: transparent; pointer-events: none; }
.stAppHeader > * { pointer-events: auto; }
.odf-brand { display: flex; gap: .6rem; align-items: center; margin: -1.4rem 0 .6rem; }
.odf-brand img { width: 34px; height: 34px; flex: none; }
.odf-brand b { display: block; font-size: 1.02rem; line-height: 1.25; }
.odf-brand small { color: #5a6b7d; }
.st-key-talk, .st-key-side { scrollbar-width: thin; }
@media (min-width: 800px) {
  .stMain:has(.st-key-talk) { overflow: hidden; }
  [data-testid="stLayoutWrapper"]:has(> .st-key-talk) { height: auto !important; flex: none !important; }
  [data-testid="stLayoutWrapper"]:has(> .st-key-side) { height: auto !important; flex: none !important; }
  .st-key-talk, .st-key-side { flex: none !important; }
  .st-key-talk { height: calc(100vh - 12.2rem) !important; }
  .st-key-side { height: calc(100vh - 8rem) !important; }
}
.odf p { margin: 0 0 .55em; line-height: 1.72; }
.odf p:last-child { margin-bottom: 0; }
.odf { font-size: .95rem; color: #1b2733; overflow-wrap: anywhere; }
.odf-title { font-size: 1.5rem; font-weight: 700; margin: 0; line-height: 1.3; }
.odf-sub { color: #5a6b7d; font-size: .88rem; margin: .1rem 0 0; }
.odf-q { display: flex; justify-content: flex-end; margin: .5rem 0 .3rem; }
.odf-q > div { background: #e6effa; border-radius: 14px 14px 3px 14px; padding: .6rem .95rem; max-width: 85%;
  white-space: pre-wrap; line-height: 1.6; overflow-wrap: anywhere; }
.odf-a { border: 1px solid #dde4ec; border-radius: 3px 14px 14px 14px; padding: .8rem 1.05rem; background: #fff; }
.odf-a.refused { border-color: #e9c46a; background: #fffaf0; }
.odf-a.error { border-color: #efb4ae; background: #fdf3f2; color: #96231a; }
.odf-a.draft { color: #40566b; }
.odf-badge { display: inline-block; font-size: .76rem; font-weight: 600; border-radius: 99px; padding: .08rem .6rem;
  margin-bottom: .45rem; background: #e6effa; color: #1f5fa8; }
.refused .odf-badge { background: #fbecc8; color: #7a5200; }
.odf-ref { font-size: .68em; font-weight: 700; color: #fff; background: #1f5fa8; border-radius: 4px; padding: 0 .35em;
  margin: 0 .12em; vertical-align: .35em; line-height: 1; }
.odf-meta { color: #6b7b8c; font-size: .78rem; margin-top: .35rem; line-height: 1.5; }
.odf-wait::after { content: "▍"; color: #1f5fa8; animation: odf-blink 1s steps(2) infinite; }
@keyframes odf-blink { 50% { opacity: 0; } }
.odf-side h3 { font-size: 1rem; margin: 0 0 .6rem; padding: 0; font-weight: 700; }
.odf-side h4 { font-size: .92rem; margin: 0 0 .5rem; padding: 0; font-weight: 700; color: #33475b; }
.odf-side h4 + * { margin-top: 0; }
.odf-side section { margin-bottom: 1.1rem; }
.odf-cite { border-left: 3px solid #1f5fa8; background: #f6f9fd; border-radius: 0 8px 8px 0; padding: .6rem .85rem;
  margin-bottom: .55rem; }
.near .odf-cite { border-left-color: #e9c46a; background: #fffaf0; }
.odf-where { font-size: .82rem; font-weight: 600; color: #24486f; margin-bottom: .25rem; }
.odf-src { font-size: .75rem; color: #6b7b8c; margin-top: .3rem; font-family: ui-monospace, monospace;
  overflow-wrap: anywhere; }
.odf-pass { border: 1px solid #dde4ec; border-radius: 8px; margin-bottom: .45rem; background: #fff; }
.odf-pass > summary { cursor: pointer; padding: .5rem .8rem; font-size: .85rem; list-style: none; display: flex;
  gap: .6rem; align-items: baseline; }
.odf-pass > summary::-webkit-details-marker { display: none; }
.odf-pass > summary:hover { background: #f6f9fd; }
.odf-pass > summary b { color: #1f5fa8; min-width: 1.1em; }
.odf-pass > summary span { flex: 1; overflow-wrap: anywhere; }
.odf-pass > summary em { font-style: normal; font-variant-numeric: tabular-nums; color: #33475b; font-weight: 600; }
.odf-pass > div { padding: .1rem .8rem .7rem; font-size: .86rem; }
.odf-h { font-weight: 700; }
.odf mark { background: #fff1a8; color: inherit; border-radius: 3px; padding: 0 .08em; }
.odf-table { overflow-x: auto; margin: .3rem 0 .6rem; }
.odf-table table { border-collapse: collapse; font-size: .82rem; width: max-content; max-width: 100%; }
.odf-table th, .odf-table td { border: 1px solid #d4dde7; padding: .28rem .55rem; text-align: left; vertical-align: top; }
.odf-table th { background: #f3f6fa; font-weight: 600; }
.odf-empty { border: 1px dashed #c3ceda; border-radius: 12px; padding: 2.2rem 1.5rem; text-align: center; color: #5a6b7d; }
.odf-empty b { display: block; color: #33475b; font-size: 1.05rem; margin-bottom: .3rem; }
.odf-who { color: #5a6b7d; font-size: .85rem; }
.odf-out { font-size: .88rem; color: #1f5fa8; text-decoration: none; }
.odf-out:hover { text-decoration: underline; }
.odf-run { font-size: .88rem; color: #33475b; line-height: 1.7; }
.odf-fails { margin: .3rem 0 0; padding-left: 1.1rem; font-size: .85rem; color: #96231a; }
[data-testid="InputInstructions"] { display: none; } /* Press Enter to submit form */
[data-testid="stFileUploaderDropzone"] button p { font-size: 0; }
[data-testid="stFileUploaderDropzone"] button p::after { content: var(--browse); font-size: .95rem; }
[data-testid="stFileUploaderDropzoneInstructions"] span { font-size: 0; }
[data-testid="stFileUploaderDropzoneInstructions"] span::after { content: var(--drop); font-size: .88rem; }
"""
