#!/usr/bin/env python3
"""Verify a copy of Cuadra's public record. One file, Python's standard library only.

    verify.py chain.jsonl [--head SEQ:HASH] [--texts texts.jsonl]

Each line of the chain is one act. Its hash covers all it says and the hash of the act before it, so
nothing can be changed, taken out or slipped in without every later hash changing. --head is what a
printed sheet (minutes, slips) says the record was on its day: the chain must contain it, so that not
even the operator can rebuild the record without the paper giving it away. --texts checks the free
texts kept beside the chain against their salted digests; a text that was erased is only "withheld".

Prints "ok N events head SEQ:HASH" or "broken at SEQ: why"; exits 0 or 1 (2 for wrong usage).
Hashes: SHA-256 of the RFC 8785 form without "hash".
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys

GENESIS = "0" * 64
KEYS = ("seq", "kind", "object", "capacity", "occurred_at", "recorded_at", "data", "prev", "hash")
TEXT_KEYS = ("seq", "field", "salt", "text")
LARGEST = 2**53 - 1
HEAD = re.compile(r"([0-9]+):([0-9a-f]{64})")


class Broken(Exception):
    """The record does not hold. ``seq`` is where, ``why`` is a sentence."""

    def __init__(self, seq, why):
        super().__init__(f"broken at {seq}: {why}")
        self.seq = seq
        self.why = why


def canonical(value):
    """The RFC 8785 form in bytes of strings, whole numbers, booleans, None, lists and objects of these.

    Raises ValueError for a float (no two languages' standard libraries spell them alike), for a number
    JavaScript cannot hold and for half a surrogate pair; TypeError for anything else.
    """
    return _form(value).encode("utf-8")


def _form(value):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        # The standard library escapes exactly what RFC 8785 asks for when it leaves the rest alone.
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise ValueError("a number too large to be exact")
        return str(int(value))
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_form(one) for one in value) + "]"
    if isinstance(value, dict):
        # By UTF-16 code units, which is not the order of code points beyond the first plane.
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(_form(name) + ":" + _form(value[name]) for name in names) + "}"
    if isinstance(value, float):
        raise ValueError("a floating-point number")
    raise TypeError(f"not JSON: {type(value)!r}")


def entry_hash(entry):
    """SHA-256 in hex of the canonical form of ``entry`` without its ``hash``."""
    return hashlib.sha256(canonical({name: entry[name] for name in entry if name != "hash"})).hexdigest()


def text_digest(salt, text):
    """SHA-256 in hex of the salt's bytes (``salt`` is hex) followed by the text in UTF-8."""
    return hashlib.sha256(bytes.fromhex(salt) + text.encode("utf-8")).hexdigest()


def parse_head(text):
    """``SEQ:HASH`` as (seq, hash). Raises ValueError."""
    found = HEAD.fullmatch(text.strip().lower())
    if not found:
        raise ValueError("a head reads SEQ:HASH, a number and 64 hexadecimal digits")
    return int(found.group(1)), found.group(2)


class Chain:
    """Walks a chain entry by entry; ``add`` raises Broken at the first that does not hold."""

    def __init__(self, head=None):
        self.seq = 0
        self.hash = GENESIS
        self.digests = {}
        self._paper = head
        self._seen_paper = head is None or head == (0, GENESIS)

    def add(self, entry):
        at = self.seq + 1
        if not isinstance(entry, dict) or set(entry) != set(KEYS):
            raise Broken(at, "its fields are not those of an entry")
        if type(entry["seq"]) is not int or entry["seq"] != at:
            raise Broken(at, f"expected number {at} and found {str(entry['seq'])[:20]}")
        if entry["prev"] != self.hash:
            raise Broken(at, "it does not name the hash of the entry before it")
        try:
            computed = entry_hash(entry)
        except (ValueError, TypeError) as wrong:
            raise Broken(at, f"it holds {wrong}") from wrong
        if entry["hash"] != computed:
            raise Broken(at, "its content does not match its hash")
        self.seq, self.hash = at, computed
        self._seen_paper = self._seen_paper or self._paper == (at, computed)
        data = entry["data"]
        if isinstance(data, dict) and isinstance(data.get("texts"), dict):
            for field, digest in data["texts"].items():
                self.digests[at, field] = digest

    def finish(self):
        """Raises Broken when the head from paper was never met."""
        if not self._seen_paper:
            raise Broken(self._paper[0], "the head on paper is not in this chain")

    def check_texts(self, texts):
        """(match, withheld) of the free texts. Raises Broken for one that does not match its digest."""
        known = {}
        for one in texts:
            if not isinstance(one, dict) or set(one) != set(TEXT_KEYS):
                raise Broken(0, "a text's fields are not seq, field, salt, text")
            place = (one["seq"], one["field"])
            if place not in self.digests:
                raise Broken(one["seq"], f"the chain knows no text {one['field']!r} there")
            if place in known:
                raise Broken(one["seq"], f"the text {one['field']!r} comes twice")
            try:
                known[place] = text_digest(one["salt"], one["text"]) == self.digests[place]
            except (ValueError, TypeError, AttributeError):
                known[place] = False
            if not known[place]:
                raise Broken(one["seq"], f"the text {one['field']!r} is not the one that was recorded")
        return len(known), len(self.digests) - len(known)

    def __str__(self):
        return f"{self.seq}:{self.hash}"


def _once(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a repeated name")
    return found


def _no_float(text):
    raise ValueError(f"a floating-point number ({text[:20]})")


def parse(line):
    """One line (bytes) as an object. Raises ValueError for what is not JSON, a repeated name, a float."""
    return json.loads(line.decode("utf-8"), object_pairs_hook=_once, parse_float=_no_float, parse_constant=_no_float)


def read(path, at):
    """The objects of a .jsonl file; ``at()`` says where a line that cannot be read would stand."""
    with open(path, "rb") as lines:
        for line in lines:
            try:
                entry = parse(line)
            except (ValueError, RecursionError) as wrong:
                raise Broken(at(), f"the line cannot be read: {wrong}") from wrong
            yield entry


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Verify a copy of the public record.")
    parser.add_argument("chain", help="chain.jsonl")
    parser.add_argument("--head", metavar="SEQ:HASH", help="a head printed on paper that the chain must contain")
    parser.add_argument("--texts", metavar="FILE", help="texts.jsonl, to check the free texts too")
    options = parser.parse_args(arguments)
    try:
        head = parse_head(options.head) if options.head else None
    except ValueError as wrong:
        parser.error(str(wrong))
    chain = Chain(head)
    try:
        for entry in read(options.chain, lambda: chain.seq + 1):
            chain.add(entry)
        chain.finish()
        counted = chain.check_texts(read(options.texts, lambda: 0)) if options.texts else None
    except Broken as wrong:
        print(wrong)
        return 1
    except OSError as wrong:
        parser.error(str(wrong))
    print(f"ok {chain.seq} events head {chain}")
    if counted:
        print(f"texts: {counted[0]} match, {counted[1]} withheld")
    return 0


if __name__ == "__main__":
    sys.exit(main())
