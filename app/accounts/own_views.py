"""My account: my name, my roles, my password, my second factor, my open sessions."""

from __future__ import annotations

import logging

import segno
from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask_login import current_user

from app.accounts import forms, passwords, queries, services, sessions
from app.accounts import second_factor as authenticator
from app.accounts.views import TRIES, WINDOW_SECONDS, carried_on, device, onward
from app.core import clock, rate
from app.core.access import signed_in
from app.core.i18n import _
from app.core.transaction import read_session, transaction
from models.settings import setting

blueprint = Blueprint("my_account", __name__, template_folder="templates")
log = logging.getLogger("cuadra.accounts")

BEING_SET_UP = "second_factor_secret"


@blueprint.get("/account")
@signed_in(unarmed=True)
def home():
    return _home(forms.Profile.read(name=current_user.name, language=current_user.language))


def _home(form: forms.Profile) -> str:
    reading = read_session()
    return render_template(
        "accounts/home.html", form=form, user=current_user.user,
        roles=queries.roles_of(reading, current_user.id, clock.today(setting(reading, "time_zone"))),
        open_sessions=queries.open_sessions(reading, current_user.id, current_user.token), said=request.args.get("said", ""),
    )


@blueprint.post("/account")
@signed_in(unarmed=True)
def change_profile():
    form = forms.Profile.read()
    if not form.validate():
        return _home(form), 422
    with transaction() as writing:
        services.change_profile(writing, user_id=current_user.id, name=form.name.data, language=form.language.data)
    return redirect(url_for(".home", said="profile", _language=form.language.data), 303)


@blueprint.post("/account/sessions/<int:session_id>/end")
@signed_in(unarmed=True)
def end_session(session_id: int):
    with transaction() as writing:
        if not sessions.end(writing, current_user.id, only=session_id):
            abort(404)
    return redirect(url_for(".home", said="session"), 303)


@blueprint.post("/account/sessions/end-others")
@signed_in(unarmed=True)
def end_other_sessions():
    with transaction() as writing:
        sessions.end(writing, current_user.id, but=current_user.token)
    return redirect(url_for(".home", said="sessions"), 303)


@blueprint.get("/account/password")
@signed_in(unarmed=True)
def password():
    return render_template("accounts/password.html", form=forms.ChangePassword.read())


@blueprint.post("/account/password")
@signed_in(unarmed=True)
def change_password():
    form = forms.ChangePassword.read()
    form.about = current_user.user
    if not form.validate() or not _proved_password(form):
        return render_template("accounts/password.html", form=form), 422
    kept = passwords.hashed(form.new_password.data)
    with transaction() as writing:
        token = services.change_password(writing, user_id=current_user.id, password_hash=kept, device=device())
    log.info("password changed", extra={"event": "password.changed", "account": current_user.id})
    sessions.sign_in_browser(current_user.user, token)
    return redirect(url_for(".home", said="password"), 303)


@blueprint.get("/account/second-factor")
@signed_in(unarmed=True)
def second_factor():
    return _second_factor_page(forms.SetUpSecondFactor.read())


def _second_factor_page(form: forms.SetUpSecondFactor, renewing: forms.ProvePassword | None = None) -> str:
    secret = session.get(BEING_SET_UP)
    if secret is None:
        secret = session[BEING_SET_UP] = authenticator.new_secret()
    address = authenticator.address(current_user.user, secret)
    return render_template(
        "accounts/second_factor.html", form=form, user=current_user.user, qr=segno.make(address, error="m").svg_data_uri(scale=5, border=2),
        spelled=authenticator.spelled(secret),
        renewing=renewing or forms.ProvePassword(prefix="renew-"), carried_on=carried_on(),
    )


@blueprint.post("/account/second-factor")
@signed_in(unarmed=True)
def set_up_second_factor():
    form = forms.SetUpSecondFactor.read()
    secret = session.get(BEING_SET_UP)
    if secret is None or not form.validate() or not _proved_password(form):
        return _second_factor_page(form), 422
    try:
        with transaction() as writing:
            codes = services.set_up_second_factor(
                writing, user_id=current_user.id, secret=secret, code=form.code.data, token=current_user.token
            )
    except services.CodeRefused:
        form.code.errors = [_("Ese código no coincide. Revise la hora de su teléfono y escriba el código que ve ahora.")]
        return _second_factor_page(form), 422
    session.pop(BEING_SET_UP)
    log.info("second factor set up", extra={"event": "second_factor.on", "account": current_user.id})
    return render_template("accounts/recovery_codes.html", codes=codes, onward=onward(current_user.user))


@blueprint.post("/account/second-factor/codes")
@signed_in
def renew_recovery_codes():
    form = forms.ProvePassword(request.form, prefix="renew-")
    if not form.validate() or not _proved_password(form):
        return _second_factor_page(forms.SetUpSecondFactor(), form), 422
    with transaction() as writing:
        codes = services.renew_recovery_codes(writing, user_id=current_user.id)
    log.info("recovery codes renewed", extra={"event": "second_factor.codes", "account": current_user.id})
    return render_template("accounts/recovery_codes.html", codes=codes, onward=url_for(".home"))


def _proved_password(form) -> bool:
    """The present password asked again: an unlocked telephone left on a table must not change the locks."""
    who = str(current_user.id)
    rate.limit("prove-password", who, times=TRIES, seconds=WINDOW_SECONDS)
    if passwords.verified(form.current_password.data, current_user.password):
        rate.give_back("prove-password", who, seconds=WINDOW_SECONDS)
        return True
    form.current_password.errors = [_("Esa no es su contraseña actual.")]
    return False
