"""Anybody can check the record at home (DOMAIN.md 5; 001-38)."""

import json
import subprocess
import sys

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import clock
from app.portal.ledger import verify
from app.portal.ledger.views import VERIFIER
from models import EventText, ledger
from models.ledger import SYSTEM, EventKind

INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
LEAVES = st.none() | st.booleans() | INTEGERS | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(VALUES)
@settings(max_examples=300, deadline=None)
def test_the_canonical_form_is_the_library_s(value):
    assert verify.canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value",
    [{"\ufb33": 1, "\U0001f600": 2, "\r": 3, "1": 4, "é": 5, "\u0080": 6}, "\x00\x1f\b\t\n\f\r\"\\/\x7f\u2028", {"": {"b": [], "a": {}}}],
)
def test_odd_keys_and_control_characters(value):
    assert verify.canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [1.0, 2**53, -(2**53), "\ud800"])
def test_what_has_no_single_form_is_refused(value):
    with pytest.raises(ValueError):
        verify.canonical(value)


def chain_of(count: int) -> list[dict]:
    entries, prev = [], verify.GENESIS
    for seq in range(1, count + 1):
        entry = {
            "seq": seq, "kind": "setting.changed", "object": f"setting:señal{seq}", "capacity": {"role": "admin", "unit": "AO"},
            "occurred_at": "2026-03-14T18:00:00.000000Z", "recorded_at": "2026-03-14T18:00:00.000000Z",
            "data": {"from": None, "to": [seq, True], "texts": {"reason": verify.text_digest("00ff", f"texto {seq}")}}, "prev": prev,
        }
        entry["hash"] = prev = verify.entry_hash(entry)
        entries.append(entry)
    return entries


def lines_of(entries: list[dict]) -> bytes:
    return b"".join(verify.canonical(entry) + b"\n" for entry in entries)


def walk(raw: bytes, path) -> verify.Chain:
    path.write_bytes(raw)
    chain = verify.Chain()
    for entry in verify.read(path, lambda: chain.seq + 1):
        chain.add(entry)
    return chain


def test_no_byte_can_change_unseen(tmp_path):
    entries = chain_of(3)
    raw = lines_of(entries)
    unseen = []
    for place in range(len(raw)):
        for other in {raw[place] ^ 1, raw[place] ^ 0x20, 0x20, 0x30, 0x22} - {raw[place]}:
            changed = raw[:place] + bytes([other]) + raw[place + 1 :]
            try:
                walk(changed, tmp_path / "c")
            except verify.Broken:
                continue
            # Only the blank after the last entry is nobody's content.
            if changed.strip() != raw.strip():
                unseen.append((place, other))
    assert not unseen


def test_taking_out_slipping_in_and_swapping_are_seen(tmp_path):
    entries = chain_of(4)
    for wrong in ([*entries[:1], *entries[2:]], [*entries, entries[3]], [entries[1], entries[0]], entries[1:]):
        with pytest.raises(verify.Broken):
            walk(lines_of(wrong), tmp_path / "c")
    extra = [{**entries[0], "note": 1}]
    with pytest.raises(verify.Broken, match="fields"):
        walk(lines_of(extra), tmp_path / "c")
    twice = lines_of(entries[:1]).replace(b'{"capacity"', b'{"seq":1,"capacity"', 1)
    with pytest.raises(verify.Broken, match="repeated"):
        walk(twice, tmp_path / "c")


def run(*arguments):
    done = subprocess.run([sys.executable, "-I", str(VERIFIER), *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout.strip()


def test_the_file_alone_judges_a_chain_and_a_head_from_paper(tmp_path):
    entries = chain_of(3)
    path = tmp_path / "chain.jsonl"
    path.write_bytes(lines_of(entries))
    ok = f"ok 3 events head 3:{entries[2]['hash']}"
    assert run(path) == (0, ok)
    assert run(path, "--head", f"2:{entries[1]['hash']}") == (0, ok), "paper of an earlier day"
    assert run(path, "--head", f"2:{entries[2]['hash']}") == (1, "broken at 2: the head on paper is not in this chain")
    assert run(path, "--head", f"9:{entries[2]['hash']}")[0] == 1, "the end was cut off"
    assert run(path, "--head", "nonsense")[0] == 2
    rebuilt = chain_of(3)
    rebuilt[0]["data"]["to"] = ["otra cosa"]
    prev = verify.GENESIS
    for entry in rebuilt:
        entry["prev"] = prev
        entry["hash"] = prev = verify.entry_hash(entry)
    path.write_bytes(lines_of(rebuilt))
    assert run(path)[0] == 0
    assert run(path, "--head", f"3:{entries[2]['hash']}")[0] == 1, "rebuilt by the operator, betrayed by the paper"


def test_texts_match_or_are_withheld(tmp_path):
    path, texts = tmp_path / "chain.jsonl", tmp_path / "texts.jsonl"
    path.write_bytes(lines_of(chain_of(3)))
    lines = [{"seq": seq, "field": "reason", "salt": "00ff", "text": f"texto {seq}"} for seq in (1, 3)]
    texts.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert run(path, "--texts", texts)[1].endswith("texts: 2 match, 1 withheld")
    lines[1]["text"] = "otro"
    texts.write_text("".join(json.dumps(line) + "\n" for line in lines))
    code, said = run(path, "--texts", texts)
    assert code == 1 and said.startswith("broken at 3:")


def record(world, **facts):
    with world.writing() as session:
        return ledger.append(
            session, EventKind.SETTING_CHANGED, object="setting:x", capacity=SYSTEM, occurred_at=clock.now(),
            recorded_at=clock.now(), **facts,
        )


def test_what_the_site_serves_verifies_with_what_the_site_serves(client, world, tmp_path):
    record(world, data={"a": 1}, texts={"reason": "se lee"})
    record(world, data={"n": "ñ \U0001f600"}, texts={"reason": "en espera"}, held=True)
    last = record(world, texts={"reason": "oculto"})
    with world.writing() as session:
        session.query(EventText).filter_by(text="oculto").one().hidden_reason = "datos personales"
    for name in ("chain.jsonl", "texts.jsonl", "verify.py"):
        (tmp_path / name).write_bytes(client.get(f"/ledger/{name}").data)
    done = subprocess.run(
        [sys.executable, "-I", "verify.py", "chain.jsonl", "--head", f"3:{last.hash}", "--texts", "texts.jsonl"],
        cwd=tmp_path, capture_output=True, text=True,
    )
    assert done.stdout == f"ok 3 events head 3:{last.hash}\ntexts: 1 match, 2 withheld\n"
    assert "oculto" not in (tmp_path / "texts.jsonl").read_text()
    assert (tmp_path / "verify.py").read_bytes() == VERIFIER.read_bytes()


def test_the_page_prints_the_head_and_the_latest(client, world):
    event = record(world, data={"a": 1})
    page = client.get("/ledger")
    assert f"1:{event.hash}" in page.text
    assert "Cambió una regla del municipio" in page.text
    assert client.get("/ledger?cursor=nonsense").status_code == 400
    assert client.get("/en/ledger").status_code == 200
    etag = client.get("/ledger/chain.jsonl").headers["ETag"]
    assert client.get("/ledger/chain.jsonl", headers={"If-None-Match": etag}).status_code == 304
