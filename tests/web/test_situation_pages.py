from __future__ import annotations


def test_the_page_shows_map_zones_and_patrol_areas(client):
    page = client.get("/")
    assert page.status_code == 200
    text = page.text
    assert "Resecentrum" in text
    assert 'data-layers="/lager.json"' in text


def test_layers(client):
    page = client.get("/lager.json")
    assert page.status_code == 200, page.text
    page = client.get("/zoner/z1")
    assert page.status_code == 200, page.text
    page = client.get("/zoner/z1.json")
    assert page.is_json, page.text
