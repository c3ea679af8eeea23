# run32. `make run` and `make test` are all a newcomer needs; `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ROOT := .cache/armhf-root
EXAMPLES := src/run32/examples
PYTEST_ARGS ?= -n 2 --dist loadgroup
COMMA := ,

.DEFAULT_GOAL := help
.PHONY: help run test test-tools check fuzz stress bless bench docs coverage show examples clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

run: $(VENV)/.run ## set everything up, run a shipped example, then real Debian programs
	@$(BIN)/run32 engine build >/dev/null
	@sh tests/tools/tour.sh $(BIN)/run32 $(EXAMPLES)/primes-arm $(ROOT)

test: $(VENV)/.test test-tools ## all tests; installs what they need where it can
	@$(BIN)/run32 engine build >/dev/null
	@PYTHONPATH=tests $(BIN)/python tests/tools/roots.py
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

test-tools:
	@sh tests/tools/install.sh

check: $(VENV)/.dev ## lint, format, types, and the tests of the row languages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/spec tests/test_imports.py

ifneq ($(HOST),aarch64)
fuzz: $(VENV)/.test test-tools ## random instructions by the million (STATES= SEED= WORDS= SECONDS= HOST=)
	@$(BIN)/run32 engine build >/dev/null
	@$(BIN)/python tests/fuzz/space.py $(or $(WORDS),2000000) $(or $(SEED),0)
	@$(BIN)/python tests/fuzz/run.py --states $(or $(STATES),20000000) $(if $(SEED),--seed $(SEED))
	@RUN32_FUZZ_STATES=$(or $(ROW_STATES),300) $(BIN)/python -m pytest tests/fuzz tests/isa \
		--fuzz-seconds=$(or $(SECONDS),60) $(PYTEST_ARGS)
else
ON_HOST := $(addprefix tests/isa/test_,rows_native.py vfp_native.py simd_native.py x86_rows.py) \
	$(addprefix tests/fuzz/test_,graphs.py translated.py blocks.py unpredictable.py)

fuzz: $(VENV)/.test test-tools
	@$(BIN)/python tests/fuzz/run.py --host $(HOST) --states $(or $(STATES),3000000) \
		--regions 2 $(if $(SEED),--seed $(SEED))
	@RUN32_FUZZ_STATES=$(or $(ROW_STATES),20) $(BIN)/python tests/tools/arm64_user.py -m pytest \
		-p no:cacheprovider -k "not unicorn" --fuzz-seconds=$(or $(SECONDS),60) $(ON_HOST)
endif

stress: $(VENV)/.test ## mixed load, watched for hangs, wrong output and leaks (MINUTES=30)
	@$(BIN)/python tests/stress/run.py --minutes $(or $(MINUTES),30) $(STRESS_ARGS)

bless: $(VENV)/.test ## rewrite golden output after an intended change
	@$(BIN)/python -m pytest tests/codegen tests/guest/test_programs.py --bless
	@$(BIN)/python -m run32.debug.coverage

bench: $(VENV)/.test test-tools ## speed beside qemu-arm and native code (BENCH_ARGS=--quick for a look)
	@$(BIN)/run32 engine build >/dev/null
	@PYTHONPATH=tests $(BIN)/python tests/tools/roots.py
	@$(BIN)/python bench/run.py $(BENCH_ARGS)

docs: $(VENV)/.run ## regenerate docs/coverage from the rows
	@$(BIN)/python -m run32.debug.coverage

coverage: $(VENV)/.dev ## line coverage of the tests
	@$(BIN)/coverage run -m pytest; $(BIN)/coverage report --include 'src/*'

show: $(VENV)/.run ## what one instruction row becomes: make show INSN=adc
	@$(BIN)/python -m run32.debug.show $(INSN)

CROSS := -ffreestanding -nostdlib -static -fno-stack-protector -fno-builtin -fno-pie -no-pie -s \
	-fno-asynchronous-unwind-tables -Wall -Wl,-e,start -Wl,--build-id=none -Wl,-z,noseparate-code

examples: ## rebuild the shipped examples; needs cross compilers
	arm-linux-gnueabihf-gcc -O2 -march=armv7-a+fp $(CROSS) -o $(EXAMPLES)/primes-arm $(EXAMPLES)/primes.c
	i686-linux-gnu-gcc -Os -march=i686 -mno-sse -fcf-protection=none $(CROSS) \
		-o $(EXAMPLES)/hello-i386 $(EXAMPLES)/hello.c

clean: ## remove everything that was built or downloaded
	rm -rf $(VENV) .cache build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

# One stamp per set of packages. pip's own words are shown only when it fails.
$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "run32 needs Python 3.11 or newer as $(PYTHON); name one: make PYTHON=python3.12 ..."; exit 1; }
	@echo "making a Python environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make environments; on Debian: apt-get install python3-venv"; exit 1; }

# Not even PYTHONHOME reaches run32 itself (-I), and nothing of `site` runs at its start (-S).
define FAST
import re, sys, sysconfig
source, script = sys.argv[1:]
head, rest = open(script).read().split("\n", 1)
if re.search("python[0-9.]*$$", head):
    paths = [source, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    rest = f"import sys\n\nsys.path += {list(dict.fromkeys(paths))}\n{rest}"
    open(script, "w").write(f"{head} -IS\n{rest}")
endef
export FAST

define INSTALL
	@echo "installing $(1)"
	@$(BIN)/pip install -qq --disable-pip-version-check -e '$(1)' || { \
		echo "pip could not install $(1); its reason stands above"; exit 1; }
	@$(BIN)/python -c "$$FAST" $(CURDIR)/src $(BIN)/run32
	@touch $@
endef

$(VENV)/.run: pyproject.toml | $(VENV)/bin/pip
	$(call INSTALL,.)
$(VENV)/.test: $(VENV)/.run
	$(call INSTALL,.[test])
$(VENV)/.dev: $(VENV)/.test
	$(call INSTALL,.[test$(COMMA)dev])

