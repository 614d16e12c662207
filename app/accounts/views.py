"""Coming in and going out: signing in, the second step, one-time links."""

from __future__ import annotations

import logging
from datetime import timedelta

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask_login import current_user, logout_user

from app.accounts import forms, passwords, queries, services, sessions
from app.core import access, clock, crypto, rate
from app.core.access import account_page, signed_in
from app.core.addresses import local, with_query
from app.core.errors import SecondFactorNeeded, error_page, problem, wants_json
from app.core.i18n import _
from app.core.transaction import read_session, transaction
from models import User
from models.people import TokenPurpose

blueprint = Blueprint("accounts", __name__, template_folder="templates")
log = logging.getLogger("cuadra.accounts")

TRIES = 10
WINDOW_SECONDS = 900
SECOND_STEP = "second_step"
SECOND_STEP_LASTS = timedelta(minutes=10)


@blueprint.get("/signin")
@account_page
def signin():
    if current_user.is_authenticated:
        return redirect(onward(current_user.user), 303)
    return _sign_in_page(forms.SignIn.read())


@blueprint.post("/signin")
@account_page
def try_signin():
    form = forms.SignIn.read()
    if not form.validate():
        return _sign_in_page(form), 422
    email = queries.normal_email(form.email.data)
    _count_try("signin", email)
    user = queries.user_by_email(read_session(), email)
    kept = user.password if user is not None and user.active else None
    if not passwords.verified(form.password.data, kept):
        return _refuse_sign_in(form, user)
    _forgive_tries("signin", email)
    if user.tf_primary_method:
        _begin_second_step(user)
        return redirect(url_for(".second_step", **carried_on()), 303)
    try:
        with transaction() as writing:
            token = services.open_session(
                writing, user_id=user.id, seen=kept, password=form.password.data, device=device(), replacing=sessions.carried()
            )
    except services.PasswordRefused:
        return _refuse_sign_in(form, user)
    return _let_in(user, token)


def _sign_in_page(form: forms.SignIn) -> str:
    return render_template("accounts/signin.html", form=form, carried_on=carried_on(), said=request.args.get("said", ""))


def _refuse_sign_in(form: forms.SignIn, user: User | None):
    """One sentence for every cause: which e-mails have an account is nobody's business."""
    log.warning("sign-in refused", extra={"event": "signin.refused", "account": user.id if user else None})
    form.password.errors = [_("El correo o la contraseña no coinciden. Revise los dos y vuelva a intentar.")]
    return _sign_in_page(form), 422


def _let_in(user: User, token: str) -> Response:
    sessions.sign_in_browser(user, token)
    log.info("signed in", extra={"event": "signin.ok", "account": user.id})
    return redirect(onward(user), 303)


def _begin_second_step(user: User) -> None:
    carried = sessions.carried()
    sessions.start_afresh(**{SECOND_STEP: {"user": user.id, "at": int(clock.now().timestamp()), "tag": _tag(user)}})
    if carried:
        session["_user_id"] = carried


def _tag(user: User) -> str:
    """Changes with the password, so that a first step made with an old one leads nowhere."""
    return crypto.keyed_hash("second-step", user.id, user.password or "")


def _half_way() -> User | None:
    """Who gave the right password in this browser less than ten minutes ago."""
    step = session.get(SECOND_STEP)
    if not step or clock.now().timestamp() - step["at"] > SECOND_STEP_LASTS.total_seconds():
        return None
    user = read_session().get(User, step["user"])
    return user if user is not None and user.active and step["tag"] == _tag(user) else None


@blueprint.get("/signin/second-factor")
@account_page
def second_step():
    if _half_way() is None:
        return redirect(url_for(".signin", **carried_on()), 303)
    return render_template("accounts/second_step.html", form=forms.Code.read(), carried_on=carried_on())


@blueprint.post("/signin/second-factor")
@account_page
def try_second_step():
    user = _half_way()
    if user is None:
        return redirect(url_for(".signin", **carried_on()), 303)
    form = forms.Code.read()
    if form.validate():
        rate.limit("second-factor", str(user.id), times=TRIES, seconds=WINDOW_SECONDS)
        try:
            with transaction() as writing:
                services.prove_second_factor(writing, user_id=user.id, code=form.code.data)
                token = services.open_session(
                    writing, user_id=user.id, seen=user.password, password=None, device=device(), replacing=sessions.carried()
                )
            rate.give_back("second-factor", str(user.id), seconds=WINDOW_SECONDS)
            return _let_in(user, token)
        except (services.CodeRefused, services.PasswordRefused):
            log.warning("second factor refused", extra={"event": "second_factor.refused", "account": user.id})
            form.code.errors = [_("Ese código no abre. Espere el siguiente, o use un código de recuperación nuevo.")]
    return render_template("accounts/second_step.html", form=form, carried_on=carried_on()), 422


