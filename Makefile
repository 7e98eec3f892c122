.PHONY: z3
z3: ## find a libz3 that is new enough, or fetch one into build/z3
	@python3 scripts/libz3.py
