from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskmiljo.errors import CRSError, InvalidInputError
from riskmiljo.maps.geometry import to_degrees
from riskmiljo.maps.layers import areas_layer, density_layer, heat_layer, places_layer
from riskmiljo.maps.scale import BREAKS, DENSITY_CLASSES
from riskmiljo.maps.zones_layer import rhythm_sentence, rhythm_steps, zones_layer


def coordinates(value):
    if isinstance(value[0], float):
        yield value
    else:
        for inner in value:
            yield from coordinates(inner)


def test_coordinates_are_those_that_geopandas_gives_with_six_decimals(make):
    zones = make.zones()
    layer = zones_layer(zones)
    expected = zones.set_index("zone_id").to_crs(4326).geometry
    for feature in layer["features"]:
        drawn = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert drawn.hausdorff_distance(expected[feature["properties"]["id"]]) < 1e-6
        for pair in coordinates(feature["geometry"]["coordinates"]):
            assert pair == [round(edge, 6) for edge in pair]


def test_the_frame_that_is_drawn_stays_as_it_was(make):
    zones = make.zones()
    before = zones.copy()
    zones_layer(zones)
    assert zones.equals(before)


def test_a_layer_without_reference_system_is_refused():
    with pytest.raises(CRSError, match="saknar koordinatsystem"):
        to_degrees(gpd.GeoSeries([shapely.Point(1, 2)]))


def test_a_coordinate_off_the_globe_is_refused():
    with pytest.raises(CRSError, match="utanför"):
        to_degrees(gpd.GeoSeries([shapely.Point(np.inf, 2)], crs=3006))


def test_the_same_value_has_the_same_colour_on_a_strong_and_on_a_weak_map(make):
    zones = make.zones()
    for peak in (0.3, 30.0):
        surface = make.surface(zones, peak=peak)
        layer = density_layer(surface)
        colours = {one["colour"]: one["label"] for one in layer["legend"]["classes"]}
        assert colours == {one.colour: one.label.as_dict() for one in DENSITY_CLASSES}
        bands = gpd.GeoSeries(
            [shapely.from_geojson(json.dumps(one["geometry"])) for one in layer["features"]],
            crs=4326,
        ).to_crs(3006)
        painted = [one["properties"]["colour"] for one in layer["features"]]
        rows, columns = np.nonzero(surface.values >= 0)
        centres = shapely.points(surface.grid.centres)
        for at in range(0, len(centres), 97):
            value = surface.values[rows[at], columns[at]]
            near = np.abs(np.asarray(BREAKS) - value) < 0.06 * value + 1e-9
            if near.any():
                continue  # on the border between two classes
            expected = [one.colour for one in DENSITY_CLASSES if one.lower <= value < one.upper]
            seen = [
                colour
                for colour, inside in zip(painted, bands.intersects(centres[at]), strict=True)
                if inside
            ]
            assert seen == expected


def test_classes_neither_overlap_nor_leave_a_gap(make):
    surface = make.surface(make.zones(), peak=30.0)
    shapes = [shapely.geometry.shape(one["geometry"]) for one in density_layer(surface)["features"]]
    whole = shapely.union_all([shape.buffer(1e-6) for shape in shapes])
    for above, below in zip(shapes[1:], shapes, strict=False):
        assert above.intersection(below).area < 1e-9 * whole.area
    # The lowest class has holes where the higher ones lie; together they leave none.
    outside = surface.contours([BREAKS[0]]).to_crs(4326).geometry.iloc[0]
    assert whole.symmetric_difference(outside).area < 0.01 * outside.area
    assert len(shapes) == len(BREAKS)


def test_below_the_first_class_nothing_is_painted(make):
    layer = density_layer(make.surface(make.zones(), peak=BREAKS[0] * 0.9))
    assert layer["features"] == []
    assert len(layer["legend"]["classes"]) == len(BREAKS)


def test_heat_holds_cells_and_never_more_than_a_phone_can_draw(make):
    surface = make.surface(make.zones(), cell_m=10.0)
    strong = surface.values >= BREAKS[0]
    assert strong.sum() > 4000
    layer = heat_layer(surface)
    assert 0 < len(layer["cells"]) <= 4000
    assert layer["cell_m"] > 10
    assert max(share for *_, share in layer["cells"]) == 1.0
    assert "relativ" in layer["label"]["sv"]
    assert not layer["shown"]


def test_heat_of_an_empty_surface_has_no_cells(make):
    assert heat_layer(make.surface(make.zones(), peak=0.0))["cells"] == []


def test_heat_cells_lie_at_the_centres_of_the_grid(make):
    surface = make.surface(make.zones())
    cells = np.asarray(heat_layer(surface)["cells"])
    lon, lat = cells[cells[:, 2].argmax(), :2]
    point = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326).to_crs(3006).iloc[0]
    strongest = surface.grid.centres[surface.values.argmax()]
    assert point.distance(shapely.Point(strongest)) < 0.2


def test_zones_are_numbered_by_count(make):
    layer = zones_layer(make.zones())
    ranks = [one["properties"]["rank"] for one in layer["features"]]
    events = [one["properties"]["events"] for one in layer["features"]]
    assert ranks == [1, 2, 3, 4, 5]
    assert events == sorted(events, reverse=True)


