"""Signed-in browsers: a random token in the cookie, its hash in a row that its owner can end."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_login import LoginManager
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, crypto
from app.core.transaction import read_session
from models.people import AccountSession, User

ABSOLUTE = timedelta(hours=12)
IDLE = timedelta(hours=2)
login_manager = LoginManager()


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


@login_manager.user_loader
def load(token: str) -> SignedIn | None:
    user = read_session().scalar(
        select(User)
        .join(AccountSession, AccountSession.user_id == User.id)
        .where(AccountSession.token_hash == crypto.token_hash(token))
        .where(AccountSession.ended_at.is_(None), AccountSession.expires_at > clock.now(), User.active)
    )
    return None if user is None else SignedIn(user, token)


def init_sessions(app: Flask) -> None:
    app.config["PERMANENT_SESSION_LIFETIME"] = IDLE
    login_manager.session_protection = None
    login_manager.init_app(app)
