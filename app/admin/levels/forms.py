"""What a level is called here."""

from __future__ import annotations

from app.admin.fields import names_of
from app.core.forms import Versioned


class LevelForm(Versioned, names_of(60)):
    pass
