"""Two densities on one grid: where offenses are more frequent than people, or than a year ago."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from hotspot.errors import InputError
from hotspot.language import _, mark

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

BATCH = 4_000_000

_UNLIKE = {
    "kernel": mark(
        "The cases have a kernel of {one} and the controls of {two}; estimate both densities alike."
    ),
    "bandwidth": mark(
        "The cases have a bandwidth of {one} and the controls of {two}; estimate both densities "
        "alike."
    ),
    "cell": mark(
        "The cases have a cell of {one} and the controls of {two}; estimate both densities alike."
    ),
    "crs": mark(
        "The cases have a crs of {one} and the controls of {two}; estimate both densities alike."
    ),
}
_CASES_NOT_WHOLE = mark(
    "The cases weigh {weight} in one cell; events are whole numbers: give weights that are."
)
_CONTROLS_NOT_WHOLE = mark(
    "The controls weigh {weight} in one cell; events are whole numbers: give weights that are."
)


class _Surface(Protocol):
    @property
    def values(self) -> Array: ...
    @property
    def x(self) -> Array: ...
    @property
    def y(self) -> Array: ...
    @property
    def cell(self) -> float: ...
    @property
    def bandwidth(self) -> float: ...
    @property
    def kernel(self) -> str: ...
    @property
    def crs(self) -> str | None: ...
    @property
    def points(self) -> float: ...
    @property
    def sources(self) -> Array: ...
    @property
    def stencil(self) -> Array: ...


@dataclass(frozen=True, eq=False)
class DensityRatio:
    """The logarithm of the ratio of two densities on a grid, and how surprising it is."""

    # rows from south to north, columns from west to east
    log_ratio: Array = field(repr=False)
    # chance of as many cases there, or more, and of as few, or fewer, if risks were equal
    p_high: Array = field(repr=False)
    p_low: Array = field(repr=False)
    # centres of the columns and of the rows, in metres
    x: Array = field(repr=False)
    y: Array = field(repr=False)
    cell: float
    bandwidth: float
    kernel: str
    crs: str | None
    against: str
    simulations: int
    seed: int


def compare_densities(
    cases: _Surface,
    controls: _Surface,
    *,
    against: Literal["events", "population"] = "events",
    simulations: int = 999,
    seed: int = 0,
) -> DensityRatio:
    """Map the log relative risk of one set of points against another, with its tolerance surface.

    The ratio is that of the two densities, each divided by its number of points: above 0 where
    cases are more frequent than the controls would have it. It says nothing about whether there
    are more cases in all.

    Parameters
    ----------
    cases : density of the offenses, from whole numbers of them.
    controls : density of what they are compared with, on the same grid with the same kernel and
        bandwidth.
    against : what the controls are. ``events``: another sample, such as the offenses of another
        period or of another kind; then who is a case and who a control is drawn anew, given the
        places of all. ``population``: a known number of people at each point; then the cases are
        drawn anew from it.
    simulations : how often is drawn.
    seed : of the draws.

    Returns
    -------
    DensityRatio
        ``log_ratio``: inf where only cases reach, -inf where only controls do, NaN where neither
        does. ``p_high``, ``p_low``: the share of draws, the observed one among them, with as many
        cases around the cell or more, or with as few or fewer; NaN where log_ratio is. The contour
        ``p_high = 0.05`` is the upper tolerance contour.

    Raises
    ------
    InputError
        If the surfaces differ in grid, kernel or bandwidth, one has no points, events are not
        whole numbers, or against or simulations are none of the above.

    Notes
    -----
    The draws are exact for each cell, however few points reach it, while the asymptotic surface of
    Hazelton and Davies (2009) takes the logarithm of few points for normal and its variance as
    known; they also do for population, which is not a sample. Given all points, more cases around a
    cell is a greater log ratio, so the cases' density alone is compared. For the p-values alone
    points are moved to the centre of their cell, observed and drawn alike.
    Tolerance is by cell: under equal risk a twentieth of the area is within a contour of 5 % on
    average. Repeated victims and offenders make events dependent, and p-values then too small.
    Population must be given at places closer to each other than the bandwidth.

    References
    ----------
    Kelsall, J. E. and Diggle, P. J. (1995). Non-parametric estimation of spatial variation in
    relative risk. Statistics in Medicine 14, 2335-2342. https://doi.org/10.1002/sim.4780142106
    Hazelton, M. L. and Davies, T. M. (2009). Inference based on kernel estimates of the relative
    risk function in geographical epidemiology. Biometrical Journal 51, 98-109.
    https://doi.org/10.1002/bimj.200810495

    Examples
    --------
    >>> from hotspot.statistics.kernel_density import kernel_density
    >>> how = {"bandwidth": 300, "bounds": (0, 0, 1000, 300), "cell": 100}
    >>> cases = kernel_density([150] * 8 + [850] * 2, [150] * 10, **how)
    >>> controls = kernel_density([150] * 2 + [850] * 8, [150] * 10, **how)
    >>> ratio = compare_densities(cases, controls)
    >>> np.exp(ratio.log_ratio[1, [1, 8]]).round(2)
    array([4.  , 0.25])
    >>> ratio.p_high[1, [1, 8]]
    array([0.014, 1.   ])
    """
    if against not in ("events", "population"):
        raise InputError(
            _(
                "Controls are events or population, not '{against}'; choose one of them.",
                against=against,
            )
        )
    if simulations < 1:
        raise InputError(
            _(
                "There can be no {simulations} simulations; give 99, 999 or more.",
                simulations=simulations,
            )
        )
    _check_alike(cases, controls)
    stencil = cases.stencil
    reach, shape = len(stencil) // 2, np.array(cases.values.shape)
    rows, columns = shape + 2 * reach
    observed, expected = (
        np.bincount(
            _find_cells(of, reach, rows, columns),
            weights=of.sources[:, 2],
            minlength=rows * columns + 1,
        ).astype(float)
        for of in (cases, controls)
    )
    _check_whole(observed, _CASES_NOT_WHOLE)
    if against == "events":
        _check_whole(expected, _CONTROLS_NOT_WHOLE)

    occupied = np.flatnonzero(observed + expected)
    number = int(observed.sum())
    rng = np.random.default_rng(seed)
    size = tuple(fft.next_fast_len(int(n), real=True) for n in (rows, columns))
    spectrum = fft.rfft2(stencil, size)

    def smooth(draws: Array) -> Array:
        """Smooth several draws of numbers in the occupied cells."""
        grids = np.zeros((len(draws), rows * columns + 1))
        grids[:, occupied] = draws
        grids = grids[:, :-1].reshape(-1, rows, columns)
        smoothed = fft.irfft2(fft.rfft2(grids, size) * spectrum, size)
        near: Array = smoothed[:, 2 * reach : rows, 2 * reach : columns]
        return near

    real = smooth(observed[None, occupied])[0]
    # sums of the same points are equal but for rounding
    dust = 1e-9 * real.max()
    high, low = np.ones(shape), np.ones(shape)
    batch = max(1, BATCH // int(np.prod(size)))
    for start in range(0, simulations, batch):
        n = min(batch, simulations - start)
        if against == "events":
            pooled = (observed + expected)[occupied].astype(np.int64)
            draws = rng.multivariate_hypergeometric(pooled, number, n, method="marginals")
        else:
            draws = rng.multinomial(number, expected[occupied] / expected.sum(), n)
        drawn = smooth(draws.astype(float))
        high += (drawn >= real - dust).sum(axis=0)
        low += (drawn <= real + dust).sum(axis=0)

    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(cases.values / cases.points) - np.log(controls.values / controls.points)
    known = ~np.isnan(log_ratio)
    return DensityRatio(
        log_ratio=log_ratio,
        p_high=np.where(known, high / (simulations + 1), np.nan),
        p_low=np.where(known, low / (simulations + 1), np.nan),
        x=cases.x,
        y=cases.y,
        cell=cases.cell,
        bandwidth=cases.bandwidth,
        kernel=cases.kernel,
        crs=cases.crs,
        against=against,
        simulations=simulations,
        seed=seed,
    )


def _check_alike(cases: _Surface, controls: _Surface) -> None:
    for what, refusal in _UNLIKE.items():
        one, two = getattr(cases, what), getattr(controls, what)
        if one != two:
            raise InputError(_(refusal, one=one, two=two))
    if not (np.array_equal(cases.x, controls.x) and np.array_equal(cases.y, controls.y)):
        raise InputError(_("The densities are on two grids; estimate both with the same bounds."))
    if not cases.points > 0:
        raise InputError(_("There are no cases; a ratio needs points on both sides."))
    if not controls.points > 0:
        raise InputError(_("There are no controls; a ratio needs points on both sides."))


def _check_whole(numbers: Array, refusal: str) -> None:
    parts = numbers[numbers != np.rint(numbers)]
    if len(parts):
        raise InputError(_(refusal, weight=f"{parts[0]:g}"))


def _find_cells(surface: _Surface, reach: int, rows: int, columns: int) -> Counts:
    """Return the number of each source's cell on the grid with its margin, the last beyond it."""
    corner = np.array([surface.x[0], surface.y[0]]) - surface.cell / 2
    cell = np.floor((surface.sources[:, :2] - corner) / surface.cell).astype(np.int64) + reach
    on = ((cell >= 0) & (cell < [columns, rows])).all(axis=1)
    return np.where(on, cell[:, 1] * columns + cell[:, 0], rows * columns)