@blueprint.post("/signout")
@signed_in(unarmed=True)
def signout():
    with transaction() as writing:
        sessions.end_token(writing, current_user.token)
    log.info("signed out", extra={"event": "signout", "account": current_user.id})
    logout_user()
    session.clear()
    response = redirect(url_for(".signin", said="out"), 303)
    # Not "cookies": that would also clear those of every other site under the municipality's domain.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.get("/account/activate/<token>")
@account_page
def activate(token: str):
    user = queries.holder(read_session(), TokenPurpose.INVITATION, token)
    if user is None:
        return spent_link()
    return render_template("accounts/activate.html", form=forms.Activate.read(name=user.name), user=user)


@blueprint.post("/account/activate/<token>")
@account_page
def do_activate(token: str):
    user = queries.holder(read_session(), TokenPurpose.INVITATION, token)
    if user is None:
        return spent_link()
    form = forms.Activate.read(name=user.name)
    form.about = user
    if not form.validate():
        return render_template("accounts/activate.html", form=form, user=user), 422
    kept = passwords.hashed(form.new_password.data)
    try:
        with transaction() as writing:
            services.activate(writing, token=token, name=form.name.data, password_hash=kept)
    except services.SpentLink:
        return spent_link()
    log.info("activated", extra={"event": "account.activated", "account": user.id})
    return redirect(url_for(".signin", said="active", _language=user.language), 303)


@blueprint.get("/reset")
@account_page
def ask_reset():
    return render_template("accounts/ask_reset.html", form=forms.AskReset.read(), asked=request.args.get("asked") == "1")


@blueprint.post("/reset")
@account_page
def do_ask_reset():
    form = forms.AskReset.read()
    if not form.validate():
        return render_template("accounts/ask_reset.html", form=form, asked=False), 422
    _count_try("reset", queries.normal_email(form.email.data))
    with transaction() as writing:
        services.ask_reset(writing, email=form.email.data)
    return redirect(url_for(".ask_reset", asked="1"), 303)


@blueprint.get("/reset/<token>")
@account_page
def reset(token: str):
    user = queries.holder(read_session(), TokenPurpose.RESET, token)
    if user is None:
        return spent_link()
    return render_template("accounts/reset.html", form=forms.NewPassword.read(), user=user)


@blueprint.post("/reset/<token>")
@account_page
def do_reset(token: str):
    user = queries.holder(read_session(), TokenPurpose.RESET, token)
    if user is None:
        return spent_link()
    form = forms.NewPassword.read()
    form.about = user
    if not form.validate():
        return render_template("accounts/reset.html", form=form, user=user), 422
    kept = passwords.hashed(form.new_password.data)
    try:
        with transaction() as writing:
            services.reset(writing, token=token, password_hash=kept)
    except services.SpentLink:
        return spent_link()
    log.info("password reset", extra={"event": "password.reset", "account": user.id})
    return redirect(url_for(".signin", said="password", _language=user.language), 303)


@blueprint.app_errorhandler(SecondFactorNeeded)
def second_factor_needed(_error: SecondFactorNeeded):
    if wants_json():
        return problem(403, _("Falta el segundo paso"), _("Active la verificación en dos pasos en su cuenta."))
    return redirect(url_for("my_account.second_factor", **access.set_aside()), 303)


def spent_link() -> Response:
    """Used, expired or mistyped: said alike."""
    return error_page(
        410, _("Este enlace ya no sirve"),
        _("Cada enlace abre una sola vez y por poco tiempo. Pida otro a quien administra Cuadra, o entre si ya eligió su contraseña."),
    )


def _count_try(action: str, email: str) -> None:
    """Ten tries in a quarter of an hour by account and by address, the workers counting together."""
    rate.limit(f"{action}-account", email, times=TRIES, seconds=WINDOW_SECONDS)
    rate.limit(f"{action}-address", rate.client_address(), times=TRIES, seconds=WINDOW_SECONDS)


def _forgive_tries(action: str, email: str) -> None:
    """Right at last: what this account tried stops counting, also against an address that a whole office shares."""
    tried = rate.give_back(f"{action}-account", email, seconds=WINDOW_SECONDS)
    rate.give_back(f"{action}-address", rate.client_address(), seconds=WINDOW_SECONDS, count=tried)


def device() -> str:
    return queries.device_name(request.headers.get("User-Agent", ""))


def carried_on() -> dict[str, str]:
    """``next`` and ``stash`` of this page, to be handed to the following one."""
    return {name: request.args[name] for name in ("next", "stash") if request.args.get(name)}


def onward(user: User) -> str:
    """Where the person was going, with what they had written; else their day, in their language."""
    target = local(request.args.get("next"), url_for("work.day", _language=user.language))
    return with_query(target, stash=request.args.get("stash")) if request.args.get("stash") else target
