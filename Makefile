.DEFAULT_GOAL := help
.PHONY: help demo test check fix bench mutants chaos screenshots pins evaluate-ledger
RUN = .venv/bin/python -m deploy.local

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile
demo: ## the product, running: http://acme.localhost:8000 (PORT=8001 for another port)
	@deploy/local/bootstrap.sh
	@$(RUN) demo
test: ## every test, browser journeys included (ARGS="-k word" for some)
	@deploy/local/bootstrap.sh browser
	@$(RUN) test
check: ## format, lint, types, templates, import contracts, deployment, migrations
	@deploy/local/bootstrap.sh
	@$(RUN) check
fix: ## what the formatters can put right themselves
	@deploy/local/bootstrap.sh
	@$(RUN) fix
bench: ## every hot path beside its limit (ONLY=live for one, FULL=1 for large sizes)
	@deploy/local/bootstrap.sh
	@$(RUN) bench
mutants: ## one guard of the isolation taken away at a time: a test goes red for each (ONLY=name for some)
	@deploy/local/bootstrap.sh
	@$(RUN) mutants
chaos: ## thousands of interleaved operations, searched for other organizations' marks (N=20000 SEED=1)
	@deploy/local/bootstrap.sh
	@$(RUN) chaos
screenshots: ## docs/pictures, made from a demo of its own
	@deploy/local/bootstrap.sh browser
	@$(RUN) screenshots
pins: ## requirements/*.txt anew from pyproject.toml
	@deploy/local/bootstrap.sh
	@$(RUN) pins
evaluate-ledger: ## every figure of a ledger as JSON (make evaluate-ledger FILE=ledger.json; docs/developer/evaluate-ledger.md)
	@deploy/local/bootstrap.sh >&2
	@.venv/bin/python -m apps.portfolio.evaluation $(or $(FILE),$(LEDGER))
# `make evaluate-ledger ledger.json` reads the file, too: what follows the verb is no verb.
ifeq (evaluate-ledger,$(firstword $(MAKECMDGOALS)))
LEDGER := $(wordlist 2,2,$(MAKECMDGOALS))
ifneq (,$(LEDGER))
.PHONY: $(LEDGER)
$(LEDGER):
	@:
endif
endif
