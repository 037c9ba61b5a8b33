"""The invented region's map: seeds of mahallas, and natural-looking borders between them.

Plane coordinates are kilometres east and north of 66°E 38.8°N; degrees appear only at the end.
"""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi, cKDTree

Points = NDArray[np.float64]

# soato, name, mahallas, centre (km). centres lie roughly as on a map, the rest is made up
DISTRICTS = [
    ("1710207", "Gʻuzor tumani", 52, (26, -22)),
    ("1710212", "Dehqonobod tumani", 42, (48, -50)),
    ("1710220", "Qamashi tumani", 58, (50, 0)),
    ("1710224", "Qarshi tumani", 60, (-18, 4)),
    ("1710229", "Koson tumani", 64, (-44, 36)),
    ("1710232", "Kitob tumani", 58, (88, 48)),
    ("1710233", "Mirishkor tumani", 40, (-88, -14)),
    ("1710234", "Muborak tumani", 36, (-92, 44)),
    ("1710235", "Nishon tumani", 44, (-42, -34)),
    ("1710237", "Kasbi tumani", 46, (-60, 6)),
    ("1710240", "Koʻkdala tumani", 38, (6, 42)),
    ("1710242", "Chiroqchi tumani", 66, (46, 40)),
    ("1710245", "Shahrisabz tumani", 62, (100, 16)),
    ("1710250", "Yakkabogʻ tumani", 56, (76, -14)),
    ("1710401", "Qarshi shahri", 70, (-18, 4)),
    ("1710405", "Shahrisabz shahri", 40, (78, 24)),
]
CITY_SPREAD_KM = {"1710401": 2.0, "1710405": 1.4}
MAHALLAS = sum(quota for _, _, quota, _ in DISTRICTS)

OUTLINE = shapely.Polygon(
    [
        *[(-138, 12), (-122, 62), (-72, 78), (-34, 58), (8, 66), (44, 74), (92, 76), (124, 48)],
        *[(122, 6), (98, -34), (74, -76), (34, -82), (4, -46), (-36, -62), (-88, -52), (-126, -24)],
    ]
)


def place_seeds(rng: np.random.Generator) -> tuple[Points, list[int]]:
    """Scatter one seed a mahalla, denser round towns and villages.

    Returns
    -------
    tuple
        Seeds in km, shape (mahallas + ghosts, 2): ghosts outside the outline keep the outermost
        cells finite and give the region its coast; and the district's number of each mahalla.
    """
    rural = [d for d, row in enumerate(DISTRICTS) if row[0] not in CITY_SPREAD_KM]
    centres = np.array([DISTRICTS[d][3] for d in rural], dtype=float)
    seeds, districts, crowd = [], [], []
    for d, (code, _, quota, centre) in enumerate(DISTRICTS):
        if code in CITY_SPREAD_KM:
            cloud = _scatter_city(np.array(centre), CITY_SPREAD_KM[code], 40 * quota, rng)
        else:
            cloud = _scatter_district(rural.index(d), centres, 40 * quota, rng)
        seeds.append(cloud[:quota])
        districts += [d] * quota
        crowd.append(cloud)
    ghosts = _scatter_ghosts(rng)
    return np.vstack([_relax(np.vstack(seeds), np.vstack(crowd)), ghosts]), districts


def _scatter_city(centre: Points, spread: float, size: int, rng: np.random.Generator) -> Points:
    # an even disc, slightly longer than wide, as towns on a river are
    radius = 2 * spread * np.sqrt(rng.random(size))
    angle = rng.uniform(0, 2 * np.pi, size)
    flat = np.column_stack([1.25 * radius * np.cos(angle), 0.8 * radius * np.sin(angle)])
    return centre + flat


def _scatter_district(own: int, centres: Points, size: int, rng: np.random.Generator) -> Points:
    villages = centres[own] + rng.normal(0, 13, (9, 2))
    villages[:3] = centres[own]  # the town draws three times a village
    kept: Points = np.empty((0, 2))
    low, high = np.reshape(OUTLINE.bounds, (2, 2))
    while len(kept) < size:
        home = rng.integers(0, len(villages), 4 * size)
        near = villages[home] + rng.normal(0, 5, (4 * size, 2))
        anywhere = rng.uniform(low, high, (4 * size, 2))
        draw = np.where(rng.random((4 * size, 1)) < 0.75, anywhere, near)
        _, nearest = cKDTree(centres).query(bend(draw, reach=5))
        fits = (nearest == own) & shapely.contains_xy(OUTLINE, draw)
        for centre, spread in _cities():
            fits &= np.hypot(*((draw - centre) / [1.25, 0.8]).T) > 2.3 * spread
        kept = np.concatenate([kept, draw[fits]])
    return kept[:size]


def _cities() -> list[tuple[Points, float]]:
    return [
        (np.array(centre, dtype=float), CITY_SPREAD_KM[code])
        for code, _, _, centre in DISTRICTS
        if code in CITY_SPREAD_KM
    ]


