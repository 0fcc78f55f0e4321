"""A file on its way in: looked at, read otherwise, taken in, taken out; and what must not pass."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
import threading
import time
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from riskmiljo.access.imports import owners_taken_in, sources_taken_in
from riskmiljo.access.reader import NOBODY, Reader
from riskmiljo.intake import child, reading, sandbox
from riskmiljo.model.role import Role
from riskmiljo.settings import Settings
from riskmiljo.situation import importing
from riskmiljo.situation.importing_staging import MOST_OPEN, clean_name
from riskmiljo.store.audit_log import AuditQuestion
from riskmiljo.web import create_app, import_jobs, import_words, server
from riskmiljo.web.import_rows import for_pages
from riskmiljo.web.service import install, service_of

NOW = datetime(2026, 4, 29, 12, tzinfo=UTC)
OWN = {"Origin": "http://localhost"}
# As it was before a fixture that lasts the whole run took its place.
START = import_jobs.start
HEADER = "Händelsenr;Datum;Tid;Brottstyp;Latitud;Longitud;Namn;Övrigt\n"


def row(number, *, kind="Rån", lat="59,8586", lon="17,6389", day=1, more=""):
    return f"H{number};2026-04-{day:02d};22:10;{kind};{lat};{lon};Anna Ek;{more}\n"


def some(count=12, **changes):
    rows = (row(n, lat=f"59,85{n:02d}", day=1 + n % 20, **changes) for n in range(count))
    return HEADER + "".join(rows)


class Desk:
    """An installation, one browser, and work that is over before the answer comes."""

    def __init__(self, folder) -> None:
        self.now, self.folder = NOW, folder
        self.app = create_app(Settings(store=f"sqlite:///{folder}/s.sqlite"), clock=self.clock)
        self.store = service_of(self.app).store
        self.client, self.token = self.app.test_client(), ""

    def clock(self):
        return self.now

    def log_in(self, name, role):
        users = {user.name: user.user_id for user in self.store.users.all()}
        number = users.get(name) or self.store.users.add(name, role, password=None, now=self.now)
        self.client = self.app.test_client()
        key = self.store.logins.begin(number, now=self.now)
        self.client.set_cookie("riskmiljo_login", key)
        page = self.client.get("/konto").text
        self.token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]

    def post(self, path, **fields):
        body = {"csrf_token": self.token, **fields}
        return self.client.post(path, data=body, headers=OWN)

    def upload(self, content, name="mars.csv", source=""):
        data = content.encode() if isinstance(content, str) else content
        answer = self.post("/import", fil=(io.BytesIO(data), name), kalla=source)
        if answer.status_code == 303:
            self.at = answer.headers["Location"]
        return answer

    def seen(self):
        return self.client.get(f"{self.at}.json").json

    def acts(self):
        rows = self.store.audit_log.rows(AuditQuestion(), most=500)
        return [(one.act, one.detail) for one in reversed(rows)]


def parse_with(monkeypatch, parse):
    monkeypatch.setattr(reading, "parse_in_child", parse)
    monkeypatch.setattr(importing, "parse_in_child", parse)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """Work is done at once, and in this process: the child's start is most of its time."""
    monkeypatch.setattr(import_jobs, "start", lambda _key, work: (work(), True)[1])
    parse_with(monkeypatch, lambda path, *, name, layer: child.parse(path, name, layer))
    made = Desk(tmp_path)
    yield made
    made.store.close()


