"""The planner's report: the PDF behind the weekly review and ``riskmiljo report``."""

from __future__ import annotations

import re
import shutil
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import shapely

from riskmiljo.access.lens import demo_lens, lens_of
from riskmiljo.cli import run
from riskmiljo.errors import NothingFoundError
from riskmiljo.export.report import Blanks, Bullets, MapBlock, Report, Section, Table
from riskmiljo.export.report_map import draw_report_map
from riskmiljo.export.report_pdf import report_pdf
from riskmiljo.export.sheet import Column
from riskmiljo.model.filters import Filter
from riskmiljo.model.operation import OUTCOMES
from riskmiljo.model.period import Period
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.situation import report as facts_of_report
from riskmiljo.situation.operation_cards import KeptEffect
from riskmiljo.situation.operation_entry import add_operation
from riskmiljo.situation.releases import make_release
from riskmiljo.situation.report import report_facts
from riskmiljo.store import Area, open_store
from riskmiljo.web import create_app
from riskmiljo.web.report_content import build_report
from riskmiljo.web.service import install, service_of
from riskmiljo.wording import Text, decimal_text

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
ADDRESS = "/lagesbild/rapport.pdf"


@pytest.fixture(scope="module")
def url(filled_store, tmp_path_factory):
    path = shutil.copy(filled_store, tmp_path_factory.mktemp("rapport") / "stad.sqlite")
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def reader(url):
    app = create_app(Settings(store=url), clock=lambda: NOW)
    yield app.test_client()
    service_of(app).store.close()


@pytest.fixture(scope="module")
def made(url):
    """Facts by query, each gathered once; the store is only read."""
    kept = {}

    def of(period=None, *, language="sv"):
        if period not in kept:
            settings = Settings(store=url)
            question = Filter(period=Period.parse(period) if period else None)
            with open_store(url) as store:
                kept[period] = report_facts(store, settings, demo_lens(settings), question, now=NOW)
        return build_report(
            kept[period], area_name="Uppsala", made_by=Text("Kim", "Kim"), forecasting=True,
            language=language,
        )  # fmt: skip

    return of


