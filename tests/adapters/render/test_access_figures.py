"""The map of entries and the slice along a way: which sides they show, and that they can always be drawn."""

from __future__ import annotations

import numpy as np
import pytest

from givre.adapters.render.corridor_map import draw_corridor_map, side_views
from givre.adapters.render.path_slice import draw_path_slice
from givre.dossier.access_phrasing import access_phrasing
from givre.planning.access.trajectory_list import AccessWishes, TrajectoryList, trajectory_list
from givre.testing.vertebra_phantom import vertebra_phantom
from givre.wiring import knowledge
from tests.planning.access_scenes import described

PNG = b"\x89PNG"


def found(**wishes: object) -> TrajectoryList:
    phantom = vertebra_phantom()
    asked = AccessWishes(entry_spacing_mm=6.0, most_listed=3, **wishes)  # type: ignore[arg-type]
    return trajectory_list(described(phantom), phantom.ct, phantom.masks, knowledge=knowledge(), wishes=asked)


@pytest.fixture(scope="module")
def reached() -> TrajectoryList:
    return found()


def test_a_vertebra_is_first_shown_from_behind_with_the_patients_left_on_the_left(reached):
    views = side_views(reached)
    assert views[0].side == "P"
    assert views[0].plane.letters() == ("L", "R", "H", "F")
    for view in views:
        towards = {"P": (0, 1, 0), "A": (0, -1, 0), "L": (1, 0, 0), "R": (-1, 0, 0)}[view.side]
        assert view.plane.into == pytest.approx(-np.array(towards, dtype=float)), "the viewer looks at that side"


def test_entries_on_a_face_of_the_image_belong_to_the_view_of_that_face(reached):
    behind = side_views(reached)[0]
    assert not reached.corridor.is_cut[behind.entries].any(), "the image is cut on all sides but the back"
    height = reached.corridor.checks.entries_mm[behind.entries, 1]
    assert height.min() > 60.0


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_map_and_the_slice_are_drawn_in_both_languages(reached, lang):
    say = access_phrasing(lang)
    assert draw_corridor_map(reached, say)[:4] == PNG
    assert draw_path_slice(reached, reached.corridor.best[0], say)[:4] == PNG


def test_a_target_out_of_reach_has_a_map_too():
    closed = found(clearances={"spinal_canal": 50.0})
    assert not closed.corridor.is_reachable_at_all
    assert draw_corridor_map(closed, access_phrasing("en"))[:4] == PNG


def test_the_same_list_gives_the_same_picture(reached):
    say = access_phrasing("en")
    assert draw_path_slice(reached, reached.corridor.best[1], say) == draw_path_slice(
        reached, reached.corridor.best[1], say
    )
