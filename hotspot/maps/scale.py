"""The scale bar: a round length that a hand can lay along the map."""

from __future__ import annotations

import math

from hotspot.language import _, number


def choose_length(metres_per_mm: float, longest: float) -> tuple[float, str]:
    """Return the round length that fits, in millimetres on the sheet and in words.

    Parameters
    ----------
    metres_per_mm : float
        How many metres of the ground a millimetre of the sheet is.
    longest : float
        The most millimetres that the bar may have.

    Returns
    -------
    length : float
        In millimetres: 1, 2 or 5 times a power of ten of metres, the longest that fits.
    words : str
        The same on the ground, in metres or kilometres.

    Examples
    --------
    >>> choose_length(400, 40)
    (25.0, '10 km')
    >>> choose_length(12.5, 40)
    (40.0, '500 m')
    """
    most = metres_per_mm * longest
    power = 10.0 ** math.floor(math.log10(most))
    # a hair less than the most still fits: 500 m on exactly 40 mm
    metres = max(step * power for step in (1, 2, 5) if step * power <= most * (1 + 1e-9))
    if metres >= 1000:
        words = _("{number} km", number=number(metres / 1000))
    else:
        words = _("{number} m", number=number(metres, 0 if metres >= 1 else 2))
    return metres / metres_per_mm, words