def words(body):
    """What is written on the pages, line by line."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", body, flags=re.DOTALL)
    said = []
    for one in packed:
        if one[:1] == b"x":
            # Not zlib.decompress: the pattern may have taken a last byte for a line's end.
            plain = zlib.decompressobj().decompress(one)
            shown = re.findall(rb"\(((?:\\.|[^\\)])*)\) Tj", plain, flags=re.DOTALL)
            said += [re.sub(rb"\\(.)", rb"\1", text).decode("cp1252") for text in shown]
    return " ".join(said).replace("\xa0", " ")


def pages(body):
    return len(re.findall(rb"/Type /Page\b(?!s)", body))


def sections(report):
    return {section.title: section.blocks for section in report.sections}


def cells(blocks):
    return [row for block in blocks if isinstance(block, Table) for row in block.rows]


def test_one_click_gives_the_picture_of_the_same_query(reader):
    page = reader.get("/lagesbild?category=theft")
    link = re.search(r'href="(/lagesbild/rapport\.pdf[^"]*)"', page.text)[1]
    assert "category=theft" in link
    answer = reader.get(link.replace("&amp;", "&"))
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert 'filename="lagesbild-2026-04-' in answer.headers["Content-Disposition"]
    assert "Stöld" in words(answer.data)
    assert "Misshandel" not in words(answer.data)


def test_the_report_and_the_page_say_the_same(reader):
    told = reader.get("/lagesbild.json").json
    text = words(reader.get(ADDRESS).data)
    for week in told["weeks"]:
        if week["lower"] is not None:
            lower, upper = (decimal_text(week[end], 0).sv for end in ("lower", "upper"))
            assert f"{lower} till {upper}" in text
    for number, zone in enumerate(told["zones"], start=1):
        first_word = zone["name"].split()[0]
        assert re.search(rf"\b{number} {first_word}\b", text)
        assert f" {decimal_text(zone['events'], 0).sv} ".replace("\xa0", " ") in text
    share = round(100 * told["quality"]["reported"])
    assert f"Rapporterade av andra: {share} %" in text


def test_every_part_of_a_picture_is_there_in_both_languages(made):
    swedish, english = made(), made(language="en")
    assert len(swedish.sections) == len(english.sections) == 12
    for report, titles in (
        (swedish, ("I korthet", "När det händer", "Beslut och uppföljning")),
        (english, ("In brief", "When it happens", "Decisions and follow-up")),
    ):
        body = report_pdf(report, now=NOW)
        assert 3 <= pages(body) <= 6
        assert all(title in words(body) for title in titles)
        assert f"/Lang ({report.language})".encode() in body
        # A bookmark for each section.
        assert len(re.findall(rb"/Dest ", body)) == len(report.sections)
    assert "Händelser" not in words(report_pdf(english, now=NOW))


def test_categories_and_hours_are_counted_as_one_would_by_hand(made, url):
    blocks = sections(made())
    with open_store(url) as store:
        situation_period = facts_period(made)
        incidents = store.incidents(Filter(period=situation_period))
    by_hand = incidents["category"].value_counts()
    counts = [int(re.sub(r"\D", "", row[1])) for row in cells(blocks["Vad händer"])]
    assert sum(counts) == len(incidents)
    assert counts[0] == by_hand.iloc[0]
    shares = [
        int(re.sub(r"\D", "", text)) if text != "–" else 0
        for row in cells(blocks["När det händer"])
        for text in row[1:]
    ]
    assert len(shares) == 28
    assert sum(shares) == pytest.approx(100, abs=14)


def facts_period(made):
    """The default period of the town: the 52 weeks that end with its data."""
    title = made().period.partition(" · ")[0]
    assert title.endswith("2026")
    return Period.between("2025-04-30", "2026-04-29")


def test_the_same_data_and_clock_give_the_same_bytes(made, reader):
    assert report_pdf(made(), now=NOW) == report_pdf(made(), now=NOW)
    assert reader.get(ADDRESS).data == reader.get(ADDRESS).data
    later = NOW.replace(hour=13)
    assert report_pdf(made(), now=later) != report_pdf(made(), now=NOW)


def test_a_short_period_is_held_against_the_year_before_it(made):
    blocks = sections(made("2026-W16"))
    rows = cells(blocks["Mot det väntade och mot tidigare"])
    # Twelve judged weeks, though the report is of one.
    assert sum(row[4] in {"som väntat", "fler än väntat", "färre än väntat"} for row in rows[:12])
    assert "13–19 apr. 2026" in made("2026-W16").period


def test_months_are_compared_with_the_month_before_and_the_year_before(made):
    pairs = facts_of_report._periods_before(Period.parse("2026-03"), "Europe/Stockholm")
    assert pairs == [Period.parse("2026-02"), Period.parse("2025-03")]
    assert facts_of_report._periods_before(Period.parse("2026"), "Europe/Stockholm") == [
        Period.parse("2025")
    ]
    weeks = facts_of_report._periods_before(Period.parse("2026-W14"), "Europe/Stockholm")
    assert weeks == [Period.parse("2026-W13"), Period.parse("2025-W14")]
    # The data begin a year back: the year before is left out, the month before is told.
    rows = cells(sections(made("2026-03"))["Mot det väntade och mot tidigare"])
    assert [row[0] for row in rows if len(row) == 4] == ["1–28 feb. 2026"]


def test_a_period_that_goes_on_after_the_data_ends_with_them(made):
    report = made("2026")
    assert report.period.startswith("1 jan.–28 apr. 2026")
    rows = cells(sections(report)["Mot det väntade och mot tidigare"])
    assert all(row[1] != "visas inte" for row in rows[:12])
    total = sections(report)["I korthet"][0].lines[0]
    count, weekly = re.fullmatch(r"(.+) händelser .+, ([\d,]+) i veckan\.", total).groups()
    weeks = (date(2026, 4, 29) - date(2026, 1, 1)).days / 7
    number = int(count.replace("\xa0", ""))
    assert float(weekly.replace(",", ".")) == pytest.approx(number / weeks, abs=0.1)


def test_the_week_of_the_longer_night_is_a_week_like_others(made):
    total = sections(made("2025-W43"))["I korthet"][0].lines[0]
    count, weekly = re.fullmatch(r"(\d+) händelser .+, (\d+),0 i veckan\.", total).groups()
    assert count == weekly


def test_a_sum_of_weeks_is_not_told_where_one_of_them_is_not():
    assert facts_of_report._summed((5, 6, None, 8), 0, 2) == 11
    assert np.isnan(facts_of_report._summed((5, 6, None, 8), 1, 4))
    assert np.isnan(facts_of_report._summed((5, 6), -1, 1))


def test_the_joint_picture_is_told_in_bands_alone(url, tmp_path):
    copy = f"sqlite:///{shutil.copy(url.removeprefix('sqlite:///'), tmp_path / 'g.sqlite')}"
    settings = Settings(store=copy)
    with open_store(copy) as store:
        make_release(store, settings, now=NOW)
        lens = lens_of(Role.PLANNER, settings)
        facts = report_facts(store, settings, lens, Filter(), now=NOW)
        months = Filter(period=Period.between("2025-10-01", "2026-03-01", tz="Europe/Stockholm"))
        shorter = report_facts(store, settings, lens, months, now=NOW)
    report, of_months = (
        build_report(
            one, area_name="Uppsala", made_by=Text("Kim", "Kim"), forecasting=True, language="sv"
        )
        for one in (facts, shorter)
    )
    blocks = sections(report)
    # A sum of released cells is not the whole area's, and is not said to be; a week is.
    brief = blocks["I korthet"][0].lines
    assert "i de rutor som kan visas." in brief[0]
    assert re.search(
        r"händelser i hela området vecka 16, .*: (som|fler än|färre än) väntat", brief[1]
    )
    assert any(
        "Rapporterade av andra: " in line
        for line in blocks["Källorna och vad de inte visar"][0].lines
    )
    # Hours are released by the year: months have none, and no invented peak.
    [told] = sections(of_months)["När det händer"]
    assert told.text.startswith("Tider på dygnet är inte släppta för perioden")
    assert not shorter.overview.situation.rhythm.size
    assert facts.overview.situation.rhythm.size
    band = re.compile(r"\d[\d\xa0]*–\d[\d\xa0]*|\d[\d\xa0]*\+|visas inte|–|.* eller fler")
    for title, columns in (("Vad händer", (1,)), ("Årets gång", (1, 2)), ("Var det händer", (2,))):
        rows = cells(blocks[title])
        assert rows
        assert all(band.fullmatch(row[at]) for row in rows for at in columns)
    # No interval stands beside a density of classes, and the column does not promise one.
    [where] = [block for block in blocks["Var det händer"] if isinstance(block, Table)]
    assert "Per ha och vecka" in where.heads
    assert not any("95" in head for head in where.heads)
    notes = [note.sv for note in facts.overview.situation.notes]
    assert any("släppt 29 april 2026: fasta rutor" in note for note in notes)
    assert "Antal står som klasser" in words(report_pdf(report, now=NOW))
    # Nor does the weekly review lead its reader to a forecast that the joint picture cannot have.
    app = create_app(settings, clock=lambda: NOW)
    install(app, replace(service_of(app), lens=lens))
    page = unescape(app.test_client().get("/lagesbild").text)
    assert "/lagesbild/prognos" not in page
    assert "Nästa pass förutses inte här" in page


def test_a_store_without_incidents_writes_nothing(tmp_path, capsys):
    url = f"sqlite:///{tmp_path}/tom.sqlite"
    settings = Settings(store=url)
    with open_store(url, create=True) as store:
        store.set_area(Area("Uppsala", settings.area_bbox, settings.epsg, settings.timezone))
        with pytest.raises(NothingFoundError, match="Lagret är tomt"):
            report_facts(store, settings, demo_lens(settings), Filter(), now=NOW)
    out = tmp_path / "lagesbild.pdf"
    assert run(["--store", url, "report", "--out", str(out)]) == 1
    assert "Lagret är tomt" in capsys.readouterr().err
    assert not out.exists()


def test_the_command_writes_the_period_that_it_is_asked_for(url, tmp_path, capsys):
    out = tmp_path / "april.pdf"
    assert run(["--store", url, "report", "--period", "2026-03", "--out", str(out)]) == 0
    assert "1–31 mars 2026" in words(out.read_bytes())
    assert capsys.readouterr().out.strip() == str(out)


@pytest.mark.parametrize(
    ("words_of", "code", "said"),
    [
        (("--period", "2019"), 1, "Inga händelser"),
        (("--period", "2026-13"), 2, "2026-13"),
        (("--out", "rapport.docx"), 2, "slutar inte på .pdf"),
        (("--out", "saknas/rapport.pdf"), 2, "kan inte skrivas"),
    ],
)
def test_what_cannot_be_written_is_said_and_leaves_no_file(
    url, tmp_path, monkeypatch, capsys, words_of, code, said
):
    monkeypatch.chdir(tmp_path)
    assert run(["--store", url, "report", *words_of]) == code
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_address_without_answer_says_why(reader):
    assert reader.get(f"{ADDRESS}?from=2019-01-01&to=2020-01-01").status_code == 404
    assert reader.get(f"{ADDRESS}?from=igår").status_code == 400


def test_a_lens_without_files_gets_none(url):
    app = create_app(Settings(store=url), clock=lambda: NOW)
    service = service_of(app)
    app.extensions["riskmiljo"] = replace(service, lens=replace(service.lens, may_export=False))
    client = app.test_client()
    assert client.get(ADDRESS).status_code == 404
    assert ADDRESS not in client.get("/lagesbild").text
    service.store.close()


def test_operations_are_told_with_their_verdict_or_that_there_is_none(url, tmp_path):
    copy = f"sqlite:///{shutil.copy(url.removeprefix('sqlite:///'), tmp_path / 'i.sqlite')}"
    settings = Settings(store=copy)
    with open_store(copy) as store:
        add_operation(
            store, settings, name="Trygg vår {nb}", period=("2026-03-01", "2026-04-01"), zones=(),
            places=("59.8586,17.6390:200",), partners=(), goal="",
            outcomes=dict.fromkeys(list(OUTCOMES)[:1], 12), now=NOW,
        )  # fmt: skip
        facts = report_facts(store, settings, demo_lens(settings), Filter(), now=NOW)
    report = build_report(
        facts, area_name="Uppsala", made_by=Text("Kim", "Kim"), forecasting=False, language="sv"
    )
    assert cells(sections(report)["Insatser"]) == [
        ("Trygg vår {nb}", "1–31 mars 2026", "Inte utvärderad")
    ]
    text = words(report_pdf(report, now=NOW))
    assert "Trygg vår {nb}" in text
    said = {"power_text": {"sv": "Minst 40 %.", "en": ""}, "verdict_text": {"sv": "Ja.", "en": ""}}
    card = replace(facts.cards[0], effect=KeptEffect(NOW, (), said))
    report = build_report(
        replace(facts, cards=(card,)), area_name="Uppsala", made_by=Text("Kim", "Kim"),
        forecasting=False, language="sv",
    )  # fmt: skip
    assert cells(sections(report)["Insatser"])[0][2] == "Minst 40 %. Ja."
    assert "Prognoser är avstängda" in text


def long_report(names):
    columns = (Column(20, right=True), Column(120), Column(46))
    rows = tuple((str(n), name, "–") for n, name in enumerate(names))
    blocks = (
        Bullets(("Å, ä, ö och é – så.",)),
        Table(columns, ("Nr", "Zon", "Läge"), rows, name_at=1),
        Blanks(("Beslut", "Ansvarig"), 5),
    )
    return Report("sv", "Lägesbild Åre", "april 2026", "Data till i går", (), (
        Section("Zoner", blocks),
    ))  # fmt: skip


def test_long_names_wrap_and_long_tables_go_on_under_their_head():
    name = "Torget vid Övre Slottsgatan och Åsgränd " * 6
    body = report_pdf(long_report([name] * 60), now=NOW)
    text = words(body)
    assert pages(body) >= 3
    assert text.count("Torget vid Övre") >= 60
    assert text.count("Nr Zon Läge") == pages(body) or text.count("Zon") >= pages(body) - 1


def test_the_line_to_sign_stands_below_the_decisions_on_their_page():
    blocks = (Blanks(("Beslut",), 5, least=3), Blanks(("Underskrift",), 1))
    # Where a page ends: the lines for decisions fit, the one below them does not.
    for count in range(40, 47):
        lines = tuple(f"rad {n}" for n in range(count))
        said = (Section("Allt", (Bullets(lines),)), Section("Framåt", blocks))
        report = Report("sv", "Lägesbild Åre", "april 2026", "Data till i går", (), said)
        [*_, last] = words(report_pdf(report, now=NOW)).split("April 2026")
        assert "Underskrift" in last
        assert "Beslut" in last
        assert "Framåt" in last


def test_control_signs_and_unknown_letters_do_no_harm():
    text = words(report_pdf(long_report(["a\x00b\u202ec", "Яма", "ł→"]), now=NOW))
    assert "abc" in text
    assert "???" in text
    assert "visas som ?" in text
    assert "l->" in text


def test_numbers_on_the_map_do_not_cover_zones_or_each_other():
    xy = [(0, 0), (300, 0), (300, 260), (2000, 1500)]
    zones = tuple(shapely.Point(one).buffer(120) for one in xy)
    block = MapBlock(zones, 3006, None, (("#fde9a9", zones[0].buffer(300)),), (), "", "N")
    drawing = draw_report_map(block, width=186, height=120)
    boxes = [mark.box for mark in drawing.marks]
    assert [mark.text for mark in drawing.marks] == ["1", "2", "3", "4"]
    assert not any(a.meets(b) for n, a in enumerate(boxes) for b in boxes[:n])
    assert all(box.inside(186, 120) for box in boxes)
    for box in boxes:
        corner = np.array([box.x, box.y])
        assert all(
            not shapely.Polygon(rings[0]).contains(shapely.Point(corner))
            for rings in drawing.outlines
        )
    assert all(0 <= value <= 186 for rings in drawing.outlines for value in rings[0][:, 0])


def test_the_document_tells_when_it_was_made_and_no_path_of_this_machine(made):
    body = report_pdf(made(), now=NOW)
    assert str(Path.cwd()).encode() not in body
    assert b"/CreationDate (D:20260429120000Z" in body
