"""What whoever opens the demo needs: accounts, links worth opening, slips to try. Kept in a private file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from app.cli.demo.commitments import Commitment
from app.cli.demo.staff import Account, Staff
from app.cli.demo.town import HANDS, Town
from app.core.labels import label
from models import Agreement, Evidence
from models.agreement import AgreementState as S
from models.assembly import AssemblyState
from models.evidence import Moderation
from models.people import Role

FILE = "accounts.txt"
CODES = 3
_BLANK = "{base}"


@dataclass(frozen=True)
class Sheet:
    """``links`` are (what it is, path); ``codes`` are slips that reach the agreement at ``confirm``; ``words`` name
    the roles."""

    accounts: tuple[Account, ...]
    links: tuple[tuple[str, str], ...]
    confirm: str
    codes: tuple[str, ...]
    words: dict[Role, str]

    def text(self) -> str:
        """The sheet with ``{base}`` where the server's address goes: it may be served elsewhere tomorrow."""
        lines = ["Dirección", f"  {_BLANK}/", "", "Tres páginas para empezar"]
        lines += [f"  {_BLANK}{path}\n      {what}" for what, path in self.links]
        lines += ["", f"Cuentas (una por cargo; se entra en {_BLANK}/signin)"]
        rows = [(self.words[one.role], one.name, one.email, one.password, one.place) for one in self.accounts]
        widths = [max(len(row[at]) for row in rows) for at in range(4)]
        lines += ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)).rstrip() for row in rows]
        lines += ["", "Papeletas para probar como vecina o vecino (cada una habla una vez)", f"  {_BLANK}{self.confirm}"]
        lines += ["  " + "   ".join(f"{code[:5]} {code[5:]}" for code in self.codes)]
        return "\n".join(lines) + "\n"


def keep(sheet: Sheet, data_dir: Path) -> Path:
    """Write the sheet for its owner's eyes only."""
    path = data_dir / FILE
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(handle, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(sheet.text())
    return path


def read(data_dir: Path, base_url: str) -> str:
    """The kept sheet, with the address it is served at now. Raises FileNotFoundError before a demo was made."""
    return (data_dir / FILE).read_text(encoding="utf-8").replace(_BLANK, base_url)


def sheet_of(town: Town, staff: Staff) -> Sheet:
    """Choose what is worth opening of the year that was lived."""
    tried = _tried(town)
    accounts = [staff.accounts[role] for role in Role if role in staff.accounts]
    links = (
        ("una colonia con su mapa, sus asambleas y los acuerdos atrasados primero", f"/t/{_liveliest(town)}"),
        ("un acuerdo que los vecinos disputaron, con fotos de las dos partes", f"/a/{_most_disputed(town)}"),
        ("el aviso de una asamblea por venir", f"/assemblies/{_next_call(town)}"),
    )
    codes = _unused(town, tried) if tried else ()
    return Sheet(
        tuple(accounts), links, f"/a/{tried.folio}/confirm" if tried else "/", codes, {role: label(role) for role in Role}
    )


def _agreements(town: Town) -> Iterable[tuple[Commitment, Agreement]]:
    return ((made, town.acts.agreement(made.id)) for made in town.commitments)


def _liveliest(town: Town) -> str:
    """The territory with most agreements late."""
    late = Counter(made.where.plan.code for made, agreement in _agreements(town) if agreement.days_late(town.today))
    return max((where.plan.code for where in town.neighbourhoods), key=lambda code: late[code])


def _most_disputed(town: Town) -> str:
    """Disputed now, with photos of both sides when there is one."""
    photos = Counter(town.session.scalars(select(Evidence.agreement_id).where(Evidence.moderation == Moderation.VISIBLE)))
    found = [
        (agreement.disputed, min(photos[made.id], 2), agreement.created_at, made.folio)
        for made, agreement in _agreements(town) if made.objection
    ]
    return max(found)[-1] if found else town.commitments[0].folio


def _tried(town: Town) -> Commitment | None:
    """An agreement that waits for neighbours, in the territory of the accounts when there is one."""
    waiting = [
        made for made, agreement in _agreements(town)
        if agreement.state is S.REPORTED_DONE and len(town.codes_serving(made.unit)) >= CODES + HANDS
    ]
    first = town.neighbourhoods[0]
    return min(waiting, key=lambda made: (made.where is not first, made.folio), default=None)


def _unused(town: Town, made: Commitment) -> tuple[str, ...]:
    """Slips whose hands the story of this agreement never drew."""
    drawn = town.hands(made.folio, made.unit)
    return tuple(code for code in town.codes_serving(made.unit) if code not in drawn)[-CODES:]


def _next_call(town: Town) -> str:
    """Of the territory of the accounts: today's assembly, or the nearest after it."""
    ahead = [one for one in town.meetings if one.assembly.state is AssemblyState.CONVENED]
    first = town.neighbourhoods[0]
    return min(ahead, key=lambda one: (one.plan.where is not first, one.assembly.starts_at)).assembly.folio
