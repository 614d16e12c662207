"""Settings: the place and its languages, the rules, the look, the privacy notice."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.orm import Session

from app.admin.sending import answer
from app.admin.settings import queries, services
from app.admin.settings.forms import LookForm, MapForm, NoticeForm, PlaceForm, PrivacyForm, RulesForm, SettingsForm
from app.admin.settings.logo import remade
from app.core import storage, versions
from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Field, Misfit
from app.core.i18n import LANGUAGES, _
from app.core.permissions import Permission
from app.core.personal import TREATMENTS
from app.core.transaction import read_session

BASES = tuple(treatment.basis for treatment in TREATMENTS.values())
blueprint = Blueprint("settings", __name__, template_folder="templates")
CHANGES = requires(Permission.SETTING_CHANGE)
KEYS = {
    "place": ("municipality", "contact", "time_zone", "projected_srid", "languages"),
    "rules": (
        "notice_days", "quorum", "voices_to_verify", "countersigners", "objections_to_dispute", "slip_term_days", "met_long_ago_days",
    ),
    "look": ("logo", "colour", "colour_accent"),
    "map": ("base_map_url", "base_map_attribution"),
    "privacy": (
        "privacy_office", "privacy_authority", "request_days", "request_extension_days", "holidays", "keep_accounts_days",
        "keep_sessions_days", "keep_liaisons_days", "keep_hidden_days", "keep_requests_days", *BASES,
    ),
}
FORMS = {"place": PlaceForm, "rules": RulesForm, "look": LookForm, "map": MapForm, "privacy": PrivacyForm}


@blueprint.get("/admin/settings")
@CHANGES
def index():
    session, labels = read_session(), RulesForm()
    every = queries.values(session, [key for keys in KEYS.values() for key in keys])
    return render_template(
        "settings/index.html", values=every, languages_offered=_language_names(every["languages"]), notice=queries.notice(session),
        rules=[(labels[key].label.text, every[key]) for key in KEYS["rules"]],
    )


@blueprint.route("/admin/settings/<group>", methods=["GET", "POST"])
@CHANGES
def edit(group: str):
    """One page of settings."""
    if group not in KEYS:
        abort(404)
    keys, actor, session = KEYS[group], current_actor(), read_session()
    present = queries.values(session, keys)
    shown = {key: value for key, value in present.items() if key != "logo"}
    form = FORMS[group].read(version=queries.version_of(session, keys), **shown)

    def show() -> str:
        return render_template(f"settings/{group}.html", form=form, present=present)

    if request.method == "GET":
        return show()
    if not form.validate():
        return show(), 422
    try:
        picture = _picture(form)
    except Misfit as no:
        form[no.field].errors = [no.sentence]
        return show(), no.status

    def act(writing: Session) -> str:
        services.queue_up(writing)
        wanted = _wanted(form, picture)
        versions.check(
            queries.version_of(writing, keys), form.version.data, back=url_for(".edit", group=group),
            fields=lambda: [
                Field(form[key].label.text, _told(key, saved), _told(key, wanted.get(key, saved)))
                for key, saved in queries.values(writing, keys).items()
            ],
        )
        services.change(writing, actor=actor, values=wanted)
        return url_for(".index")

    return answer(form, act=act, show=show, body={"picture": hashlib.sha256(picture or b"").hexdigest()})


def _picture(form: SettingsForm) -> bytes | None:
    sent = form["logo"].data if "logo" in form else None
    return remade(sent.stream) if sent and sent.filename else None


def _wanted(form: SettingsForm, picture: bytes | None) -> dict[str, Any]:
    values = form.values()
    if "logo" in values:
        remove = values.pop("no_logo")
        del values["logo"]
        if picture is not None:
            values["logo"] = {"sha256": storage.keep(picture), "media_type": "image/png"}
        elif remove:
            values["logo"] = None
    return values


def _told(key: str, value: Any) -> str:
    if key == "languages":
        return _language_names(value)
    if key == "logo":
        return _("Con logotipo") if value else _("Sin logotipo")
    return ", ".join(value) if isinstance(value, list) else str(value)


def _language_names(codes: list[str]) -> str:
    return ", ".join(LANGUAGES[code] for code in codes if code in LANGUAGES)


@blueprint.route("/admin/settings/notice", methods=["GET", "POST"])
@CHANGES
def notice():
    """Publish another version of the privacy notice."""
    session, actor = read_session(), current_actor()
    published = queries.notices(session)
    form = NoticeForm.read(obj=published[0] if published else None)

    def act(writing: Session) -> str:
        services.publish_notice(writing, actor=actor, texts=(form.text_es.data, form.text_fr.data, form.text_en.data))
        return url_for(".notice")

    def show() -> str:
        return render_template("settings/notice.html", form=form, published=published)

    return show() if request.method == "GET" else answer(form, act=act, show=show)
