"""Languages: Spanish is the source of every sentence and has no prefix; the others come first in the path."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, abort, current_app, g, has_request_context, request
from flask_babel import Babel, force_locale, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

__all__ = ["LANGUAGES", "_", "force_locale", "init_i18n", "language", "lazy", "ngettext", "PrefixedLanguage"]

LANGUAGES = {"es": "Español", "fr": "Français", "en": "English"}
SOURCE = "es"
ENVIRON_KEY = "cuadra.language"
TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"


class PrefixedLanguage:
    """WSGI layer: takes ``/en`` or ``/fr`` off the path and remembers it, so that no route repeats itself."""

    def __init__(self, wsgi):
        self.wsgi = wsgi

    def __call__(self, environ, start_response):
        head, _slash, rest = environ.get("PATH_INFO", "").lstrip("/").partition("/")
        if head in LANGUAGES and head != SOURCE:
            environ[ENVIRON_KEY] = head
            environ["PATH_INFO"] = "/" + rest
        return self.wsgi(environ, start_response)


def language() -> str:
    """The two letters of the language this request speaks; Spanish outside a request."""
    if has_request_context():
        return request.environ.get(ENVIRON_KEY, SOURCE)
    return SOURCE


def in_language(code: str) -> str:
    """The address of the present page in another language, its query kept."""
    prefix = "" if code == SOURCE else f"/{code}"
    query = request.query_string.decode()
    return prefix + request.path + (f"?{query}" if query else "")


def init_i18n(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, default_locale=SOURCE, locale_selector=language, timezone_selector=lambda: None)

    @app.before_request
    def _only_pages_have_languages() -> None:
        g.url_prefix = "" if language() == SOURCE else f"/{language()}"
        access = current_app.extensions["access"].get(request.endpoint)
        if language() != SOURCE and (access is None or not access.localised):
            abort(404)

    app.jinja_env.globals.update(languages=LANGUAGES, language=language, locale=get_locale, in_language=in_language)
