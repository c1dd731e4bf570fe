# Every target sets up what it needs (scripts/install) and can be run again at any time.
.PHONY: run telegram test chat train evaluate lint bench cluster check-sources escalations help
.DEFAULT_GOAL := help

run: ## Start the bot on http://localhost:5005/ (PORT=… for another port)
	@scripts/with-env python -m bot.launch

telegram: ## Start the bot on Telegram too, by long polling: TELEGRAM_TOKEN=… make telegram
	@test -n "$$TELEGRAM_TOKEN" || { echo "usage: TELEGRAM_TOKEN=… make telegram (how to get one: docs/telegram.md)" >&2; exit 2; }
	@TELEGRAM_MODE=polling scripts/with-env python -m bot.launch

test: ## Run every test, with coverage
	@scripts/test

chat: ## Talk to the bot in the terminal
	@scripts/with-env python -m bot.terminal

train: ## Train the model, if none matches the current files (FORCE=1 to train anyway)
	@scripts/with-env python -m bot.training $(if $(FORCE),--force)

evaluate: ## Measure understanding (BASE=<git ref or model file>: list what changed against it)
	@scripts/with-env --dev python -m benchmarks.evaluate --base "$(BASE)"

lint: ## Check style, types, import contracts and Rasa's data
	@scripts/lint

bench: ## Measure serving, understanding (beside stock Rasa; SHARE=1: on all examples), website, Telegram
	@scripts/with-env --dev python -m benchmarks.serving
	@scripts/with-env --dev python -m benchmarks.understanding
	@scripts/with-env --dev python -m benchmarks.website
	@scripts/with-env --dev python -m benchmarks.telegram

cluster: ## Run two Rasa and two action servers behind nginx, with PostgreSQL and Redis (docs/operating.md)
	@scripts/with-postgres scripts/with-redis scripts/with-nginx scripts/with-env --dev python -m benchmarks.cluster

check-sources: ## Prove every claim against the source: make check-sources DOCUMENT=path
	@test -n "$(DOCUMENT)" || { echo "usage: make check-sources DOCUMENT=path" >&2; exit 2; }
	@scripts/with-env python -m bot.content.sources "$(DOCUMENT)"

escalations: ## List open escalations (ARGS="resolve E-… --by NAME --note TEXT" to resolve one)
	@scripts/with-env python -m bot.escalations $(ARGS)

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-14s %s\n", $$1, $$2}'
