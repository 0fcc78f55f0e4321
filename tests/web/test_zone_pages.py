from __future__ import annotations

from html import unescape

import pytest

from riskmiljo.errors import NothingFoundError
from riskmiljo.wording import Text


def test_a_zone_has_a_page_with_count_trend_rhythm_and_why(client):
    page = unescape(client.get("/zoner/z1").text)
    assert "<h1>Resecentrum</h1>" in page
    assert "120 händelser på 30 platser under 26 olika dagar." in page
    assert "ökar" in page
    assert "Mest fre 2" in page
    assert "Resecentrum och City. Två zoner intill varandra" in page
    assert page.count('class="step4"') > 1
    assert page.count("<rect") == 168 + 5


def test_a_zone_has_an_english_twin_and_a_json_twin(client):
    page = unescape(client.get("/zoner/z1?lang=en").text)
    assert "120 incidents at 30 places on 26 different days." in page
    assert "Two zones side by side" in page
    body = client.get("/zoner/z1.json").json
    assert body["zone"]["name"] == "Resecentrum"
    assert body["area"]["area_id"] == "1"
    friday = body["day_parts"][4]
    assert friday["weekday"]["en"] == "Friday"
    assert friday["shares"][:3] == [None, None, None]
    assert friday["shares"][3] > 0.4


def test_a_zone_that_is_not_in_the_picture_is_not_found(client, stage):
    for address in ("/zoner/z9", "/zoner/z9.json", "/zoner/z1/mer", "/zoner/"):
        assert client.get(address).status_code == 404, address
    assert "välj en längre period" in client.get("/zoner/z9").text.lower()
    stage.error = NothingFoundError(Text("Inget.", "Nothing."))
    assert client.get("/zoner/z1").status_code == 404


@pytest.mark.parametrize("address", ["/zoner/z1?hours=x", "/zoner/z1.json?hours=x"])
def test_a_mistaken_question_about_a_zone_is_refused(client, address):
    answer = client.get(address)
    assert answer.status_code == 400
    assert "kan inte läsas" in answer.text
