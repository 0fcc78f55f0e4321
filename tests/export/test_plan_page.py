"""The briefing as a page: its structure, its words, and that no text becomes markup."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

from riskmiljo.errors import CRSError
from riskmiljo.export import plan_html
from riskmiljo.export.drawing import draw_plan
from riskmiljo.model.plan import Route

VOID = {"meta", "br", "link", "img", "input", "hr", "col"}


class Page(HTMLParser):
    """Tags with their attributes, and the text within; complains about crossed tags."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.open, self.words, self.crossed = [], [], [], []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def made(plan, language="sv", **options):
    return plan_html(plan, **{"language": language, "area_name": "Uppsala", **options})


def test_the_page_is_whole(plan, base):
    page = Page(made(plan, base=base))
    assert page.crossed == []
    assert page.open == []
    assert page.all("html") == [{"lang": "sv"}]
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) - 6 == 1
    assert len(page.all("section")) == 3
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_it_has_no_script_and_asks_for_nothing(hostile_plan, base):
    source = made(hostile_plan, base=base)
    page = Page(source)
    names = {tag for tag, _ in page.tags}
    assert names & {"script", "link", "img", "iframe", "object", "embed", "form", "a", "x"} == set()
    attributes = {key for _, given in page.tags for key in given}
    assert not {key for key in attributes if key.startswith("on")}
    assert attributes & {"src", "style", "xlink:href", "srcset"} == set()
    # The base map, which stands in the file itself.
    assert {given["href"] for _, given in page.tags if "href" in given} == {"#ground"}
    (style,) = re.findall(r"<style>(.*?)</style>", source, flags=re.DOTALL)
    assert "url(" not in style
    assert "@import" not in style
    policy = [m["content"] for m in page.all("meta") if m.get("http-equiv")]
    assert policy[0].startswith("default-src 'none'; style-src 'unsafe-inline'")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_hostile_text_is_shown_as_written_and_never_run(hostile_plan, plans, language):
    area = "{{ 7*7191 }}</title><script>x</script>"
    source = made(hostile_plan, language, area_name=area)
    assert "50337" not in source
    text = Page(source).text
    assert area in text
    for shown in (
        *plans.hostile[:3],
        "\"quoted\" & 'single', a;b\\c BEGIN:VEVENT",
        "Grönt 🌲 مرحبا",
    ):
        assert shown in text
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u202e\ufffe]", source)


def test_every_stop_has_its_number_time_place_minutes_expected_and_reason(plan):
    text = Page(made(plan)).text
    for route in plan.routes:
        for number, visit in enumerate(route.visits, start=1):
            assert re.search(
                rf"\b{number} \d\d:\d\d–\d\d:\d\d {visit.name} Hit på 6 min, .{{4,60}} 12 0,42 "
                rf"{re.escape(visit.why.sv)}",
                text,
            )
    assert "Hållpunkter 8 På plats 96 min På väg 55 min" in text
    assert "Rast: Fikarummet" in text
    assert "Slut: Polishuset" in text


def test_what_must_be_said_is_said(plans):
    text = Page(made(plans.make("2026-10-24 22:00/06:00", distance="straight"))).text
    for said in (
        "Simulerade data",
        "Inget gatunät",
        "Klockan ställs tillbaka",
        "72 % av passets nåbara risk",
        "Räknat i väntade händelser: 5,5 av 7,6 inom räckhåll (72",
        "Närvaro är känd för 3 av 4 veckor.",
        "Data fram till tisdag 28 april 2026 00:00",
        "Gottsunda centrum",
        "40 min dit och tillbaka; ger 0,3",
        "Egna anteckningar",
    ):
        assert said in text
    quiet = Page(made(plans.make(simulated=False, as_of=None))).text
    assert "Simulerade" not in quiet
    assert "Inget gatunät" not in quiet
    assert "okänt hur nya" in quiet


def test_english_pages_have_no_swedish(plan):
    text = Page(made(plan, "en")).text
    for word in (
        "Väntat",
        "Hållpunkt",
        "Lag ",
        "Hit på",
        "väntade",
        "Rast",
        "Slut",
        "Summa",
        "å ",
    ):
        assert word not in text
    assert "Team 1, police, on foot" in text
    assert "Thursday 30 April 2026 18:00 – Friday 1 May 2026 02:00" in text


def test_tables_have_headers_with_scope(plan):
    page = Page(made(plan))
    scopes = [attributes.get("scope") for attributes in page.all("th")]
    assert set(scopes) == {"col", "row"}
    assert len(page.all("table")) == 4


