"""Points placed by the grid, beside one question to shapely for each point and polygon."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hotspot.loaders import containment
from hotspot.loaders.containment import locate
from hotspot.loaders.grid import UNSURE, lay_grid, locate_by_grid

FAR = np.array([412_345.678, 4_561_234.5])


def brute_force(points: np.ndarray, polygons: np.ndarray) -> np.ndarray:
    """Return points × polygons: 2 inside, 1 on the border, 0 outside."""
    shapes = shapely.points(points)[:, None]
    present = polygons[None, :]
    covered = shapely.intersects(present, shapes).astype(int)
    return covered + shapely.contains_properly(present, shapes)


def expected(relation: np.ndarray, polygons: np.ndarray) -> tuple[list, list, list]:
    """Return places, whether on a border and whether in an overlap, by the words of `locate`."""
    areas = [0.0 if p is None else p.area for p in polygons]
    places, on_border, in_overlap = [], [], []
    for row in relation:
        inside, covering = np.flatnonzero(row == 2), np.flatnonzero(row)
        overlapped = len(inside) > 1
        if overlapped:
            places.append(min(inside, key=lambda k: (areas[k], k)))
        else:
            places.append(covering[0] if len(covering) else -1)
        in_overlap.append(overlapped)
        on_border.append(len(covering) > 1 and not overlapped)
    return places, on_border, in_overlap


def assert_placed(points: np.ndarray, polygons: np.ndarray) -> None:
    """Compare the grid, and the grid with the tree behind it, with brute force."""
    relation = brute_force(points, polygons)
    x, y = points.T
    sure = locate_by_grid(x, y, polygons)
    inside = (relation == 2).sum(axis=1)
    # what the grid answers is certain: nothing on a border, nothing inside several
    for place, row, many in zip(sure, relation, inside, strict=True):
        assert place == UNSURE or (1 not in row and many <= 1)
    found = locate(x, y, polygons)
    places, on_border, in_overlap = expected(relation, polygons)
    assert found[0].tolist() == places
    assert found[1].tolist() == on_border
    assert found[2].tolist() == in_overlap


@pytest.fixture(autouse=True)
def grid_for_any_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containment, "LEAST_POINTS", 0)
    monkeypatch.setattr(containment, "VERTICES_A_POINT", 1e9)


def telling_points(polygons: np.ndarray, seed: int) -> np.ndarray:
    """Return points on vertices, on edges, a hair beside them, on lines of the grid, anywhere."""
    rng = np.random.default_rng(seed)
    corners = shapely.get_coordinates(polygons)
    middles = (corners[1:] + corners[:-1]) / 2
    low, high = corners.min(axis=0) - 1, corners.max(axis=0) + 1
    anywhere = rng.uniform(low, high, (120, 2))
    parts = [corners, middles, anywhere, np.nextafter(corners, np.inf), middles + 1e-9]
    grid = lay_grid(polygons, points=sum(map(len, parts)))
    columns, rows = rng.integers(0, grid.columns, 40), rng.integers(0, grid.rows, 40)
    centres = np.column_stack([grid.centre_x(columns), grid.centre_y(rows)])
    parts += [centres, centres + grid.side / 2]
    # at the height of a corner, and above or below it
    parts.append(np.column_stack([rng.permutation(corners[:, 0]), corners[:, 1]]))
    return np.concatenate(parts)


# small whole numbers make shared borders, corners on borders and overlaps likely
ring = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=3, max_size=7)


def polygon_of(corners: list[tuple[int, int]]) -> shapely.Geometry | None:
    """Return what a ring of any corners encloses."""
    shape = shapely.make_valid(shapely.Polygon(corners), method="structure")
    return shape if shape.geom_type in ("Polygon", "MultiPolygon") and shape.area > 0 else None


@settings(deadline=None, max_examples=80)
@given(st.lists(ring, min_size=1, max_size=6), st.booleans(), st.integers(0, 10**6))
@example([[(0, 0), (8, 0), (8, 8), (0, 8)], [(2, 2), (6, 2), (6, 6), (2, 6)]], False, 1)
def test_any_polygons_as_they_overlap_and_touch(rings, far, seed):
    polygons = np.array([polygon_of(ring) for ring in rings], dtype=object)
    if shapely.is_missing(polygons).all():
        return
    if far:
        polygons = shapely.transform(polygons, lambda xy: xy / 3 + FAR)
    assert_placed(telling_points(polygons, seed), polygons)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.integers(2, 40), st.sampled_from([1.0, 1e-3, 1e5]))
def test_a_partition_with_shared_borders(seed, number, scale):
    rng = np.random.default_rng(seed)
    seeds = shapely.multipoints(rng.uniform(0, 1, (number, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=shapely.box(0, 0, 1, 1)))
    cells = shapely.intersection(cells, shapely.box(0, 0, 1, 1))
    cells = np.append(cells, None)
    polygons = shapely.transform(cells, lambda xy: np.round(xy, 6) * scale + FAR)
    polygons = polygons[shapely.is_valid(polygons) | shapely.is_missing(polygons)]
    assert_placed(telling_points(polygons, seed), polygons)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6))
def test_holes_islands_slivers_and_several_parts(seed):
    rng = np.random.default_rng(seed)
    middles = rng.uniform(0, 10, (12, 2))
    circles = shapely.buffer(shapely.points(middles), rng.uniform(0.3, 4, 12), quad_segs=3)
    rings = shapely.difference(circles, shapely.buffer(shapely.points(middles), 0.2))
    # as thin as rounding allows, and parts far from each other
    thin = shapely.buffer(
        shapely.linestrings(rng.uniform(0, 10, (3, 2, 2))), 1e-7, cap_style="flat"
    )
    several = shapely.union_all(rings[:4])
    polygons = np.array([*rings, *thin, several, shapely.Polygon()], dtype=object)
    assert_placed(telling_points(polygons[:-1], seed), polygons)


def test_a_strip_far_longer_than_wide():
    strips = shapely.box(0, np.arange(5) * 1e-3, 1e6, np.arange(1, 6) * 1e-3)
    assert_placed(telling_points(strips, 4), strips)


def test_one_long_edge_crosses_many_cells():
    # two triangles share a diagonal across 160 thousand cells
    triangles = np.array(
        [shapely.Polygon([(0, 0), (7, 0), (7, 3)]), shapely.Polygon([(0, 0), (7, 3), (0, 3)])]
    )
    x, y = np.random.default_rng(1).uniform(0, [[7], [3]], (2, 320_000))
    above = (7 * y > 3 * x).astype(int)
    assert (locate(x, y, triangles)[0] == above).all()
    assert (locate_by_grid(x, y, triangles) == UNSURE).mean() < 1e-5


def test_a_mahalla_far_from_all_others_leaves_a_crowd_in_one_cell():
    columns, rows = (each.ravel() for each in np.meshgrid(np.arange(40), np.arange(40)))
    squares = np.append(
        shapely.box(columns, rows, columns + 1, rows + 1), shapely.box(1e7, 0, 2e7, 1e7)
    )
    x, y = np.random.default_rng(2).uniform(0, 40, (2, 5000))
    assert (locate(x, y, squares)[0] == 40 * y.astype(int) + x.astype(int)).all()
    assert (locate_by_grid(x, y, squares) == UNSURE).all()


def test_nothing_but_points_off_the_polygons():
    square = np.array([shapely.box(0, 0, 1, 1)])
    x = np.array([-1e300, 1e300, 5.0, 0.5])
    assert locate_by_grid(x, np.array([0.5, 0.5, 0.5, 1e300]), square).tolist() == [-1] * 4
    assert locate_by_grid(x[:0], x[:0], square).tolist() == []
