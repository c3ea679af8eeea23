# make -j2 with recipes, includes that are made, failures, recursion, jobserver.
mkdir sub; cat > Makefile <<'EOT'
parts := $(foreach n,1 2 3 4 5 6,part$(n))
all: total sub.done list
total: $(parts)
	@cat $^ > $@; wc -c < $@
part%:
	@sleep 0.0$*; seq $* 100 > $@
sub.done: ; @$(MAKE) --no-print-directory -C sub && touch $@
-include made.mk
made.mk: ; @echo 'list: ; @echo $$(words $$(MADE)) from an include' > $@; echo MADE := a b c >> $@
version := $(shell echo shell function; exit 3)
show: ; @echo $(version) $(.SHELLSTATUS)
bad: ; @echo before; false; echo after
ignored: ; -@false
	@echo goes on
.PHONY: all show bad ignored list
EOT
printf 'all: a b\na b: ; @sleep 0.1; echo %s > $@\n' '$@' > sub/Makefile
make -j2 -s 2>/dev/null | sort; ls; cat sub/a sub/b; make -s show; make -s bad 2>/dev/null; echo $?; make -s ignored 2>/dev/null
make -j2 -k bad show 2>/dev/null | sort; echo "${PIPESTATUS[0]}"; make -n total; touch part3; make -q total; echo $?
make --version | head -1
