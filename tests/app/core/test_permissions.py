"""Who may do what, where and when: the table a neighbour could read, against the code, cell by cell.

A column is a role, a row a verb. ``b``: on the unit the role is held on and everything below.
``o``: on what its own body owes. ``s``: on the unit, those below, those above up to the territory.
``*``: anywhere. ``.``: never.
"""

from __future__ import annotations

import itertools

import pytest

from app.core.actors import Actor, Holding
from app.core.permissions import RULES, Denied, Permission, Thing, authorise, can
from models.agreement import AgreementState
from models.assembly import AssemblyState
from models.people import Role

COLUMNS = "admin planning director lead official promoter area liaison collective"
TABLE = """
work.see               * * * * * * * * *
work.oversee           b b b b . . . . .
inbox.see              * . . . . . o . o
units.import           * * . . . . . . .
units.reshape          * * . . . . . . .
tables.import          * * . . . . . . .
role.grant             * . . . . . . . .
setting.change         * . . . . . . . .
admin.see              * * . . . . . . .
body.edit              * . . . . . . . .
theme.edit             * * . . . . . . .
phase.edit             * * . . . . . . .
indicator.edit         * * . . . . . . .
priority.edit          * * . . . . . . .
stage.record           b b b . . . . . .
text.moderate          * * . . . . . . .
privacy.see            * * . . . . . . .
request.answer         * . . . . . . . .
assembly.convene       b b b b b b . . .
assembly.edit          b b b b b b . . .   draft convened
assembly.hold          b b b b b b . . .   convened in_session
assembly.cancel        b b b b b . . . .   draft convened
minutes.seal           b b b b b b . . .   held
minutes.add            b b b b b . . . .   closed
slips.issue            b b b b b b . . .   in_session held
spot.set               b b b b b b . . .
document.add           b b b b b b . . .
document.withdraw      b b b b b . . . .
agreement.accept       . . . . . . o . o   proposed
agreement.decline      . . . . . . o . o   proposed
agreement.plan         . . . . . . o . o   accepted in_progress
agreement.progress     . . . . . . o . o   accepted in_progress
agreement.report_done  . . . . . . o . o   accepted in_progress
agreement.hand_over    b b b . . . o . o   proposed accepted in_progress on_hold
agreement.hold         b b b . . . o . o   proposed accepted in_progress
agreement.resume       b b b . . . o . o   on_hold
agreement.cancel       b b b . . . . . .   proposed accepted in_progress on_hold reported_done
agreement.voice        . . . . . . . s .   reported_done
agreement.countersign  . . . . . . . s .   reported_done in_progress
"""

# One branch of a tree, and a unit of another branch.
ROOT, OFFICE, TERRITORY, SECTION, BLOCK, ELSEWHERE = 1, 2, 3, 4, 5, 99
PATHS = {
    ROOT: {ROOT}, OFFICE: {ROOT, OFFICE}, TERRITORY: {ROOT, OFFICE, TERRITORY},
    SECTION: {ROOT, OFFICE, TERRITORY, SECTION}, BLOCK: {ROOT, OFFICE, TERRITORY, SECTION, BLOCK},
    ELSEWHERE: {ROOT, ELSEWHERE},
}
SERVED_UP_TO = {TERRITORY, SECTION, BLOCK}
OWN_BODY, OTHER_BODY = 7, 8
STATES = sorted({str(state) for state in (*AgreementState, *AssemblyState)})


def rows() -> list[tuple[Permission, dict[Role, str], frozenset[str]]]:
    parsed = []
    for line in TABLE.strip().splitlines():
        words = line.split()
        cells = dict(zip((Role(name) for name in COLUMNS.split()), words[1:10], strict=True))
        parsed.append((Permission(words[0]), cells, frozenset(words[10:])))
    return parsed


