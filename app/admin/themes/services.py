"""The one writer of the taxonomy. A theme is never deleted: it merges, and a merge can be undone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.orm import Session, aliased

from app.admin.themes.queries import has_children
from app.core import clock, search
from app.core.actors import Actor
from app.core.errors import Misfit, Refused
from app.core.i18n import _
from app.core.permissions import Permission, Thing, authorise
from models import Agreement, Ancestry, Event, EventText, Level, Problem, Spot, TerritorialUnit, Theme, ThemeMerge, ThemeMoved, ledger
from models.ledger import Capacity, EventKind
from models.territory import LevelRole

Names = tuple[str, str, str]


def add(session: Session, *, actor: Actor, code: str, names: Names, parent_id: int | None) -> Theme:
    """A new theme, ``names`` in Spanish, French and English. Raises Denied, Misfit for a code in use or a bad parent."""
    capacity = _authorised(actor)
    if session.scalar(select(Theme.id).where(Theme.code == code)) is not None:
        raise Misfit("code", _("Esa clave ya es de otro tema."))
    parent = _parent(session, None, parent_id)
    theme = Theme(code=code, name_es=names[0], name_fr=names[1], name_en=names[2], parent_id=parent_id)
    session.add(theme)
    session.flush()
    search.refresh_themes(session, [theme.id])
    _record(session, EventKind.THEME_ADDED, theme, capacity, {"name": theme.name_es, "parent": parent.code if parent else None})
    return theme


def change(session: Session, *, actor: Actor, theme: Theme, names: Names, parent_id: int | None) -> None:
    """Other names, another place. What hangs on the theme stays on it. Raises Denied, Misfit for a bad parent."""
    capacity, was = _authorised(actor), theme.name_es
    parent = _parent(session, theme, parent_id)
    theme.name_es, theme.name_fr, theme.name_en = names
    theme.parent_id = parent_id
    theme.version += 1
    session.flush()
    search.refresh_themes(session, [theme.id])
    _record(
        session, EventKind.THEME_CHANGED, theme, capacity,
        {"from": was, "to": theme.name_es, "parent": parent.code if parent else None},
    )


def tighten(session: Session, *, actor: Actor, theme: Theme) -> None:
    """Make a theme reserved, for good: what it has moves up to its territory and loses its place, and the words told
    of it in the record are withheld (DOMAIN.md 7). Raises Denied, Refused when it already is."""
    capacity = _authorised(actor)
    if theme.sensitive:
        raise Refused(_("Este tema ya es reservado."), 409)
    theme.sensitive = True
    theme.version += 1
    session.flush()
    agreements = session.scalars(select(Agreement).where(Agreement.theme_id == theme.id).with_for_update()).all()
    territories = _territories(session, {one.unit_id for one in agreements})
    for agreement in agreements:
        unit = territories.get(agreement.unit_id)
        if unit is not None:
            agreement.unit_id = unit.id
        if agreement.place or unit is not None:
            agreement.place = ""
            name = unit.name if unit is not None else ""
            agreement.search_text = search.fold(f"{agreement.folio} {agreement.text} {name}")
    session.execute(delete(Spot).where(Spot.agreement_id.in_(select(Agreement.id).where(Agreement.theme_id == theme.id))))
    problems = session.scalars(select(Problem).where(Problem.theme_id == theme.id)).all()
    above = _territories(session, {one.unit_id for one in problems})
    for problem in problems:
        problem.unit_id = above[problem.unit_id].id if problem.unit_id in above else problem.unit_id
    session.flush()
    _withhold(session, theme)
    search.refresh_themes(session, [theme.id])
    _record(
        session, EventKind.THEME_TIGHTENED, theme, capacity, {"agreements": len(agreements), "problems": len(problems)}
    )


def loosen(session: Session, *, actor: Actor, theme: Theme) -> None:
    """Take back a flag set by mistake, while nothing hangs on the theme yet. Raises Denied, Refused otherwise."""
    capacity = _authorised(actor)
    used = session.scalar(select(Agreement.id).where(Agreement.theme_id == theme.id).limit(1)) or session.scalar(
        select(Problem.id).where(Problem.theme_id == theme.id).limit(1)
    )
    if used or not theme.sensitive:
        raise Refused(_("Un tema reservado que ya se usa sigue reservado."), 409)
    theme.sensitive = False
    theme.version += 1
    session.flush()
    search.refresh_themes(session, [theme.id])
    _record(session, EventKind.THEME_CHANGED, theme, capacity, {"sensitive": False})


def merge(session: Session, *, actor: Actor, source: Theme, target: Theme) -> ThemeMerge:
    """Everything of ``source`` passes to ``target``, and its code leads there from now on.

    Raises Denied, Refused for a theme already merged or with children, Misfit for a target that was merged
    itself or is not as reserved.
    """
    capacity = _authorised(actor)
    if source.merged_into_id is not None:
        raise Refused(_("Este tema ya está unido a otro."), 409)
    if has_children(session, source):
        raise Refused(_("Este tema tiene otros dentro: páselos antes a otro tema."), 409)
    if target.id == source.id or target.merged_into_id is not None:
        raise Misfit("target_id", _("Elija un tema en uso, distinto de este."))
    if target.sensitive != source.sensitive:
        raise Misfit("target_id", _("Uno es reservado y el otro no: haga reservado el otro antes de unirlos."))
    done = ThemeMerge(source_id=source.id, target_id=target.id, merged_at=clock.now())
    session.add(done)
    session.flush()
    moved = {}
    for name, thing, column in (("agreements", Agreement, "agreement_id"), ("problems", Problem, "problem_id")):
        rows = select(literal(done.id), thing.id).where(thing.theme_id == source.id)
        session.execute(insert(ThemeMoved).from_select(["merge_id", column], rows))
        moved[name] = session.execute(update(thing).where(thing.theme_id == source.id).values(theme_id=target.id)).rowcount
    source.merged_into_id = target.id
    source.version += 1
    session.flush()
    session.expire_all()
    search.refresh_themes(session, [source.id, target.id])
    _record(session, EventKind.THEME_MERGED, source, capacity, {"into": target.code, **moved})
    return done


def separate(session: Session, *, actor: Actor, theme: Theme) -> None:
    """Undo a merge: what came along goes back, what was made since stays where it was made.

    Raises Denied, Refused for a theme that is not merged, or whose target has since merged into another.
    """
    capacity = _authorised(actor)
    done = session.scalar(
        select(ThemeMerge).where(ThemeMerge.source_id == theme.id, ThemeMerge.undone_at.is_(None))
        .order_by(ThemeMerge.id.desc()).limit(1)
    )
    if done is None or theme.merged_into_id is None:
        raise Refused(_("Este tema no está unido a otro."), 409)
    target = session.get_one(Theme, done.target_id)
    if target.merged_into_id is not None:
        raise Refused(_("«%(name)s» se unió después a otro tema: sepárelo primero.", name=target.name_es), 409)
    moved = {}
    for name, thing, column in (
        ("agreements", Agreement, ThemeMoved.agreement_id), ("problems", Problem, ThemeMoved.problem_id),
    ):
        rows = select(column).where(ThemeMoved.merge_id == done.id, column.is_not(None))
        back = update(thing).where(thing.id.in_(rows), thing.theme_id == target.id).values(theme_id=theme.id)
        moved[name] = session.execute(back.execution_options(synchronize_session=False)).rowcount
    done.undone_at = clock.now()
    theme.merged_into_id = None
    theme.version += 1
    session.flush()
    session.expire_all()
    search.refresh_themes(session, [theme.id, target.id])
    _record(session, EventKind.THEME_SEPARATED, theme, capacity, {"from": target.code, **moved})


def _authorised(actor: Actor) -> Capacity:
    return authorise(actor, Permission.THEME_EDIT, Thing(path=frozenset()))


def _parent(session: Session, theme: Theme | None, parent_id: int | None) -> Theme | None:
    """Two levels are enough to find a theme in a list, and leave no room for a circle."""
    if parent_id is None:
        return None
    parent = session.get(Theme, parent_id)
    if parent is None or parent.parent_id is not None or parent.merged_into_id is not None or (theme and parent.id == theme.id):
        raise Misfit("parent_id", _("Elija un tema principal en uso."))
    if theme is not None and has_children(session, theme):
        raise Misfit("parent_id", _("Este tema tiene otros dentro: no puede entrar en otro."))
    return parent


def _territories(session: Session, unit_ids: set[int]) -> dict[int, TerritorialUnit]:
    """For those units that lie below a territory: the territory."""
    above, level = aliased(TerritorialUnit), aliased(Level)
    rows = session.execute(
        select(Ancestry.unit_id, above).join(above, above.id == Ancestry.ancestor_id).join(level, level.id == above.level_id)
        .where(Ancestry.unit_id.in_(unit_ids), Ancestry.depth > 0, level.role == LevelRole.TERRITORY)
    )
    return dict(rows.all())


def _withhold(session: Session, theme: Theme) -> None:
    """Erase what the record told of problems and places of this theme: digests stay, words do not."""
    of_theme = select(Event.seq).where(
        Event.kind.in_((EventKind.PROBLEM_RAISED, EventKind.AGREEMENT_PROPOSED)), Event.data["theme"].as_string() == theme.code
    )
    problems = of_theme.where(Event.kind == EventKind.PROBLEM_RAISED)
    names = select(literal("agreement:").concat(Agreement.folio)).where(Agreement.theme_id == theme.id)
    spots = select(Event.seq).where(Event.kind == EventKind.SPOT_SET, Event.object.in_(names))
    for field, events in (("text", problems), ("place", of_theme), ("point", spots)):
        session.execute(
            update(EventText).where(EventText.event_seq.in_(events), EventText.field == field).values(text=None, salt=None)
            .execution_options(synchronize_session=False)
        )
    session.expire_all()


def _record(session: Session, kind: EventKind, theme: Theme, capacity: Capacity, data: dict[str, Any]) -> None:
    moment = clock.now()
    # Everything a theme does to what bears it ends here: what became reserved must not stay findable a moment longer.
    search.refresh_themes(session, [theme.id, *([theme.merged_into_id] if theme.merged_into_id else [])])
    ledger.append(session, kind, object=f"theme:{theme.code}", capacity=capacity, occurred_at=moment, recorded_at=moment, data=data)