def test_a_file_is_looked_at_read_otherwise_taken_in_and_taken_out(desk):
    content = some() + row(90, kind="Gatukul") + row(91, lat="12,0")
    answer = desk.upload(content.encode("cp1252"), source="police")
    assert answer.status_code == 303
    seen = desk.seen()
    assert (seen["phase"], seen["problem"]) == ("seen", None)
    receipt = seen["receipt"]
    assert (receipt["rows"], receipt["accepted"], receipt["refused"]) == (14, 12, 2)
    assert receipt["encoding"] in ("cp1252", "windows-1252")
    assert {one["name"]: one["samples"] for one in seen["columns"]}["Brottstyp"] == [
        "Rån",
        "Gatukul",
    ]
    assert desk.store.count() == 0
    page = desk.client.get(desk.at).text
    assert "Gatukul" in page
    assert "Anna Ek" not in page  # a column of names is not even shown
    # Refused rows must be agreed to.
    refused = desk.post(f"{desk.at}/spara")
    assert refused.status_code == 400
    assert import_words.MUST_LEAVE_OUT.fill(n=2).sv in refused.text
    again = desk.post(f"{desk.at}/titta", **{"ord-0": "Gatukul", "slag-0": "public_order"})
    assert again.status_code == 303
    assert desk.seen()["receipt"]["accepted"] == 13
    assert desk.post(f"{desk.at}/spara", utan="1").status_code == 303
    done = desk.seen()
    assert (done["phase"], done["result"]) == ("taken", {"batch": 1, "added": 13, "known": 0})
    # It is told once: among the files that are read in, no longer among those that are not.
    listed = desk.client.get("/import").text
    assert import_words.BATCHES_TITLE.sv in listed
    assert "import-waiting" not in listed
    kinds = desk.store.incidents()["category"].astype(str).value_counts().to_dict()
    assert kinds == {"robbery": 12, "public_order": 1}
    assert set(desk.store.incidents()["owner"]) == {"police"}
    assert not list(desk.folder.rglob("*.csv"))  # the upload itself is gone
    # The very same file has nothing to give.
    desk.upload(content.encode("cp1252"), source="police")
    assert desk.seen()["already_in"] == 1
    assert import_words.NOTHING_TO_DO.fill(n=1).sv in desk.client.get(desk.at).text
    assert desk.post(f"{desk.at}/spara", utan="1").status_code == 400
    # Out again as a whole, once one has said so.
    assert desk.client.get("/import/kvitto/1").status_code == 200
    assert desk.post("/import/kvitto/1/angra").status_code == 400
    assert desk.store.count() == 13
    assert desk.post("/import/kvitto/1/angra", saker="1").status_code == 303
    assert desk.store.count() == 0
    for path in ("/import", desk.at, "/import/kvitto/1"):
        assert f'<a href="{path}.json">' in desk.client.get(path).text
    assert desk.client.get("/import/kvitto/1.json").json["undone_at"] == NOW.isoformat()
    assert desk.post("/import/kvitto/1/angra", saker="1").status_code == 404
    assert [name for name, _ in desk.acts() if name in ("upload", "import", "undo")] == [
        "upload",
        "import",
        "upload",
        "undo",
    ]


def test_a_large_file_comes_through_and_one_beyond_the_chosen_limit_does_not(desk):
    assert desk.upload(some() + "\n" * 400_000).status_code == 303
    assert desk.seen()["receipt"]["accepted"] == 12
    kept = service_of(desk.app)
    install(desk.app, replace(kept, settings=kept.settings.model_copy(update={"upload_mb": 1})))
    assert desk.upload(some() + "\n" * 400_000, name="april.csv").status_code == 303
    kind = "multipart/form-data; boundary=b"
    body = b"x" * 1_000_001
    answer = desk.client.post("/import", data=body, content_type=kind, headers=OWN)
    assert answer.status_code == 413
    assert "högst 1 MB" in desk.client.get("/import").text


def test_columns_are_chosen_and_the_choice_stays(desk):
    desk.upload(some().replace("Latitud", "A").replace("Longitud", "B").replace("Tid", "C"))
    names = [one["name"] for one in desk.seen()["columns"]]
    fields = {"A": "lat", "B": "lon", "C": "time", "Händelsenr": "-"}
    chosen = {f"kolumn-{names.index(name)}": field for name, field in fields.items()}
    assert desk.post(f"{desk.at}/titta", system="4326", **chosen).status_code == 303
    seen = desk.seen()
    assert {one["name"]: one["choice"] for one in seen["columns"] if one["choice"]} == fields
    assert seen["receipt"]["accepted"] == 12
    assert seen["receipt"]["crs"]["how"] == "told"
    assert "Händelsenr" not in seen["receipt"]["mapping"]
    twice = desk.post(f"{desk.at}/titta", **{"kolumn-1": "lat", "kolumn-2": "lat"})
    assert twice.status_code == 400
    for name, value in (("system", "1"), ("kalla", "x"), ("kolumn-0", "geometry"), ("slag", "x")):
        assert desk.post(f"{desk.at}/titta", **{name: value}).status_code == 400
    assert desk.seen()["receipt"]["accepted"] == 12  # what cannot be chosen changes nothing