def holder(role: Role, held_on: int) -> Actor:
    if role in (Role.AREA, Role.COLLECTIVE):
        return Actor(1, "x", (Holding(role, body_id=OWN_BODY, body_code="X"),))
    serves = frozenset(PATHS[held_on] & SERVED_UP_TO) if role is Role.LIAISON else frozenset()
    return Actor(1, "x", (Holding(role, unit_id=held_on, unit_code="X", serves=serves),))


def expected(cell: str, held_on: int, target: int, owner: int) -> bool:
    below = held_on in PATHS[target]
    return {
        ".": False, "*": True, "b": below, "o": owner == OWN_BODY,
        "s": below or (target in PATHS[held_on] and target in SERVED_UP_TO),
    }[cell]


def test_the_table_has_every_verb():
    assert {permission for permission, _cells, _states in rows()} == set(RULES) == set(Permission)


@pytest.mark.parametrize("permission, cells, states", rows(), ids=lambda value: str(value) if isinstance(value, Permission) else "")
def test_verb_by_role_by_place_by_state(permission, cells, states):
    for role, held_on, target, owner, state in itertools.product(Role, PATHS, PATHS, (OWN_BODY, OTHER_BODY), STATES):
        thing = Thing(path=frozenset(PATHS[target]), unit_id=target, owner_id=owner, state=state)
        moment = not states or state in states
        allowed = moment and expected(cells[role], held_on, target, owner)
        assert can(holder(role, held_on), permission, thing) is allowed, (role, held_on, target, owner, state)


def test_nobody_signed_in_may_do_anything():
    thing = Thing(path=frozenset(PATHS[BLOCK]), unit_id=BLOCK)
    for permission in Permission:
        assert not can(None, permission, thing)
        with pytest.raises(Denied):
            authorise(None, permission, thing)


@pytest.mark.parametrize("staff", [role for role in Role if role not in (Role.LIAISON, Role.COLLECTIVE)])
def test_a_liaison_who_is_also_staff_does_not_verify(staff):
    voice = holder(Role.LIAISON, BLOCK).holdings
    both = Actor(1, "x", voice + holder(staff, ROOT).holdings)
    thing = Thing(path=frozenset(PATHS[BLOCK]), unit_id=BLOCK, owner_id=OTHER_BODY, state="reported_done")
    assert can(Actor(1, "x", voice), Permission.AGREEMENT_VOICE, thing)
    assert not can(both, Permission.AGREEMENT_VOICE, thing)


def test_a_member_of_the_body_that_owes_does_not_verify():
    both = Actor(1, "x", holder(Role.LIAISON, BLOCK).holdings + holder(Role.COLLECTIVE, ROOT).holdings)
    owed = Thing(path=frozenset(PATHS[BLOCK]), unit_id=BLOCK, owner_id=OWN_BODY, state="reported_done")
    others = Thing(path=frozenset(PATHS[BLOCK]), unit_id=BLOCK, owner_id=OTHER_BODY, state="reported_done")
    assert not can(both, Permission.AGREEMENT_VOICE, owed)
    assert can(both, Permission.AGREEMENT_VOICE, others)


def test_the_capacity_names_role_and_place_and_no_person():
    actor = Actor(1, "Rosa Pérez", (Holding(Role.PROMOTER, unit_id=SECTION, unit_code="S-1"),))
    thing = Thing(path=frozenset(PATHS[BLOCK]), unit_id=BLOCK, state="convened")
    assert authorise(actor, Permission.ASSEMBLY_HOLD, thing).as_json() == {"role": "promoter", "unit": "S-1"}


def test_a_liaison_acts_in_the_name_of_the_territory():
    """A block has so few liaisons that its code would say who it was (DOMAIN.md 7)."""
    held = Holding(Role.LIAISON, unit_id=BLOCK, unit_code="M-7", serves=frozenset({BLOCK, SECTION, TERRITORY}), territory_code="T-1")
    thing = Thing(path=frozenset(PATHS[BLOCK]), unit_id=BLOCK, state="reported_done")
    assert authorise(Actor(1, "x", (held,)), Permission.AGREEMENT_VOICE, thing).as_json() == {"role": "liaison", "unit": "T-1"}
