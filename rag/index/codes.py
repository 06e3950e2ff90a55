"""Codes that a question says: 26西部02 of a bond, LD2503A of a product. The few documents in which one stands are meant by it,
though their titles never say it.
"""

from __future__ import annotations

from rag.index.catalogue import Catalogue
from rag.index.postings import GRAMS
from rag.index.view import View
from rag.text.codes import codes_in
from rag.text.normalise import tight
from rag.text.tokens import bigrams

FEW = 3  # documents, up to which a code names them; one where it has no Chinese part: T1N0M0 stands in many papers
LOOKED = 200  # pieces that hold its parts; where there are more it is no code


def coded(question: str, catalogue: Catalogue, view: View) -> dict[str, list[str]]:
    """code -> the versions that it names, of the codes in a question that name any."""
    found = {}
    for code in codes_in(question):
        tokens = bigrams(code)  # its number at the end may be one token with what follows it: K1/524771
        pieces = [piece for piece in catalogue.holding(GRAMS, tokens[:-1] or tokens) if piece in view.version_of_piece]
        if 0 < len(pieces) <= LOOKED:
            held = {view.version_of_piece[piece] for piece, one in catalogue.pieces(pieces).items() if code in tight(one.text)}
            if 0 < len(held) <= (1 if code.isascii() else FEW):
                found[code] = sorted(held)
    return found