@pytest.mark.parametrize(
    ("role", "owners"),
    [
        (Role.POLICE, {"police"}),
        (Role.OUTREACH, {"social"}),
        (Role.PLANNER, {"municipality"}),
        (Role.ADMIN, {"municipality"}),
        (Role.PARTNER, set()),
    ],
)
def test_a_role_takes_in_what_its_own_authority_owns(role, owners):
    reader = Reader(1, "x", role)
    assert owners_taken_in(reader) == owners
    assert ("police" in sources_taken_in(reader)) == ("police" in owners)
    assert len(sources_taken_in(NOBODY)) == 6


def test_what_belongs_to_another_is_neither_shown_nor_taken_in(desk):
    desk.log_in("socionom", Role.OUTREACH)
    assert desk.upload(some(), source="police").status_code == 400
    mixed = HEADER.replace("Övrigt", "Ägare") + row(1, more="police") + row(2, more="social")
    desk.upload(mixed)
    seen = desk.seen()
    assert (seen["source"], seen["other_owners"]) == ("outreach", 1)
    drawn = desk.client.get(f"{desk.at}/lager.json").json["layers"]
    [points] = [one for one in drawn if one["id"] == "density"]
    assert len(points["features"][0]["geometry"]["coordinates"]) == 1
    assert desk.post(f"{desk.at}/spara", utan="1").status_code == 400
    assert desk.store.count() == 0
    desk.upload(some())
    assert desk.post(f"{desk.at}/spara").status_code == 303
    theirs = desk.at
    desk.log_in("polis", Role.POLICE)
    missing = desk.client.get("/finns/inte").status_code
    for path in (theirs, f"{theirs}.json", f"{theirs}/lager.json", f"{theirs}/avvisade.csv"):
        assert desk.client.get(path).status_code == missing == 404
    for path in ("titta", "spara", "slang"):
        assert desk.post(f"{theirs}/{path}").status_code == 404
    assert desk.client.get("/import/kvitto/1").status_code == 404
    assert desk.post("/import/kvitto/1/angra", saker="1").status_code == 404
    assert desk.store.count() == 12
    listed = desk.client.get("/import.json").json
    assert (listed["uploads"], listed["batches"], listed["sources"]) == ([], [], ["police"])
    # A colleague of the same authority sees the batch, not the uploads.
    desk.log_in("kollega", Role.OUTREACH)
    listed = desk.client.get("/import.json").json
    assert (listed["uploads"], len(listed["batches"])) == ([], 1)
    desk.log_in("vandrare", Role.PARTNER)
    assert desk.client.get("/import").status_code == 404
    assert desk.upload(some()).status_code == 404


def test_each_act_is_in_the_audit_by_counts_alone(desk):
    desk.log_in("polis", Role.POLICE)
    desk.upload(some(), name="hemligt namn.csv")
    desk.post(f"{desk.at}/spara")
    desk.upload(some(3))
    desk.post(f"{desk.at}/slang")
    user = desk.store.users.all()[0].user_id
    acts = dict(desk.acts())
    assert acts["import"] == {
        "batch": 1, "added": 12, "known": 0, "source": "police", "user": user
    }  # fmt: skip
    assert acts["upload_discarded"] == {"bytes": len(some(3).encode()), "user": user}
    assert "hemligt" not in json.dumps(desk.acts(), ensure_ascii=False)
    assert desk.store.verify_audit() == []
    # The page that waits asks each second, and is one reading.
    readings = sum(act == "read" for act, _ in desk.acts())
    desk.upload(some(4))
    for _ in range(4):
        desk.seen()
    assert sum(act == "read" for act, _ in desk.acts()) == readings + 1