def test_the_plate_of_a_zone_stands_inside_it(make):
    horseshoe = shapely.LineString([(0, 0), (0, 900), (900, 900), (900, 0)]).buffer(80)
    zones = make.zones().iloc[:1]
    zones = zones.set_geometry([shapely.affinity.translate(horseshoe, 647000, 6638000)])
    [one] = zones_layer(zones)["features"]
    drawn = shapely.from_geojson(json.dumps(one["geometry"]))
    assert drawn.contains(shapely.Point(one["properties"]["anchor"]))


def test_a_zone_says_its_trend_its_hours_its_area_and_why(make):
    zones = make.zones()
    layer = zones_layer(
        zones, rhythm=make.rhythm(zones), trend=make.trend(zones), areas=make.areas(zones)
    )
    city = layer["features"][0]["properties"]
    assert city["name"] == "City"
    assert city["trend"] == {"verdict": {"sv": "Ökar", "en": "Ökar"}}
    assert city["patrol_area"] in {"Väst", "Öst"}
    assert len(city["rhythm"]["steps"]) == 168
    why = " ".join(line["sv"] for line in city["why"])
    assert "576 händelser på 192 platser under 288 dagar." in why
    assert "var patruller har varit" in why
    assert "omtagningarna" not in why


def test_zones_without_hours_or_trend_say_nothing_of_them(make):
    zones = make.zones()
    layer = zones_layer(zones, rhythm=make.rhythm(zones).iloc[:1], trend=make.trend(zones).iloc[:1])
    assert [one["properties"]["rhythm"] is None for one in layer["features"]].count(True) == 4
    assert [one["properties"]["trend"] is None for one in layer["features"]].count(True) == 4


def test_a_table_that_lacks_a_column_is_refused_by_name(make):
    with pytest.raises(InvalidInputError, match="Zonerna saknar events"):
        zones_layer(make.zones().drop(columns="events"))
    with pytest.raises(InvalidInputError, match="Patrullområdena saknar expected"):
        areas_layer(make.areas(make.zones()).drop(columns="expected"))
    with pytest.raises(InvalidInputError, match="Ortregistret saknar kind"):
        places_layer(make.places().drop(columns="kind"))


def test_hours_are_steps_of_a_scale_and_not_counts():
    hours = np.zeros(168)
    hours[10] = 168.0
    assert rhythm_steps(hours)[10] == 4
    assert sum(rhythm_steps(hours)) == 4
    assert rhythm_steps(np.ones(168)) == [2] * 168
    assert rhythm_steps(np.zeros(168)) == [0] * 168
    assert rhythm_steps(hours) == rhythm_steps(hours * 1000)


def test_the_rhythm_is_said_in_words_with_its_share():
    hours = np.full((7, 24), 0.05)
    hours[4, 22:] = 5
    hours[5, :2] = 5
    said = rhythm_sentence(hours.ravel())
    share = hours[4, 22:].sum() + hours[5, :2].sum()
    percent = round(100 * share / hours.sum())
    times = share / hours.sum() / (4 / 168)
    assert said.sv == (
        f"Mest fre 22–02: {percent} % av händelserna, {times:.1f} gånger snittet.".replace(
            ".", ",", 1
        )
    )
    assert said.en == f"Mostly Fri 22–02: {percent}% of the incidents, {times:.1f} times the mean."


def test_an_even_week_is_called_even():
    assert rhythm_sentence(np.ones(168)).sv == "Jämnt över veckan."
    assert rhythm_sentence(np.zeros(168)).sv == "Inga tider att visa."


def test_a_border_between_two_areas_is_drawn_once(make):
    areas = make.areas(make.zones())
    layer = areas_layer(areas)
    drawn = gpd.GeoSeries(
        [shapely.from_geojson(json.dumps(layer["borders"]["geometry"]))], crs=4326
    ).to_crs(3006)
    once = areas.geometry.boundary.union_all().length
    assert drawn.length.iloc[0] == pytest.approx(once, rel=1e-4)
    assert drawn.length.iloc[0] < 0.9 * areas.boundary.length.sum()


def test_the_plate_of_an_area_stands_inside_it_wherever_it_is_moved(make):
    areas = make.areas(make.zones())
    narrow = shapely.LineString([(0, 0), (4000, 0), (4000, 4000)]).buffer(60)
    areas.loc[0, "geometry"] = shapely.affinity.translate(narrow, 647000, 6638000)
    splinter = shapely.Polygon([(0, 0), (3000, 3001), (3000, 3000)])
    areas.loc[1, "geometry"] = shapely.affinity.translate(splinter, 630000, 6630000)
    for one in areas_layer(areas)["features"]:
        drawn = shapely.from_geojson(json.dumps(one["geometry"]))
        points = shapely.points(one["properties"]["anchors"])
        assert 1 <= len(points) <= 24
        # Within a metre: a long straight line in metres is a slightly bent one in degrees.
        assert (shapely.distance(points, drawn) < 1e-5).all()


def test_important_places_come_first(make):
    layer = places_layer(make.places(("Hållplats", "City"), kind=["stop", "square_area"]))
    assert [one["properties"]["name"] for one in layer["features"]] == ["City", "Hållplats"]
