"""Whose instance this is, as every page shows it: name, logo, colours, the languages it offers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from flask import Flask, abort, g, has_request_context, request
from flask_babel import refresh
from sqlalchemy.exc import SQLAlchemyError
from wtforms.fields import SelectChoice

from app.core.access import access_of
from app.core.colours import darker
from app.core.i18n import ENVIRON_KEY, LANGUAGES, SOURCE, language
from app.core.transaction import read_session
from models.settings import DEFAULTS, setting

KEYS = ("municipality", "languages", "logo", "colour", "colour_accent")


@dataclass(frozen=True)
class Identity:
    """``stylesheet`` is empty for the colours Cuadra comes with; ``logo`` is the digest of a PNG or empty."""

    municipality: str
    languages: dict[str, str]
    logo: str
    stylesheet: str

    @classmethod
    def of(cls, values: dict[str, Any]) -> Identity:
        offered = {code: name for code, name in LANGUAGES.items() if code == SOURCE or code in values["languages"]}
        colours = values["colour"], values["colour_accent"]
        usual = DEFAULTS["colour"], DEFAULTS["colour_accent"]
        return cls(
            values["municipality"] if values["municipality"] != DEFAULTS["municipality"] else "", offered,
            (values["logo"] or {}).get("sha256", ""), stylesheet_of(*colours) if colours != usual else "",
        )

    @property
    def stylesheet_version(self) -> str:
        return hashlib.sha256(self.stylesheet.encode()).hexdigest()[:12]


def stylesheet_of(colour: str, accent: str) -> str:
    """The custom properties of the municipality's colours (``#rrggbb``). What carries a meaning keeps its own colour:
    late is clay and a map is teal wherever Cuadra is read."""
    deep = darker(colour)
    return (
        f":root{{--brand:{colour};--brand-deep:{deep};--accent:{accent};"
        f"--govuk-brand-colour:{colour};--govuk-link-colour:{colour};--govuk-link-hover-colour:{deep}}}\n"
    )


def plain() -> Identity:
    """What a page shows when the settings cannot be read."""
    return Identity.of(DEFAULTS)


def identity() -> Identity:
    """The instance's identity, read once a request; the plain one while the database is away."""
    if "identity" not in g:
        if g.get("bare"):
            return plain()
        try:
            g.identity = Identity.of({key: setting(read_session(), key) for key in KEYS})
        except SQLAlchemyError:
            g.identity = plain()
    return g.identity


def language_choices() -> list[SelectChoice]:
    """The languages a person may choose for an account."""
    return [SelectChoice(code, name) for code, name in identity().languages.items()]


def offered(code: str) -> str:
    """``code``, or Spanish where that language is not offered (any more)."""
    return code if not has_request_context() or code in identity().languages else SOURCE


def init_identity(app: Flask) -> None:
    """After access: only then is it known whether this request may read a replica."""

    @app.before_request
    def _only_offered_languages() -> None:
        if language() != SOURCE and access_of(app, request.endpoint) is not None and language() not in identity().languages:
            request.environ[ENVIRON_KEY] = SOURCE
            g.url_prefix = ""
            refresh()
            abort(404)

    app.jinja_env.globals["identity"] = identity
