"""Which licences let a text shape a model that the project ships."""

from __future__ import annotations

import re

OWN, OFFICIAL, SYNTHETIC, UNKNOWN = "own", "official", "synthetic", "unknown"

# Official texts are laws, regulations and judicial interpretations (no copyright: 著作权法 art. 5).
_SHIPPABLE = re.compile(r"own|official|synthetic|apache-?2(\.0)?|mit|cc0(-1\.0)?|cc-by-[1-4]\.0|bsd-[23]-clause|odc-by(-1\.0)?")
_SPELLINGS = {"apache license 2.0": "apache-2.0", "apache 2.0": "apache-2.0", "cc by 4.0": "cc-by-4.0",
              "cc by 3.0": "cc-by-3.0", "mit license": "mit", "": UNKNOWN, "none": UNKNOWN, "none stated": UNKNOWN}


def licence_id(stated: str) -> str:
    """One spelling of a licence's name: lower case, hyphens (`CC BY 4.0` → `cc-by-4.0`)."""
    stated = re.sub(r"\s+", " ", stated.strip().lower())
    return _SPELLINGS.get(stated, re.sub(r"[ _]+", "-", stated))


def shippable(licence: str) -> bool:
    """Whether text under this licence may shape a shipped model. Share-alike, non-commercial and unstated may not."""
    return bool(_SHIPPABLE.fullmatch(licence_id(licence)))