def _scatter_ghosts(rng: np.random.Generator) -> Points:
    low, high = np.reshape(OUTLINE.buffer(45).bounds, (2, 2))
    grid = np.stack(np.meshgrid(*(np.arange(a, b, 7) for a, b in zip(low, high, strict=True))), -1)
    points = grid.reshape(-1, 2) + rng.uniform(-2.5, 2.5, (grid.size // 2, 2))
    return points[shapely.distance(OUTLINE, shapely.points(points)) > 2]


def _relax(seeds: Points, crowd: Points, *, rounds: int = 3) -> Points:
    # lloyd's algorithm against a crowd of residents instead of the plane
    for _ in range(rounds):
        _, owner = cKDTree(seeds).query(crowd)
        size = np.bincount(owner, minlength=len(seeds))
        middle = [np.bincount(owner, axis, len(seeds)) / np.maximum(size, 1) for axis in crowd.T]
        # rounding keeps another processor's last digits out of the committed bytes
        seeds = np.round(np.where(size[:, None] > 0, np.column_stack(middle), seeds), 6)
    return seeds


def draw_cells(seeds: Points, inside: int, rng: np.random.Generator) -> NDArray[np.object_]:
    """Draw the first `inside` Voronoi cells with fractal borders.

    Parameters
    ----------
    seeds
        Points in km.
    inside
        How many of them are mahallas.
    rng
        Source of the wiggles.

    Returns
    -------
    array of shapely.Polygon
        In degrees, rounded to 6 decimals; neighbours share their vertices exactly.
    """
    diagram = Voronoi(seeds)
    borders: dict[tuple[int, int], Points] = {}
    for (left, right), (start, end) in sorted(
        zip(diagram.ridge_points.tolist(), diagram.ridge_vertices, strict=True)
    ):
        if min(left, right) < inside:
            line = _wiggle(diagram.vertices[[start, end]], seeds[[left, right]], rng)
            line = to_degrees(bend(line))
            borders[start, end], borders[end, start] = line, line[::-1]
    cells = []
    for seed, region in zip(seeds[:inside], diagram.point_region[:inside], strict=True):
        corners = np.array(diagram.regions[region])
        spokes = diagram.vertices[corners] - seed
        corners = corners[np.argsort(np.arctan2(spokes[:, 1], spokes[:, 0]))].tolist()
        sides = zip(corners, corners[1:] + corners[:1], strict=True)
        cells.append(shapely.Polygon(np.vstack([borders[side][:-1] for side in sides])))
    return np.array(cells)


def _wiggle(ends: Points, seeds: Points, rng: np.random.Generator) -> Points:
    """Displace midpoints of a Voronoi edge, inside the kite of its ends and its two seeds.

    Kites of different edges do not overlap and the line never turns back along the edge, so that
    no two borders can cross.
    """
    along = ends[1] - ends[0]
    length = np.hypot(*along)
    ratio = length / np.hypot(*(seeds[1] - seeds[0]))
    levels = int(np.searchsorted([0.05, 0.2, 0.65, 2.5], ratio))
    steps = 2**levels
    place = np.linspace(0, 1, steps + 1)
    place[1:-1] += rng.uniform(-0.25, 0.25, steps - 1) / steps
    height = np.zeros(steps + 1)
    step, scale = steps, 0.2
    while step > 1:
        middle = (height[:-1:step] + height[step::step]) / 2
        height[step // 2 :: step] = middle + rng.normal(0, scale, middle.size)
        step, scale = step // 2, 0.58 * scale
    across = np.array([-along[1], along[0]])
    for seed in seeds:
        foot = (seed - ends[0]) @ along / length**2
        rise = (seed - ends[0]) @ across / length**2
        roof = np.full(steps + 1, abs(rise))
        if foot > 0:
            roof = np.minimum(roof, abs(rise) * place / foot)
        if foot < 1:
            roof = np.minimum(roof, abs(rise) * (1 - place) / (1 - foot))
        height = np.where(
            height * rise > 0, np.sign(rise) * np.minimum(abs(height), 0.7 * roof), height
        )
    line: Points = ends[0] + np.outer(place, along) + np.outer(height, across)
    return line


def bend(points: Points, *, reach: float = 1.6) -> Points:
    """Shift points by smooth waves, so that nothing stays straight over kilometres."""
    x, y = points.T
    shift = [
        np.sin(y / 17 + 1.1)
        + 0.6 * np.sin(y / 7.3 + x / 11 + 0.4)
        + 0.3 * np.sin(x / 4.1 - y / 5.3),
        np.sin(x / 19 + 2.3)
        + 0.6 * np.sin(x / 8.1 - y / 13 + 1.9)
        + 0.3 * np.sin(y / 4.7 + x / 3.9),
    ]
    return points + reach * np.column_stack(shift)


def to_degrees(points: Points) -> Points:
    """Turn km into longitude and latitude on a sphere, rounded to 6 decimals (0.1 m)."""
    east, north = points.T
    longitude = 66 + east / (111.32 * np.cos(np.radians(38.8)))
    return np.round(np.column_stack([longitude, 38.8 + north / 111.13]), 6)