def test_nothing_that_a_file_holds_is_run(desk):
    planted = "{{7*7191}}<script>alert(1)</script>"
    cells = f"{planted};2026-04-01;22:10;{planted};59,85;17,63;{planted};=1+1{planted}\n"
    content = HEADER.replace("Övrigt", planted) + cells + row(2)
    desk.upload(content, name=f"../../{planted}.csv")
    page = desk.client.get(desk.at).text
    assert page.count("{{7*7191}}&lt;script&gt;") >= 3
    assert "50337" not in page
    assert "<script>alert" not in page
    assert "<script>alert" not in desk.client.get(f"{desk.at}.json").text
    desk.upload(content.replace("Brottstyp", "=Brottstyp"))
    column = next(
        f"kolumn-{n}" for n, one in enumerate(desk.seen()["columns"]) if one["name"] == "=Brottstyp"
    )
    desk.post(f"{desk.at}/titta", **{column: "category"})
    text = desk.client.get(f"{desk.at}/avvisade.csv").data.decode("utf-8-sig")
    records = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert records[1][1] == "'=Brottstyp"
    assert all(not cell.startswith(("=", "+", "@")) for line in records for cell in line)
    assert planted not in text  # only what kind of value it was


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\data\\april.csv", "april.csv"),
        ("..", "fil"),
        ("", "fil"),
        ("a\x00b\u202e.csv", "ab.csv"),
        ("å" * 300 + ".csv", "å" * 90 + ".csv"),
    ],
)
def test_a_name_leads_nowhere(sent, kept):
    assert clean_name(sent) == kept


def zip_bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"  \n ", 400),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), 422),
        (b"%PDF-1.7 " + bytes(200), 422),
    ],
)
def test_what_is_no_table_is_refused_at_the_door(desk, content, status):
    answer = desk.upload(content, name="april.csv")
    assert answer.status_code == status
    assert import_words.CANNOT.sv in answer.text
    assert desk.client.get("/import.json").json["uploads"] == []


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (HEADER, "bara_rubriker.csv"),
        ('<OGRVRTDataSource><SrcDataSource relativeToVRT="0">/etc/passwd</SrcDataSource>', "a.csv"),
        (zip_bomb, "bok.xlsx"),
    ],
)
def test_what_cannot_be_read_says_why_and_nothing_of_the_command_line(
    desk, content, name, monkeypatch
):
    parse_with(monkeypatch, sandbox.parse_in_child)
    answer = desk.upload(content() if callable(content) else content, name=name)
    if answer.status_code == 303:
        assert desk.seen()["phase"] == "failed"
        answer = desk.client.get(desk.at)
        assert answer.status_code == 200
        assert desk.post(f"{desk.at}/spara").status_code == 400
    shown = answer.text
    assert import_words.CANNOT.sv in shown
    assert "--" not in re.sub(r"<[^>]*>", "", shown)
    assert "root:" not in shown


def test_cells_of_zero_bytes_refuse_their_rows_and_no_more(desk):
    desk.upload(some(4).encode() + row(9).encode().replace(b"59,8586", b"\x00\x00\x00"))
    seen = desk.seen()["receipt"]
    assert (seen["accepted"], seen["refused"]) == (4, 1)
    assert desk.client.get(desk.at).status_code == 200


def test_swapped_axes_and_utf16_are_told_and_mended_by_choosing(desk):
    swapped = some().replace("Latitud;Longitud", "Longitud;Latitud")
    desk.upload(swapped.encode("utf-16"))
    seen = desk.seen()
    assert seen["receipt"]["accepted"] == 0
    page = desk.client.get(desk.at).text
    assert "bytt plats" in page
    assert "--map" not in page
    names = [one["name"] for one in seen["columns"]]
    swap = {f"kolumn-{names.index('Longitud')}": "lat", f"kolumn-{names.index('Latitud')}": "lon"}
    desk.post(f"{desk.at}/titta", **swap)
    assert desk.seen()["receipt"]["accepted"] == 12


def test_a_file_that_no_longer_reads_as_it_was_shown_is_not_taken_in(desk, monkeypatch):
    desk.upload(some())
    read = import_jobs.read_file

    def otherwise(*args, **named):
        intake = read(*args, **named)
        intake.receipt["accepted"] += 1
        return intake

    monkeypatch.setattr(import_jobs, "read_file", otherwise)
    desk.post(f"{desk.at}/spara")
    assert desk.store.count() == 0
    assert desk.seen()["phase"] == "seen"
    assert desk.seen()["problem"] == import_words.CHANGED.as_dict()


