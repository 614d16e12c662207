"""An application to speak in, for tests that need no database."""

from __future__ import annotations

import pytest
from flask import Flask

from app.core import i18n


@pytest.fixture(scope="session")
def spoken_app() -> Flask:
    """Sentences are lazy: they want a language, nothing else."""
    app = Flask(__name__)
    app.extensions["access"] = {}
    i18n.init_i18n(app)
    return app
