"""What the interactive map says, in every language that it can be read in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hotspot.language import speaking, spoken
from hotspot.maps.captions import cut_text
from hotspot.maps.compact import share_sentences
from hotspot.maps.web_words import say_words

REASON_LENGTH = 600


@dataclass(frozen=True)
class Texts:
    """What a page says of its own in one language, as plain text.

    ``title`` is what the map shows, ``criteria`` a sentence on the rule behind the colours,
    ``notes`` are further sentences, ``reasons`` the mahallas' reasons by code, None for those of
    the page's first language.
    """

    title: str
    criteria: str = ""
    notes: Sequence[str] = ()
    reasons: pd.Series | None = None


def gather_texts(
    first: Texts, others: Mapping[str, Texts], index: pd.Index
) -> dict[str, dict[str, Any] | list[Any]]:
    """Return all that the page says, by language, the one spoken first.

    Parameters
    ----------
    first : Texts
        In the language spoken.
    others : mapping
        By language; the one spoken is passed over.
    index : Index
        The codes, in the order of the page.

    Returns
    -------
    dict
        ``languages``; ``words`` and ``texts`` by language; ``forms`` of the reasons by language,
        and ``reasons`` as numbers of forms and figures.

    Examples
    --------
    >>> found = gather_texts(Texts("Koson"), {"ru": Texts("Касан")}, pd.Index(["1", "2"]))
    >>> found["languages"], found["texts"]["ru"]["title"], found["reasons"]
    (['en', 'ru'], 'Касан', ['0', '0'])
    """
    texts = {spoken(): first, **{of: text for of, text in others.items() if of != spoken()}}
    words = {}
    for language in texts:
        with speaking(language):
            words[language] = say_words()
    marks = [(str(of["group"]), str(of["decimal"])) for of in words.values()]
    whys = [first.reasons if text.reasons is None else text.reasons for text in texts.values()]
    forms, reasons = share_sentences([_sentences(why, index) for why in whys], marks)
    return {
        "languages": list(texts),
        "words": words,
        "texts": {
            language: {
                "title": text.title,
                "criteria": text.criteria,
                "notes": [note for note in text.notes if note],
            }
            for language, text in texts.items()
        },
        "forms": dict(zip(texts, forms, strict=True)),
        "reasons": reasons,
    }


def _sentences(reasons: pd.Series | None, index: pd.Index) -> list[str]:
    if reasons is None:
        return [""] * len(index)
    return [cut_text(reason, REASON_LENGTH) for reason in reasons.reindex(index)]
