"""What is allowed to whom, where and when: one table, denied by default.

A row reads: this may be done by these roles, each within its reach, while the thing is in these
states. Nothing outside the table is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from models.agreement import AgreementState as Agreed
from models.assembly import AssemblyState as Met
from models.ledger import Capacity
from models.people import Role

if TYPE_CHECKING:
    from app.core.actors import Actor, Holding


class Permission(StrEnum):
    WORK_SEE = "work.see"
    WORK_OVERSEE = "work.oversee"
    INBOX_SEE = "inbox.see"
    UNITS_IMPORT = "units.import"
    UNITS_RESHAPE = "units.reshape"
    TABLES_IMPORT = "tables.import"
    ROLE_GRANT = "role.grant"
    SETTING_CHANGE = "setting.change"
    ADMIN_SEE = "admin.see"
    BODY_EDIT = "body.edit"
    THEME_EDIT = "theme.edit"
    PHASE_EDIT = "phase.edit"
    INDICATOR_EDIT = "indicator.edit"
    PRIORITY_EDIT = "priority.edit"
    STAGE_RECORD = "stage.record"
    TEXT_MODERATE = "text.moderate"
    PRIVACY_SEE = "privacy.see"
    REQUEST_ANSWER = "request.answer"
    ASSEMBLY_CONVENE = "assembly.convene"
    ASSEMBLY_EDIT = "assembly.edit"
    ASSEMBLY_HOLD = "assembly.hold"
    ASSEMBLY_CANCEL = "assembly.cancel"
    MINUTES_SEAL = "minutes.seal"
    MINUTES_ADD = "minutes.add"
    SLIPS_ISSUE = "slips.issue"
    SPOT_SET = "spot.set"
    DOCUMENT_ADD = "document.add"
    DOCUMENT_WITHDRAW = "document.withdraw"
    AGREEMENT_ACCEPT = "agreement.accept"
    AGREEMENT_DECLINE = "agreement.decline"
    AGREEMENT_PLAN = "agreement.plan"
    AGREEMENT_PROGRESS = "agreement.progress"
    AGREEMENT_REPORT = "agreement.report_done"
    AGREEMENT_HAND_OVER = "agreement.hand_over"
    AGREEMENT_HOLD = "agreement.hold"
    AGREEMENT_RESUME = "agreement.resume"
    AGREEMENT_CANCEL = "agreement.cancel"
    AGREEMENT_VOICE = "agreement.voice"
    AGREEMENT_COUNTERSIGN = "agreement.countersign"


class Reach(StrEnum):
    """How far a role reaches."""

    BELOW = "the unit it is held on and everything below"
    OWNER = "what the body it is held by owes"
    SERVED = "the unit it is held on, those below, those above up to the territory"
    ANYWHERE = "everywhere"


@dataclass(frozen=True)
class Rule:
    """``neighbours_only`` shuts out anybody who is staff or belongs to the body that owes."""

    roles: Mapping[Role, Reach]
    states: frozenset[str] | None = None
    neighbours_only: bool = False


@dataclass(frozen=True)
class Thing:
    """What the question is about: where it hangs, who owes it, in what state it is."""

    path: frozenset[int]
    unit_id: int | None = None
    owner_id: int | None = None
    state: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


_TERRITORIAL = {role: Reach.BELOW for role in (Role.ADMIN, Role.PLANNING, Role.DIRECTOR, Role.LEAD, Role.OFFICIAL)}
_STREET = {**_TERRITORIAL, Role.PROMOTER: Reach.BELOW}
_OWNER = {Role.AREA: Reach.OWNER, Role.COLLECTIVE: Reach.OWNER}
_OVERSIGHT = {role: Reach.BELOW for role in (Role.ADMIN, Role.PLANNING, Role.DIRECTOR)}


def _states(*states: StrEnum) -> frozenset[str]:
    return frozenset(str(state) for state in states)


P = Permission
RULES: Mapping[Permission, Rule] = {
    P.WORK_SEE: Rule({role: Reach.ANYWHERE for role in Role}),
    P.WORK_OVERSEE: Rule({**_OVERSIGHT, Role.LEAD: Reach.BELOW}),
    P.INBOX_SEE: Rule({**_OWNER, Role.ADMIN: Reach.ANYWHERE}),
    P.UNITS_IMPORT: Rule({Role.ADMIN: Reach.ANYWHERE, Role.PLANNING: Reach.ANYWHERE}),
    P.UNITS_RESHAPE: Rule({Role.ADMIN: Reach.ANYWHERE, Role.PLANNING: Reach.ANYWHERE}),
    P.TABLES_IMPORT: Rule({Role.ADMIN: Reach.ANYWHERE, Role.PLANNING: Reach.ANYWHERE}),
    P.ROLE_GRANT: Rule({Role.ADMIN: Reach.ANYWHERE}),
    P.SETTING_CHANGE: Rule({Role.ADMIN: Reach.ANYWHERE}),
    P.ADMIN_SEE: Rule({Role.ADMIN: Reach.ANYWHERE, Role.PLANNING: Reach.ANYWHERE}),
    P.BODY_EDIT: Rule({Role.ADMIN: Reach.ANYWHERE}),
    P.THEME_EDIT: Rule({Role.ADMIN: Reach.ANYWHERE, Role.PLANNING: Reach.ANYWHERE}),
    P.PHASE_EDIT: Rule({Role.ADMIN: Reach.ANYWHERE, Role.PLANNING: Reach.ANYWHERE}),
    P.INDICATOR_EDIT: Rule({Role.ADMIN: Reach.ANYWHERE, Role.PLANNING: Reach.ANYWHERE}),
    P.PRIORITY_EDIT: Rule({Role.ADMIN: Reach.ANYWHERE, Role.PLANNING: Reach.ANYWHERE}),
    P.STAGE_RECORD: Rule(_OVERSIGHT),
    P.TEXT_MODERATE: Rule({Role.ADMIN: Reach.ANYWHERE, Role.PLANNING: Reach.ANYWHERE}),
    P.PRIVACY_SEE: Rule({Role.ADMIN: Reach.ANYWHERE, Role.PLANNING: Reach.ANYWHERE}),
    P.REQUEST_ANSWER: Rule({Role.ADMIN: Reach.ANYWHERE}),
    P.ASSEMBLY_CONVENE: Rule(_STREET),
    P.ASSEMBLY_EDIT: Rule(_STREET, _states(Met.DRAFT, Met.CONVENED)),
    P.ASSEMBLY_HOLD: Rule(_STREET, _states(Met.CONVENED, Met.IN_SESSION)),
    P.ASSEMBLY_CANCEL: Rule(_TERRITORIAL, _states(Met.DRAFT, Met.CONVENED)),
    P.MINUTES_SEAL: Rule(_STREET, _states(Met.HELD)),
    P.MINUTES_ADD: Rule(_TERRITORIAL, _states(Met.CLOSED)),
    P.SLIPS_ISSUE: Rule(_STREET, _states(Met.IN_SESSION, Met.HELD)),
    P.SPOT_SET: Rule(_STREET),
    P.DOCUMENT_ADD: Rule(_STREET),
    P.DOCUMENT_WITHDRAW: Rule(_TERRITORIAL),
    P.AGREEMENT_ACCEPT: Rule(_OWNER, _states(Agreed.PROPOSED)),
    P.AGREEMENT_DECLINE: Rule(_OWNER, _states(Agreed.PROPOSED)),
    P.AGREEMENT_PLAN: Rule(_OWNER, _states(Agreed.ACCEPTED, Agreed.IN_PROGRESS)),
    P.AGREEMENT_PROGRESS: Rule(_OWNER, _states(Agreed.ACCEPTED, Agreed.IN_PROGRESS)),
    P.AGREEMENT_REPORT: Rule(_OWNER, _states(Agreed.ACCEPTED, Agreed.IN_PROGRESS)),
    P.AGREEMENT_HAND_OVER: Rule(
        {**_OWNER, **_OVERSIGHT}, _states(Agreed.PROPOSED, Agreed.ACCEPTED, Agreed.IN_PROGRESS, Agreed.ON_HOLD)
    ),
    P.AGREEMENT_HOLD: Rule({**_OWNER, **_OVERSIGHT}, _states(Agreed.PROPOSED, Agreed.ACCEPTED, Agreed.IN_PROGRESS)),
    P.AGREEMENT_RESUME: Rule({**_OWNER, **_OVERSIGHT}, _states(Agreed.ON_HOLD)),
    P.AGREEMENT_CANCEL: Rule(
        _OVERSIGHT,
        _states(Agreed.PROPOSED, Agreed.ACCEPTED, Agreed.IN_PROGRESS, Agreed.ON_HOLD, Agreed.REPORTED_DONE),
    ),
    P.AGREEMENT_VOICE: Rule({Role.LIAISON: Reach.SERVED}, _states(Agreed.REPORTED_DONE), neighbours_only=True),
    # An assembly may override an objection, which had taken the agreement back to in_progress.
    P.AGREEMENT_COUNTERSIGN: Rule(
        {Role.LIAISON: Reach.SERVED}, _states(Agreed.REPORTED_DONE, Agreed.IN_PROGRESS), neighbours_only=True
    ),
}


class Denied(Exception):
    """The table does not allow it; the page says who could."""

    def __init__(self, permission: Permission):
        super().__init__(f"{permission} is denied")
        self.permission = permission


def capacity_for(actor: Actor | None, permission: Permission, thing: Thing) -> Capacity | None:
    """The capacity in which ``actor`` may do this to ``thing``, or None when it may not."""
    if actor is None:
        return None
    rule = RULES[permission]
    if rule.states is not None and thing.state not in rule.states:
        return None
    if rule.neighbours_only and (actor.is_staff or thing.owner_id in actor.body_ids):
        return None
    for holding in actor.holdings:
        reach = rule.roles.get(holding.role)
        if reach is not None and _reaches(reach, holding, thing):
            return holding.capacity
    return None


def _reaches(reach: Reach, holding: Holding, thing: Thing) -> bool:
    if reach is Reach.ANYWHERE:
        return True
    if reach is Reach.OWNER:
        return holding.body_id is not None and holding.body_id == thing.owner_id
    if holding.unit_id is None:
        return False
    below = holding.unit_id in thing.path
    return below or (reach is Reach.SERVED and thing.unit_id in holding.serves)


def can(actor: Actor | None, permission: Permission, thing: Thing) -> bool:
    return capacity_for(actor, permission, thing) is not None


def authorise(actor: Actor | None, permission: Permission, thing: Thing) -> Capacity:
    """The capacity in which it is done. Raises Denied."""
    capacity = capacity_for(actor, permission, thing)
    if capacity is None:
        raise Denied(permission)
    return capacity


def reach_of(actor: Actor, permission: Permission) -> frozenset[int]:
    """The units on which the actor holds a role that gives ``permission``; it reaches everything below them."""
    roles = RULES[permission].roles
    return frozenset(
        holding.unit_id for holding in actor.holdings
        if holding.unit_id is not None and roles.get(holding.role) is Reach.BELOW
    )


def may_somewhere(actor: Actor, permission: Permission) -> bool:
    """Whether some role of the actor is in the rule at all: enough to open a page, never to act."""
    return bool(actor.roles() & RULES[permission].roles.keys())
