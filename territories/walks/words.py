"""Why a block waits and what a walk is worth, in words."""

from __future__ import annotations

from app.core.formatters import number, short_day
from app.core.i18n import _, ngettext
from territories.walks.worth import Waiting, Walk


def reasons(block: Waiting) -> list[str]:
    """The reasons of a block, the first one that of its being here."""
    said = [_("nunca se ha reunido") if block.last is None else _("se reunió hace %(days)s días", days=number(block.days))]
    if block.owed:
        said.append(ngettext("%(num)s acuerdo pendiente", "%(num)s acuerdos pendientes", block.owed))
    if block.problems:
        said.append(ngettext("%(num)s problema señalado", "%(num)s problemas señalados", block.problems))
    if block.convened:
        said.append(_("ya tiene asamblea convocada para el %(day)s", day=short_day(block.convened)))
    elif block.drafted:
        said.append(_("alguien ya le prepara una asamblea"))
    return said


def sum_of(walk: Walk) -> list[tuple[str, int]]:
    """What the score of a walk is made of: words and points, those that count."""
    kinds = {
        "never": ngettext("%(num)s cuadra que nunca se ha reunido", "%(num)s cuadras que nunca se han reunido", len(walk.never)),
        "long_ago": ngettext("%(num)s cuadra que se reunió hace mucho", "%(num)s cuadras que se reunieron hace mucho", len(walk.long_ago)),
        "agreements": ngettext("%(num)s acuerdo pendiente", "%(num)s acuerdos pendientes", walk.owed),
        "problems": ngettext("%(num)s problema señalado", "%(num)s problemas señalados", walk.problems),
    }
    return [(words, walk.parts[kind]) for kind, words in kinds.items() if walk.parts[kind]]


def name_of(walk: Walk) -> str:
    place = walk.territory or _("Fuera de los territorios")
    return ngettext("%(place)s: %(num)s cuadra", "%(place)s: %(num)s cuadras", len(walk.blocks), place=place)
