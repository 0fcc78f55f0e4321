"""A zone's outline is moved by dragging, by pressing, and by keys alone."""

from __future__ import annotations

import shutil

import pytest

from riskmiljo.model.role import Role

READY = ".draw[data-ready=true]"
SEEN = ".draw-corner:visible"


@pytest.fixture(scope="module")
def drawn_town(filled, serve, tmp_path_factory):
    return serve(shutil.copy(filled, tmp_path_factory.mktemp("ritad")))


@pytest.fixture
def drawing(drawn_town, window):
    """A window of the police, and how to open the page that redraws their first zone."""
    opened = window(drawn_town, Role.POLICE)
    zone_id = drawn_town.json(Role.POLICE, "/karta.json")["zones"][0]["zone_id"]

    def begin(path="/zoner/{zone}/rita"):
        opened.open(path.format(zone=zone_id))
        opened.page.wait_for_selector(READY)
        return opened.page

    opened.begin, opened.zone_id = begin, zone_id
    return opened


def rows(page):
    lines = page.input_value("#d-corners").splitlines()
    return [tuple(float(part) for part in line.split(",")) for line in lines]


def corner(page, number):
    return page.locator(SEEN).nth(number)


def test_a_corner_is_dragged_added_on_the_line_and_undone_and_the_zone_saved(drawing):
    drawing.wear("desktop", "light")
    page = drawing.begin()
    before = rows(page)
    box = corner(page, 0).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y + 20, steps=4)
    page.mouse.move(x + 40, y + 30, steps=4)
    page.mouse.up()
    moved = rows(page)
    assert len(moved) == len(before)
    assert [one for one in moved if one not in before] != []
    assert len(set(moved) - set(before)) == 1
    page.get_by_role("button", name="Ångra").click()
    assert rows(page) == before
    # On the line, halfway between the two first of those that are seen.
    one, other = (corner(page, n).bounding_box() for n in (0, 1))
    half = one["width"] / 2
    page.mouse.click(*((one[axis] + other[axis]) / 2 + half for axis in "xy"))
    assert len(rows(page)) == len(before) + 1
    with page.expect_navigation():
        page.get_by_role("button", name="Spara konturen").click()
    assert page.url.endswith(f"/zoner/{drawing.zone_id}")
    assert drawing.problems == []
    page = drawing.begin()
    assert len(rows(page)) == len(before) + 1
    assert page.get_by_role("button", name="Ta bort den ritade konturen").is_visible()


def test_keys_alone_move_and_remove_a_corner_and_nothing_is_wrong_with_the_page(drawing):
    drawing.wear("desktop", "light")
    page = drawing.begin()
    before = rows(page)
    corner(page, 0).focus()
    page.keyboard.press("ArrowUp")
    lat, lon = rows(page)[0]
    assert (lat - before[0][0]) * 111_320 == pytest.approx(5, abs=0.2)
    assert lon == before[0][1]
    page.keyboard.press("Shift+ArrowDown")
    assert (rows(page)[0][0] - before[0][0]) * 111_320 == pytest.approx(-20, abs=0.2)
    page.keyboard.press("Delete")
    assert len(rows(page)) == len(before) - 1
    # What is left has the focus: the next Delete needs no searching.
    page.keyboard.press("Delete")
    assert len(rows(page)) == len(before) - 2
    found = drawing.faults("desktop", "light")
    drawing.begin()
    found += drawing.faults("phone", "light") + drawing.faults("phone", "dark", whole=False)
    assert found == []


def test_a_new_zone_is_set_by_presses_and_a_corner_moved_without_dragging(drawing):
    drawing.wear("phone", "dark")
    page = drawing.begin("/zoner/ny")
    box = page.locator(".folium-map")
    for x, y in ((120, 90), (260, 90), (260, 230)):
        box.click(position={"x": x, "y": y})
    three = rows(page)
    assert len(three) == 3
    corner(page, 2).click()
    assert page.locator('.draw-corner[aria-pressed="true"]').count() == 1
    box.click(position={"x": 190, "y": 300})
    moved = rows(page)
    assert moved[:2] == three[:2]
    assert moved[2] != three[2]
    assert drawing.faults("phone", "dark") == []