def test_uploads_are_for_the_store_s_account_alone_few_and_swept(desk):
    for _ in range(MOST_OPEN):
        assert desk.upload(some(3)).status_code == 303
    assert desk.upload(some(3)).status_code == 400
    [folder] = desk.folder.glob("*.uppladdat")
    modes = {stat.S_IMODE(one.stat().st_mode) for one in folder.rglob("*") if one.is_file()}
    assert modes == {0o600}
    assert {stat.S_IMODE(one.stat().st_mode) for one in [folder, *folder.iterdir()]} == {0o700}
    assert desk.post(f"{desk.at}/slang").status_code == 303
    assert desk.client.get(desk.at).status_code == 404
    desk.now += timedelta(hours=25)
    assert desk.client.get("/import.json").status_code == 200
    desk.client.get("/import")
    assert list(folder.iterdir()) == []


def test_the_server_sweeps_what_nobody_comes_back_for(desk, monkeypatch):
    desk.upload(some(3))
    slept = threading.Event()
    monkeypatch.setattr(server, "now_utc", lambda: NOW + timedelta(hours=24))
    pause = SimpleNamespace(sleep=lambda _seconds: (slept.set(), threading.Event().wait()))
    monkeypatch.setattr(server, "time", pause)
    assert server._look_after(desk.app).daemon
    assert slept.wait(20)
    [folder] = desk.folder.glob("*.uppladdat")
    assert list(folder.iterdir()) == []


def test_work_goes_on_by_itself_can_be_left_and_a_restart_is_told(tmp_path, monkeypatch):
    made = Desk(tmp_path)
    read, may_read = import_jobs.read_file, threading.Event()

    def when_told(*given, **named):
        assert may_read.wait(60)
        return read(*given, **named)

    monkeypatch.setattr(import_jobs, "start", START)
    monkeypatch.setattr(import_jobs, "read_file", when_told)
    made.upload(some(40))
    page = made.client.get(made.at).text
    assert "import.js" in page  # it says that it is at work
    may_read.set()
    deadline = time.monotonic() + 60
    while made.seen()["phase"] in ("waiting", "reading") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert made.seen()["receipt"]["accepted"] == 40
    state = next(tmp_path.rglob("state.json"))
    cut = json.loads(state.read_text()) | {"phase": "reading", "look": None}
    state.write_text(json.dumps(cut))
    assert made.seen()["problem"] == import_words.INTERRUPTED.as_dict()
    made.store.close()


def test_work_that_is_discarded_leaves_nothing_behind(desk, monkeypatch):
    read = import_jobs.read_file

    def discarded_meanwhile(*args, **named):
        intake = read(*args, **named)
        [one] = desk.client.get("/import.json").json["uploads"]
        desk.post(f"/import/{one['id']}/slang")
        return intake

    monkeypatch.setattr(import_jobs, "read_file", discarded_meanwhile)
    monkeypatch.setattr(import_jobs, "is_running", lambda _key: True)
    desk.upload(some())
    assert desk.client.get(desk.at).status_code == 404
    [folder] = desk.folder.glob("*.uppladdat")
    assert list(folder.iterdir()) == []


def test_refused_rows_come_page_by_page(desk):
    desk.upload(some() + "".join(row(200 + n, lat="12,0") for n in range(120)))
    assert "Sida 1 av 5" in desk.client.get(desk.at).text
    last = desk.client.get(f"{desk.at}?sida=5").text
    assert "Sida 5 av 5" in last
    assert last.count('class="import-row"') == 20
    for wrong in ("0", "6", "x", "9" * 30, "²"):
        assert desk.client.get(f"{desk.at}?sida={wrong}").status_code == 400


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Byt kolumnerna (till exempel --map a=lat --map b=lon).", "Byt kolumnerna."),
        ("Ange den, till exempel --map KOLUMN=lat. Kolumner: a.", "Ange den. Kolumner: a."),
        (
            "Flera: a, b. Ange vilken (layer).",
            "Flera: a, b. Skriv vilken under Blad eller lager nedan.",
        ),
        ("Ange det, till exempel --crs 3006. Talen är fel.", "Ange det. Talen är fel."),
        ("Gissat. Bekräfta med --crs 3006.", "Gissat. Stämmer det inte, välj annat nedan."),
    ],
)
def test_pages_say_nothing_of_options_of_a_command(said, shown):
    assert for_pages({"sv": said, "en": ""}).sv == shown
