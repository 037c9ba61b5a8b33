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
    matched = np.array(found.places, int) >= 0
    code = np.array([*codes, None], object)[found.places]
    outcome = np.full(len(matched), "matched", object)
    outcome[~matched] = "not_found"
    level, candidates = np.array(found.levels, object), code.copy()
    score = np.where(matched, 100.0, np.nan)
    for i, one in found.left.items():
        likeness = dict(similar.get(i, ()))
        places = list(dict.fromkeys([*one.places, *likeness]) if one.places else likeness)
        candidates[i] = "|".join([codes[place] for place in places[:_MOST_CANDIDATES]])
        if places:
            outcome[i] = "suggested" if i in similar else "ambiguous"
            level[i] = one.level if one.places else "similar"
            score[i] = likeness.get(places[0], 100.0)
    columns = (outcome, code, level, score, candidates)
    return pd.DataFrame(dict(zip(ANSWER, columns, strict=True))).astype(ANSWER)
