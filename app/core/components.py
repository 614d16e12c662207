"""The component library's templates (govuk-frontend-jinja), beside ours and under their own rule.

In our templates a name nobody gave is an error. Each component takes one dict of parameters and asks it for
all there are, so in theirs a missing one is empty.
"""

from __future__ import annotations

from jinja2 import BaseLoader, ChainableUndefined, ChoiceLoader, Environment, PackageLoader, PrefixLoader, Template

LIBRARY = "govuk_frontend_jinja"


class Lenient(PackageLoader):
    """Compiles what it loads for an environment like the one that asks, but forgiving."""

    def load(self, environment: Environment, name: str, globals=None) -> Template:
        return super().load(environment.overlay(undefined=ChainableUndefined), name, globals)


def beside(ours: BaseLoader) -> ChoiceLoader:
    """A loader of our templates first, then of the library's under its own name."""
    return ChoiceLoader([ours, PrefixLoader({LIBRARY: Lenient(LIBRARY)})])
