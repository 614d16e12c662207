# Each of these can be run twice, asks nothing, and keeps what it makes inside
# the checkout. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test screenshots lint translations benchmarks clean
SHELL := /bin/bash
PYTHON := .venv/bin/python
SECTIONS := app territories assemblies agendas

help: ## What you can run here
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## A fictional borough on http://127.0.0.1:8000 (PORT=8123, SIZE=small, FRESH=1 make demo)
	@deploy/install.sh demo
	@exec deploy/demo.sh

test: ## The whole suite, on SpatiaLite and PostGIS, with ruff
	@deploy/install.sh test
	$(PYTHON) -m ruff check .
	PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

screenshots: ## Pictures of the demo's pages into docs/screenshots/
	@deploy/install.sh test
	@deploy/screenshots.sh

lint: ## Style of Python and Sass, without the tests
	@deploy/install.sh test
	$(PYTHON) -m ruff check .
	PATH="$(CURDIR)/.venv/bin:$$PATH" npm run --silent build

translations: ## Collect the sentences of code and pages into fr and en, and compile them
	@deploy/install.sh demo
	.venv/bin/pybabel -q extract -F app/translations/babel.cfg -k lazy --no-location --sort-output \
	  --project=Cuadra -o .cache/messages.pot $(SECTIONS)
	@for language in en fr; do \
	  if [ -f app/translations/$$language/LC_MESSAGES/messages.po ]; then action="update --no-fuzzy-matching --ignore-pot-creation-date"; else action=init; fi; \
	  .venv/bin/pybabel -q $$action -i .cache/messages.pot -d app/translations -l $$language || exit 1; \
	done
	.venv/bin/pybabel -q compile -d app/translations

benchmarks: ## Requests per second of the public pages beside a bare Flask page
	@deploy/install.sh test
	$(PYTHON) -m benchmarks.pages

clean: ## Remove all that these commands made here (the demo's data too)
	rm -rf .venv .demo .cache node_modules static/vendor .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find app -name '*.mo' -delete
