"""The morning after: the database says what was acknowledged, all of it, once, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cli import cuadra
from app.core.transaction import database
from benchmarks.night.evening import Notebook, Official
from benchmarks.night.town import Town
from models import (
    Agreement,
    Assembly,
    Decision,
    Event,
    HeadcountCell,
    IdempotencyKey,
    Item,
    Minutes,
    Problem,
    Slip,
    SlipBatch,
)
from models.folio import FolioCounter
from tests.deploy.machines import environ


def differences(town: Town, officials: list[Official]) -> Iterator[str]:
    """A sentence for each thing of the database that is not what the phones were told."""
    with town.app.app_context():
        session = database().read()
        try:
            for official in officials:
                for book in official.books:
                    yield from _assembly(session, book)
                yield from _keys(session, official)
            yield from _whole(session, [book for official in officials for book in official.books])
        finally:
            session.close()


def _assembly(session: Session, book: Notebook) -> Iterator[str]:
    assembly = session.scalar(select(Assembly).filter_by(folio=book.folio))
    if assembly is None:
        yield f"{book.folio} was acknowledged and is not there"
        return

    def all_of(column, *where) -> list:
        return list(session.scalars(select(column).where(*where)))

    cells = {
        (str(cell.gender), str(cell.age_band)): (cell.people, cell.first_timers)
        for cell in session.scalars(select(HeadcountCell).filter_by(assembly_id=assembly.id)) if cell.people or cell.first_timers
    }
    told = {key: (book.people[key], book.first_timers[key]) for key in book.people if book.people[key]}
    here = Item.assembly_id == assembly.id
    decided = select(Decision.text).join(Item, Item.id == Decision.item_id).where(here)
    slips = session.scalar(
        select(func.count()).select_from(Slip).join(SlipBatch, SlipBatch.id == Slip.batch_id).where(SlipBatch.assembly_id == assembly.id)
    )
    notes = {item.position: item.notes for item in session.scalars(select(Item).where(here)) if item.notes}
    kinds = Counter(session.scalars(select(Event.kind).filter_by(object=assembly.object_name)))
    facts = (
        ("state", book.state, str(assembly.state)),
        ("headcount", told, cells),
        ("problems", sorted(book.problems + book.sensitive), sorted(all_of(Problem.text, Problem.assembly_id == assembly.id))),
        ("decisions", sorted(book.decisions), sorted(session.scalars(decided))),
        ("agreements", sorted(book.agreements), sorted(all_of(Agreement.text, Agreement.assembly_id == assembly.id))),
        ("items added", book.added, all_of(Item.title, here, Item.added_live)),
        ("items opened", book.opened, set(all_of(Item.position, here, Item.opened_at.is_not(None)))),
        ("notes", book.notes, notes),
        ("batches of slips", sorted(book.slips), sorted(all_of(SlipBatch.count, SlipBatch.assembly_id == assembly.id))),
        ("slips", sum(book.slips), slips),
        ("minutes", int(book.state == "closed"), len(all_of(Minutes.id, Minutes.assembly_id == assembly.id))),
        ("entries of problems", len(book.problems), kinds["problem.raised"]),
        ("entries of decisions", len(book.decisions), kinds["decision.taken"]),
        ("entries of slips", len(book.slips), kinds["slips.issued"]),
        ("entries of items", len(book.opened), kinds["item.opened"]),
        ("entries of minutes", int(book.state == "closed"), kinds["minutes.sealed"]),
        ("entries of openings", int(book.state not in ("draft", "convened")), kinds["assembly.opened"]),
    )
    for what, acknowledged, kept in facts:
        if acknowledged != kept:
            yield f"{book.folio}, {what}: acknowledged {_short(acknowledged, kept)}"
    if slips > sum(people for people, _first in cells.values()):
        yield f"{book.folio}: more slips than people counted"


def _short(acknowledged, kept) -> str:
    if isinstance(acknowledged, list) and isinstance(kept, list):
        lost, extra = Counter(acknowledged) - Counter(kept), Counter(kept) - Counter(acknowledged)
        return f"{len(acknowledged)}, kept {len(kept)}; lost {dict(lost)}, unasked or twice {dict(extra)}"
    return f"{acknowledged}, kept {kept}"


def _keys(session: Session, official: Official) -> Iterator[str]:
    """Every key that was acknowledged is kept, and no other: nothing was done that nobody was told of."""
    kept = set(session.scalars(select(IdempotencyKey.key).filter_by(actor_key=f"user:{official.hand.user_id}")))
    if kept != official.keys:
        yield f"{official.name}: {len(official.keys - kept)} keys acknowledged and not kept, {len(kept - official.keys)} the other way"


def _whole(session: Session, books: list[Notebook]) -> Iterator[str]:
    totals = (
        ("assemblies", len(books), Assembly), ("agreements", sum(len(book.agreements) for book in books), Agreement),
        ("problems", sum(len(book.problems) + len(book.sensitive) for book in books), Problem),
        ("decisions", sum(len(book.decisions) for book in books), Decision),
        ("slips", sum(sum(book.slips) for book in books), Slip),
    )
    for what, acknowledged, model in totals:
        kept = session.scalar(select(func.count()).select_from(model))
        if kept != acknowledged:
            yield f"{what} in all: acknowledged {acknowledged}, kept {kept}"
    given = session.scalar(select(func.coalesce(func.sum(FolioCounter.last), 0)))
    if given != totals[0][1] + totals[1][1]:
        yield f"folios given: {given}, and there are {totals[0][1]} assemblies and {totals[1][1]} agreements"


def checks(town: Town, port: int) -> Iterator[str]:
    """What an operator and a stranger would run: a sentence for each that does not come out well."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("chain.jsonl", "verify.py"):
            with urlopen(f"http://127.0.0.1:{port}/ledger/{name}", timeout=120) as answer:  # noqa: S310 - our own gunicorn
                Path(folder, name).write_bytes(answer.read())
        done = subprocess.run([sys.executable, "-I", f"{folder}/verify.py", f"{folder}/chain.jsonl"], capture_output=True, text=True)
        if done.returncode:
            yield f"verify.py ended with {done.returncode}: {done.stdout.strip()}"
    for command in (["verify-ledger"], ["recount"], ["reindex", "--check"]):
        ended = CliRunner().invoke(cuadra, command, env=environ(town.config))
        if ended.exit_code:
            yield f"cuadra {' '.join(command)} ended with {ended.exit_code}: {ended.output.strip()[-300:]}"
