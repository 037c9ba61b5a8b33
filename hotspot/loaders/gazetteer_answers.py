"""The answers to names as a table: outcome, code, level, score and candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from hotspot.loaders.gazetteer_levels import Findings

# what `match_names` adds
ANSWER = {
    "outcome": "str",
    "code": "str",
    "level": "str",
    "score": "float64",
    "candidates": "str",
}
_OUTCOMES = ["matched", "ambiguous", "suggested", "not_found"]
# candidates beyond these help nobody
_MOST_CANDIDATES = 20


def write_answers(
    found: Findings,
    similar: Mapping[int, Sequence[tuple[int, float]]],
    codes: Sequence[str],
) -> pd.DataFrame:
    """Return the answer to each case.

    Parameters
    ----------
    found : Findings
        What the levels say.
    similar : mapping
        For each case that they leave open: places and their likeness, best first.
    codes : sequence of str
        The code of each place.

    Returns
    -------
    DataFrame
        One row a case, the columns of ANSWER.
    """
    place = np.array(found.places, int)
    score = np.where(place >= 0, 100.0, np.nan)
    # positions in short lists of texts, whose last is for what is not found
    outcome, which, level = np.where(place >= 0, 0, -1), place.copy(), found.levels.copy()
    listed: list[str] = []
    for i, one in found.left.items():
        near = similar.get(i, ())
        places = [place for place, _ in near]
        best = near[0][1] if near else 100.0
        if one.places:
            places = list(dict.fromkeys([*one.places, *places]))
            best = dict(near).get(places[0], 100.0)
        if places:
            outcome[i] = _OUTCOMES.index("suggested" if i in similar else "ambiguous")
            level[i], score[i] = one.level if one.places else "similar", best
            which[i] = len(codes) + len(listed)
            listed.append("|".join([codes[place] for place in places[:_MOST_CANDIDATES]]))
    columns = (
        pd.array(_OUTCOMES, dtype="str").take(outcome),
        pd.array([*codes, None], dtype="str").take(place),
        pd.array(level, dtype="str"),
        score,
        pd.array([*codes, *listed, ""], dtype="str").take(which),
    )
    return pd.DataFrame(dict(zip(ANSWER, columns, strict=True)))
