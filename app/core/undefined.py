"""A name nobody gave is an error in our templates, and nothing in the component library's."""

from __future__ import annotations

from jinja2 import ChainableUndefined, StrictUndefined

LIBRARY_NAMES = frozenset({"undefined", "null", "caller"})


class Optional(ChainableUndefined):
    """A parameter left out of a component: empty, false, and so are its parts."""


class Undefined(StrictUndefined):
    """Strict, but where the macros of govuk-frontend-jinja need it not to be: each takes one dict of parameters
    and asks it for all there are, and some names that only its other templating language has."""

    def __new__(cls, hint=None, obj=None, name=None, *rest):
        if type(obj) is dict or isinstance(obj, Optional) or name in LIBRARY_NAMES:
            return Optional(hint, obj, name, *rest)
        return super().__new__(cls)
