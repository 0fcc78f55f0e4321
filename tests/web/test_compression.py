"""Answers are compressed where that tells nothing, and say the same as uncompressed ones."""

from __future__ import annotations

import gzip
import re

import pytest

READS = {"Accept-Encoding": "gzip"}
PAGES = ("/", "/karta", "/index.json", "/lager.json", "/zoner/z1")


@pytest.mark.parametrize("path", PAGES)
def test_a_compressed_answer_holds_the_same_bytes(client, path):
    plain, pressed = client.get(path), client.get(path, headers=READS)
    assert "Content-Encoding" not in plain.headers
    assert pressed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(pressed.data) == plain.data
    assert len(pressed.data) < len(plain.data) / 2
    assert int(pressed.headers["Content-Length"]) == len(pressed.data)
    assert pressed.data == client.get(path, headers=READS).data


@pytest.mark.parametrize(
    ("asked", "pressed"),
    [("same-origin", True), ("none", True), ("cross-site", False), ("same-site", False)],
)
def test_what_another_site_asked_for_is_sent_as_it_is(client, asked, pressed):
    headers = {**READS, "Sec-Fetch-Site": asked}
    for path in PAGES:
        answer = client.get(path, headers=headers)
        assert ("Content-Encoding" in answer.headers) is pressed, path
        assert {"Accept-Encoding", "Sec-Fetch-Site"} <= set(answer.vary)


def test_files_that_are_the_same_for_all_are_always_compressed(client):
    page = client.get("/").text
    [sheet] = re.findall(r'href="([^"]+/pages\.css)"', page)
    plain = client.get(sheet)
    pressed = client.get(sheet, headers={**READS, "Sec-Fetch-Site": "cross-site"})
    assert gzip.decompress(pressed.data) == plain.data
    assert "immutable" in pressed.headers["Cache-Control"]


def test_small_answers_and_those_who_read_no_gzip_are_left_alone(client):
    assert "Content-Encoding" not in client.get("/health", headers=READS).headers
    for reads in ("", "br", "gzip;q=0", "identity"):
        answer = client.get("/", headers={"Accept-Encoding": reads})
        assert "Content-Encoding" not in answer.headers, reads


def test_a_browser_that_has_the_answer_is_told_so_whichever_it_got(client):
    for headers in ({}, READS):
        tag = client.get("/karta", headers=headers).headers["ETag"]
        for again in ({}, READS):
            answer = client.get("/karta", headers={**again, "If-None-Match": tag})
            assert (answer.status_code, answer.data) == (304, b"")