def test_maps_have_a_title_a_description_numbers_a_scale_and_north(plan):
    source = made(plan)
    maps = re.findall(r'<svg class="map.*?</svg>', source, flags=re.DOTALL)
    assert len(maps) == 2 * 3
    for drawn in maps:
        title, text = re.search(r'aria-labelledby="(\S+) (\S+)"', drawn).groups()
        assert re.search(rf'<title id="{title}">Karta: ', drawn)
        assert re.search(rf'<desc id="{text}">Norr är uppåt\. ', drawn)
        assert re.search(r">\d+ k?m</text>", drawn)
        assert ">N</text>" in drawn
    assert set(re.findall(r">(\d+)</text></g>", maps[2])) == {str(n) for n in range(1, 9)}
    assert ">2:5</text></g>" in maps[0]


def test_waiting_wishes_and_joint_stops_are_told(plan):
    route = plan.routes[0]
    first = route.visits[0]
    changed = replace(
        first,
        arrives=first.begins - timedelta(minutes=5),
        pinned=True,
        joint=True,
        kind="own",
    )
    steps = tuple(changed if step is first else step for step in route.steps)
    text = Page(made(replace(plan, routes=(Route(route.crew, steps),)))).text
    assert "framme 18:01 · egen hållpunkt · önskad · tillsammans med annat lag" in text


@pytest.mark.parametrize("stops", [(0,), (1,), (40,), (0, 3, 0), ()])
def test_any_number_of_stops_makes_a_page(plans, stops):
    page = Page(made(plans.make(stops=stops)))
    assert page.crossed == []
    assert len(page.all("section")) == 1 + len(stops)
    assert page.text.count("Inga hållpunkter för det här laget") == stops.count(0)


def test_a_plan_without_anything_left_out_or_noted_says_so(plan):
    text = Page(made(replace(plan, left_out=(), notes=(), routes=()))).text
    assert "Alla kandidater är med i planen." in text
    assert "Planen har inga lag." in text
    assert "Att veta om planen" not in text


def test_unknown_expected_figures_are_a_dash(plan):
    left = tuple(replace(one, expected=float("nan")) for one in plan.left_out)
    assert "riskzon – 40 min" in Page(made(replace(plan, left_out=left))).text


def test_the_base_map_stands_once_in_the_file_and_in_its_place_on_each_map(plan, base):
    # One street with its corner at a stop.
    at = next(visit for route in plan.routes for visit in route.visits)
    corner = (at.x, at.y)
    ends = [(corner[0] - 300, corner[1]), corner, (corner[0], corner[1] + 300)]
    street = gpd.GeoDataFrame({"kind": ["street"]}, geometry=[LineString(ends)], crs=base.crs)
    source = made(plan, base=street)
    page = Page(source)
    (lines,) = [one["d"] for one in page.all("path") if one.get("class") == "base street"]
    x0, y0, *steps = map(int, re.findall(r"-?[0-9]+", lines))
    xs, ys = x0 + np.cumsum([0, *steps[::2]]), y0 + np.cumsum([0, *steps[1::2]])
    placed = [
        [float(one) for one in re.findall(r"-?[0-9.]+", given["transform"])]
        for given in page.all("use")
    ]
    drawings = [
        draw_plan(plan, routes, width=92, height=100, marker_height=5, left_out=left)
        for routes, left in [(plan.routes, plan.left_out)] + [([r], ()) for r in plan.routes]
    ]
    assert len(placed) == 2 * len(drawings)
    for drawing, (x, y, scale) in zip(drawings, placed[1::2], strict=True):
        wanted = drawing.frame.drawn([corner])[0]
        there = np.column_stack([x + scale * xs, y + scale * ys])
        assert np.hypot(*(there - wanted).T).min() < 0.1
    thick = [float(one) for one in re.findall(r"--thick: ([0-9.]+);", source)]
    assert sorted(thick) == pytest.approx(sorted(1 / scale for _, _, scale in placed), rel=1e-3)


def test_the_base_map_must_be_in_the_plans_reference_system(plan, base):
    with pytest.raises(CRSError, match="to_crs"):
        made(plan, base=base.to_crs(32633))
    with pytest.raises(CRSError, match="meter"):
        made(plan, base=base.to_crs(4326))


def test_the_same_plan_gives_the_same_page(plans, base):
    assert made(plans.make(), base=base) == made(plans.make(), base=base)


def test_places_without_a_name_are_called_so(plans):
    plan = plans.make(names=("",), stops=(1,))
    crew = replace(plan.routes[0].crew, start=replace(plans.home, name=" "))
    text = Page(made(replace(plan, routes=(Route(crew, plan.routes[0].steps),)))).text
    assert "Start: plats utan namn. Slut: Polishuset" in text
    assert "18:06–18:18 plats utan namn" in text
