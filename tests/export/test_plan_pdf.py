"""The briefing as PDF: pages, text and stable bytes, looked up in its streams."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from riskmiljo.export import plan_pdf
from riskmiljo.model.plan import Route, Visit
from riskmiljo.wording import Text


def made(plan, language="sv", **options):
    return plan_pdf(plan, **{"language": language, "area_name": "Uppsala", **options})


def pages(body):
    return len(re.findall(rb"/Type /Page\b(?!s)", body))


def streams(body):
    """What is drawn on each page, unpacked."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", body, flags=re.DOTALL)
    return [zlib.decompress(one) for one in packed if one[:1] == b"x"]


def words(body):
    said = []
    for plain in streams(body):
        shown = re.findall(rb"\(((?:\\.|[^\\)])*)\) Tj", plain, flags=re.DOTALL)
        said.extend(re.sub(rb"\\(.)", rb"\1", text).decode("cp1252") for text in shown)
    return " ".join(said)


def test_there_is_an_overview_and_a_page_for_each_crew(plans, base):
    body = made(plans.make(stops=(8, 5, 16)), base=base)
    assert body.startswith(b"%PDF-")
    assert pages(body) == 4
    assert re.search(rb"/MediaBox \[0 0 595\.28 841\.89\]", body)


@pytest.mark.parametrize(
    ("stops", "count"), [((), 1), ((0,), 2), ((1,), 2), ((16,), 2), ((40,), 3)]
)
def test_long_tables_go_on_and_short_ones_keep_to_their_page(plans, stops, count):
    assert pages(made(plans.make(stops=stops))) == count


def test_an_overview_keeps_to_its_page_and_says_how_many_left_out_are_not_on_it(plans):
    plan = plans.make(stops=(3, 3))
    why = Text(
        "Väntat högst 0,03 (kl. 22). Skulle ta 39 min av lag 2: de minuterna ger mer på andra "
        "hållpunkter.",
        "",
    )
    left = tuple(replace(plan.left_out[0], why=why, stop_id=f"s{n}") for n in range(12))
    assert pages(made(replace(plan, left_out=left))) == 3
    assert "till med lägre väntat" not in words(made(replace(plan, left_out=left)))
    many = made(replace(plan, left_out=left * 3))
    assert pages(many) == 3
    assert words(many).count("Skulle ta 39 min") + _more(words(many)) == 36


def _more(text: str) -> int:
    return int(re.search(r"(\d+) till med lägre väntat antal", text)[1])


def test_the_words_of_the_briefing_are_in_it(plans):
    text = words(made(plans.make("2026-10-24 22:00/06:00", distance="straight")))
    for said in (
        "Passplan: Uppsala",
        "Simulerade data · Inget gatunät",
        "Klockan ställs tillbaka",
        "72 % av passets nåbara risk",
        "Data fram till tisdag 28 april 2026 00:00",
        "Lag 2, polis, till fots",
        "22:06–22:18",
        "11 händelser fre och lör 22–02 på 4 veckor",
        "Gottsunda centrum",
        "Egna anteckningar",
    ):
        assert said in text
    assert "Teckensnitt" not in text


def test_english_has_no_swedish(plan):
    text = words(made(plan, "en"))
    assert "Team 1, police, on foot" in text
    assert not re.search("Väntat|Hållpunkt|Hit på|Rast:|Summa", text)


def test_signs_that_the_font_lacks_are_replaced_and_it_says_so(plans):
    names = ("Łódź → Ulleråker – “x” …", "🌲 مرحبا", "A\u030algra\u0308nd\u200b Pha\u0323m")
    plan = plans.make(names=names, stops=(3,))
    text = words(made(plan))
    assert "Ålgränd Pham" in text
    assert "Lódz -> Ulleråker – “x” …" in text
    assert "? ?????" in text
    assert "Tecken som saknas" in text
    assert "Tecken som saknas" not in words(made(plans.make(stops=(2,))))


def test_hostile_text_does_not_break_the_file(hostile_plan):
    body = made(hostile_plan, area_name="{nb} (a\\) Tj /Type /Page {{ 7*7191 }}")
    text = words(body)
    assert "{nb} (a\\) Tj" in text
    assert "<script>alert(1)</script>" in text
    assert "50337" not in text
    assert body.rstrip().endswith(b"%%EOF")


def test_very_long_texts_stay_on_the_paper(plans):
    note = " ".join(f"n{number}" for number in range(4_000))
    long = plans.make(
        names=("Ö" * 4_000, "ord " * 3_000), stops=(3,), notes=(Text(note, note),), area=True
    )
    body = made(long, area_name="Å" * 5_000)
    text = words(body)
    assert " n0 " in text
    assert " n3999" in text
    heights = re.findall(rb"BT [\d.]+ (-?[\d.]+) Td", b" ".join(streams(body)))
    assert len(heights) > 500
    assert min(float(height) for height in heights) > 20  # points above the paper's lower edge


def test_sixteen_stops_with_reasons_of_two_lines_fit_a_page(plans):
    why = Text(
        "6 händelser fre och lör 22–02 på 4 veckor. 12 % av passets risk finns här; väntat "
        "0,4 kl. 22–23. Topp 23–00.",
        "",
    )
    plan = plans.make(stops=(16,))
    steps = tuple(
        replace(step, why=why) if hasattr(step, "why") else step for step in plan.routes[0].steps
    )
    assert pages(made(replace(plan, routes=(Route(plan.routes[0].crew, steps),)))) == 2


def test_a_whole_shift_of_stops_keeps_to_its_page_and_says_nothing_twice(plans):
    plan = plans.make(stops=(20,))
    why = Text(
        "18 händelser de senaste 28 dygnen, flest tor–lör 18–00. 5 % av passets risk finns här; "
        "väntat mindre än 0,01 kl. 18–19. Topp 22–23. Andra besöket, 92 min efter det förra.",
        "",
    )
    steps = tuple(
        replace(step, why=why, zone_id=f"z{step.begins.minute % 3}")
        if isinstance(step, Visit)
        else step
        for step in plan.routes[0].steps
    )
    body = made(replace(plan, routes=(Route(plan.routes[0].crew, steps),)))
    assert pages(body) == 2
    zones = {step.zone_id for step in steps if isinstance(step, Visit)}
    assert words(body).count("18 händelser de senaste") == len(zones)


def test_the_same_plan_and_time_give_the_same_bytes(plans, base):
    now = datetime(2026, 4, 29, 12, 0, 0, 345_000, tzinfo=UTC)
    one = made(plans.make(), base=base, now=now)
    assert one == made(plans.make(), base=base, now=now)
    assert b"20260429120000" in one
    assert made(plans.make()) == made(plans.make())


def test_a_plan_without_crews_or_notes_is_a_page(plan):
    assert pages(made(replace(plan, routes=(), notes=(), left_out=()))) == 1
