"""Signed-in browsers: a random token in the cookie, its hash in a row that its owner can end.

The cookie carries the token and the moment of the last visit, signed. It outlives the session, so that a form
sent too late still says whose it was (app.core.stash).
"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, login_user
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core import clock, crypto, stash
from app.core.access import access_of
from app.core.transaction import read_session
from models.people import AccountSession, User

ABSOLUTE = timedelta(hours=12)
IDLE = timedelta(hours=2)
COOKIE = timedelta(hours=24)
SEEN = "seen"
SEEN_AGAIN_SECONDS = 60


class SignedIn:
    """What the sign-in library calls the current user: the account and the session it came by."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, user: User, token: str):
        self.user = user
        self.token = token

    def __getattr__(self, name: str):
        return getattr(self.user, name)

    def get_id(self) -> str:
        return self.token


class PrivateCookies(SecureCookieSessionInterface):
    """The cookie exists on account pages only: on public ones it is neither renewed nor varied upon."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        access = access_of(app, request.endpoint)
        if access is None or access.public:
            return
        super().save_session(app, session, response)


class Guests(LoginManager):
    def _update_remember_cookie(self, response: Response) -> Response:
        """Nobody is remembered past the session; the library would read the cookie on public pages to find out."""
        return response


login_manager = Guests()


def begin(session: Session, user: User, device: str) -> str:
    """Record a signed-in browser and return the token its cookie carries."""
    token = crypto.new_token()
    moment = clock.now()
    session.add(
        AccountSession(
            user_id=user.id, token_hash=crypto.token_hash(token), device=device[:120], created_at=moment,
            expires_at=moment + ABSOLUTE,
        )
    )
    session.flush()
    return token


def end(session: Session, user_id: int, *, but: str | None = None, only: int | None = None) -> int:
    """End the sessions of an account: all, all ``but`` the one of a token, or ``only`` the row of that id.
    Returns how many were still open."""
    ending = (
        update(AccountSession).values(ended_at=clock.now())
        .where(AccountSession.user_id == user_id, AccountSession.ended_at.is_(None), AccountSession.expires_at > clock.now())
    )
    if but is not None:
        ending = ending.where(AccountSession.token_hash != crypto.token_hash(but))
    if only is not None:
        ending = ending.where(AccountSession.id == only)
    return session.execute(ending).rowcount


def end_token(session: Session, token: str) -> None:
    """End the session of ``token``, whoever's it is."""
    session.execute(
        update(AccountSession).values(ended_at=clock.now())
        .where(AccountSession.token_hash == crypto.token_hash(token), AccountSession.ended_at.is_(None))
    )


def cookie(token: str) -> dict[str, object]:
    """What the cookie of a signed-in browser holds."""
    return {"_user_id": token, "_fresh": True, SEEN: int(clock.now().timestamp()), "_permanent": True}


def sign_in_browser(user: User, token: str) -> None:
    """Give this browser the session of ``token``. Whatever it carried before is dropped: a token planted
    before signing in must not be the one that is signed in."""
    start_afresh(**cookie(token))
    login_user(SignedIn(user, token))


def start_afresh(**values: object) -> None:
    """Drop what the cookie carries, but for the nonce that brings back a form sent from this browser."""
    kept = {stash.BROWSER: session[stash.BROWSER]} if session.get(stash.BROWSER) else {}
    session.clear()
    session.update(kept | values)


def carried() -> str | None:
    """The token this browser carries, its session open or over."""
    return session.get("_user_id")


@login_manager.user_loader
def load(token: str) -> SignedIn | None:
    moment = clock.now()
    seen = session.get(SEEN)
    if not isinstance(seen, int) or moment.timestamp() - seen > IDLE.total_seconds():
        return None
    user = read_session().scalar(
        select(User)
        .join(AccountSession, AccountSession.user_id == User.id)
        .where(AccountSession.token_hash == crypto.token_hash(token))
        .where(AccountSession.ended_at.is_(None), AccountSession.expires_at > moment, User.active)
    )
    if user is None:
        return None
    if moment.timestamp() - seen > SEEN_AGAIN_SECONDS:
        session[SEEN] = int(moment.timestamp())
    return SignedIn(user, token)


def init_sessions(app: Flask) -> None:
    """Sign-in cookies and the reader of the current user."""
    app.config["PERMANENT_SESSION_LIFETIME"] = COOKIE
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    app.session_interface = PrivateCookies()
    login_manager.session_protection = None
    login_manager.init_app(app, add_context_processor=False)
