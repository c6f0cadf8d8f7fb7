# webexbot: the whole build, from top to bottom.  `make help` lists targets.
#
#   make V=1                show the commands
#   make CC=clang           another compiler
#   make SAN=address,undefined
#                           with sanitizers, into a folder of its own
#   make CRASH=1            with crash points for tests, likewise

VERSION = 0.1.0
CC = gcc
AR = ar
OBJCOPY = objcopy
PREFIX = /usr/local
SAN =
CRASH =
WERROR =
V =
T =

Q = $(if $(V),,@)
variant = $(notdir $(CC))$(if $(SAN),-$(subst $(comma),_,$(SAN)))$(if $(CRASH),-crash)
comma = ,
O = build/$(variant)
# The usual build goes to build/ itself, any other beside its objects.
OUT = $(if $(SAN)$(CRASH)$(filter-out gcc,$(notdir $(CC))),$(O),build)

# -- what we build with (scripts/install-deps brings it) --

PKGS = libcurl libcjson openssl sqlite3 libpcre2-8 libxml-2.0 cjose
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)

# A civetweb of our own where the system's is not good enough.
CIVETWEB_OWN := $(wildcard build/deps/civetweb/libcivetweb.a)
CIVETWEB_CFLAGS = $(if $(CIVETWEB_OWN),-Ibuild/deps/civetweb)
CIVETWEB_LIBS = $(or $(CIVETWEB_OWN),-lcivetweb)

CFLAGS = -O2 -g
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wvla -Wformat=2 -Wundef
HARDEN = $(if $(SAN),,-fstack-protector-strong -D_FORTIFY_SOURCE=2)
SANFLAGS = $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer \
	-fno-sanitize-recover=all)
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden -pthread \
	-Iapp -Iinclude $(CIVETWEB_CFLAGS) $(PKG_CFLAGS) \
	-DWB_VERSION='"$(VERSION)"' \
	$(if $(CRASH),-DCRASH_POINTS) $(WARN) $(if $(WERROR),-Werror) $(HARDEN) $(SANFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pthread $(if $(SAN),,-Wl,-z,relro,-z,now) $(SANFLAGS) $(LDFLAGS)
LIBS = $(CIVETWEB_LIBS) $(PKG_LIBS) -lm

# -- sources --

EXAMPLES := $(sort $(wildcard app/examples/*.c))
SRCS := $(filter-out $(EXAMPLES),$(sort $(wildcard app/*/*.c)))
OBJS = $(SRCS:%.c=$(O)/%.o)
TESTS := $(sort $(wildcard tests/unit/test_*.c))
TEST_BINS = $(TESTS:tests/unit/%.c=$(O)/tests/%)
EXAMPLE_BINS = $(EXAMPLES:app/%.c=$(O)/%) \
	$(patsubst tests/bots/%.c,$(O)/examples/%,$(wildcard tests/bots/*.c))
FUZZERS := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_REPLAYS = $(FUZZERS:tests/fuzz/%.c=$(O)/replay/%)
FUZZ_BINS = $(FUZZERS:tests/fuzz/%.c=$(O)/fuzz/%)

DEPS = build/deps/.ok
.SECONDARY:
.DELETE_ON_ERROR:
.DEFAULT_GOAL = all

all: $(OUT)/webexbot $(OUT)/libwebexbot.a $(OUT)/libwebexbot.so.0 ## the program and the library

# The first make on a machine installs what is missing, then starts again
# so that the paths above are found.  `make -n` only says what it would do.
ifeq ($(wildcard $(DEPS))$(findstring n,$(firstword -$(MAKEFLAGS))),)
ifeq ($(filter clean help,$(MAKECMDGOALS)),)
include $(DEPS)
endif
endif
$(DEPS):
	@scripts/install-deps

$(O)/app/%.o: app/%.c | $(DEPS)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC    $<")
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The chat page is part of the program.
$(O)/app/sim/page_data.o: $(wildcard app/sim/page/* \
	build/deps/page/node_modules/*/dist/*.min.js \
	build/deps/page/node_modules/*/LICENSE*)

$(O)/libwebexbot.a: $(filter-out $(O)/app/main.o,$(OBJS))
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# The installed archive carries our own civetweb, so that one -l is enough,
# and no name but those of the interface.
build/libwebexbot.a: $(O)/libwebexbot.a $(CIVETWEB_OWN)
	@rm -f $@
	$(Q)$(CC) -r -nostdlib -o $(O)/libwebexbot-all.o \
		-Wl,--whole-archive $^ -Wl,--no-whole-archive
	$(Q)$(OBJCOPY) -w --keep-global-symbol='wb_*' $(O)/libwebexbot-all.o
	$(Q)$(AR) rcs $@ $(O)/libwebexbot-all.o

$(OUT)/libwebexbot.so: $(O)/libwebexbot.a
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) -shared $(ALL_LDFLAGS) -Wl,-soname,libwebexbot.so.0 \
		-Wl,--exclude-libs,$(notdir $(CIVETWEB_OWN)) -o $@ \
		-Wl,--whole-archive $< -Wl,--no-whole-archive $(LIBS)

# The name that a program linked against build/ asks for when it starts.
$(OUT)/libwebexbot.so.0: $(OUT)/libwebexbot.so
	@ln -sf $(<F) $@

$(OUT)/webexbot: $(O)/app/main.o $(O)/libwebexbot.a
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(O)/app/main.o: app/main.c | $(DEPS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# -- running and testing --

run: all ## starts simulator and bot on loopback, prints the address of the chat page
	@exec build/webexbot demo

test: build/deps/.test-ok all $(TEST_BINS) $(FUZZ_REPLAYS) $(EXAMPLE_BINS) crashing ## installs what is missing, builds, runs the tests; T=evq picks
	@WEBEXBOT=$(CURDIR)/$(OUT)/webexbot \
		EXAMPLES=$(CURDIR)/$(O)/examples MAKE="$(MAKE)" \
		PROGRAM_CRASHING=$(CURDIR)/$(O)-crash/webexbot tests/run $(O) "$(T)"

# The program with crash points, for tests/flow/131-crash-points.
crashing: | build/deps/.test-ok
	$(Q)$(MAKE) --no-print-directory CC=$(CC) SAN=$(SAN) CRASH=1 program
program: $(OUT)/webexbot
build/deps/.test-ok: $(wildcard tests/*/package-lock.json)
	@scripts/install-deps test

$(O)/tests/%: tests/unit/%.c $(O)/libwebexbot.a | $(DEPS)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  TEST  $@")
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -Itests -MMD -MP \
		$(ALL_LDFLAGS) -o $@ $< $(O)/libwebexbot.a $(LIBS) -lcmocka

# As an author would, from the public header alone.
define EXAMPLE
	@mkdir -p $(@D)
	$(if $(Q),@echo "  EXAMPLE $@")
	$(Q)$(CC) -std=c11 -pthread -Iinclude $(WARN) \
		$(if $(WERROR),-Werror) $(SANFLAGS) $(CFLAGS) $(LDFLAGS) \
		-o $@ $< $(O)/libwebexbot.a $(LIBS)
endef
$(O)/examples/%: app/examples/%.c $(O)/libwebexbot.a include/webexbot/webexbot.h
	$(EXAMPLE)
$(O)/examples/%: tests/bots/%.c $(O)/libwebexbot.a include/webexbot/webexbot.h
	$(EXAMPLE)

# The corpus of each fuzzer played back, with any compiler.
$(O)/replay/%: tests/fuzz/%.c tests/fuzz/replay.c $(O)/libwebexbot.a | $(DEPS)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  REPLAY $@")
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -Itests \
		$(ALL_LDFLAGS) -o $@ $< tests/fuzz/replay.c \
		$(O)/libwebexbot.a $(LIBS)

# A check before a commit.  Each line is a build of its own in build/.
check: ## layers, format, warnings as errors with gcc and clang, tests under ASan+UBSan and TSan
	scripts/layers
	clang-format --dry-run --Werror $$(git ls-files '*.c' '*.h' | grep -v '^app/tbl/')
	$(MAKE) WERROR=1 CC=gcc all bench-programs
	$(MAKE) WERROR=1 CC=clang all bench-programs
	KILLS=30 $(MAKE) test SAN=address,undefined CC=clang
	KILLS=30 $(MAKE) test SAN=thread CC=clang

FUZZ_SECS = 60
fuzz: ## each fuzzer for FUZZ_SECS with clang; new finds go into the corpus
	$(MAKE) CC=clang SAN=address,undefined,fuzzer-no-link fuzzers
	for f in $(FUZZERS:tests/fuzz/fuzz_%.c=%); do \
		mkdir -p tests/fuzz/corpus/$$f; \
		build/clang-address_undefined_fuzzer-no-link/fuzz/fuzz_$$f \
			-max_total_time=$(FUZZ_SECS) -max_len=65536 -timeout=10 \
			-artifact_prefix=build/ tests/fuzz/corpus/$$f || exit 1; done
fuzzers: $(FUZZ_BINS)
$(O)/fuzz/%: tests/fuzz/%.c $(O)/libwebexbot.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -Itests \
		-fsanitize=fuzzer $(ALL_LDFLAGS) -o $@ $< \
		$(O)/libwebexbot.a $(LIBS)

# Numbers, not verdicts; see the head of tests/bench/bench.mjs.
BENCH_BINS = $(O)/bench/load $(O)/bench/webex $(O)/bench/cards
bench: build/deps/.bench-ok $(BENCH_BINS) $(OUT)/webexbot ## receive, start, crowd, burst and cards beside nginx and the peers; compares with the last run
	@node tests/bench/bench.mjs $(O)/bench/load $(OUT)/webexbot $(T)

bench-programs: $(BENCH_BINS)
build/deps/.bench-ok:
	@scripts/install-deps bench

$(O)/bench/load $(O)/bench/webex: $(O)/bench/common.o
$(O)/bench/webex: $(O)/bench/webex_api.o $(O)/bench/webex_hooks.o
$(O)/bench/%: $(O)/bench/%.o $(O)/libwebexbot.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) \
		$(O)/libwebexbot.a $(LIBS)
$(O)/bench/%.o: tests/bench/%.c | $(DEPS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# -- installing --

MANUALS = $(sort $(wildcard app/man/*.[1-8])) build/man/webexbot.env.5
man: $(MANUALS)
build/man/webexbot.env.5: app/man/webexbot.env.5.in build/webexbot
	@mkdir -p $(@D)
	$(Q)build/webexbot config --mdoc >$@.tmp
	$(Q)sed -e '/@SETTINGS@/{r $@.tmp' -e 'd}' $< >$@ && rm $@.tmp

# These two name PREFIX, which may be another one each time.
build/webexbot.service: scripts/webexbot.service FORCE
	@mkdir -p $(@D)
	$(Q)sed 's|/usr/local|$(PREFIX)|' $< >$@
build/webexbot.pc: FORCE
	@mkdir -p $(@D)
	$(Q)printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$${prefix}/lib' \
		'includedir=$${prefix}/include' '' 'Name: webexbot' \
		'Description: Webex bots in C' 'Version: $(VERSION)' \
		'Libs: -L$${libdir} -lwebexbot' \
		'Libs.private: $(if $(CIVETWEB_OWN),,-lcivetweb) -lm -pthread' \
		'Requires.private: $(PKGS)' 'Cflags: -I$${includedir}' >$@

# MODE SOURCE... TARGET-FOLDER, one row for both ways
INSTALL_ROWS = \
	"755 build/webexbot bin" \
	"755 scripts/register-webhooks share/webexbot" \
	"644 build/libwebexbot.a lib" \
	"755 build/libwebexbot.so lib" \
	"644 build/webexbot.pc lib/pkgconfig" \
	"644 build/webexbot.service lib/systemd/system" \
	"644 scripts/nginx.conf share/webexbot" \
	"644 scripts/haproxy.cfg share/webexbot" \
	$(foreach h,$(wildcard include/webexbot/*.h),"644 $h include/webexbot") \
	$(foreach c,$(wildcard cards/*),"644 $c share/webexbot/cards") \
	$(foreach m,$(MANUALS),"644 $m share/man/man$(patsubst .%,%,$(suffix $m))")
to = $(DESTDIR)$(PREFIX)

install: all man build/webexbot.pc build/webexbot.service ## into PREFIX (/usr/local), below DESTDIR
	@for row in $(INSTALL_ROWS); do set -- $$row; \
		install -D -m $$1 $$2 $(to)/$$3/$$(basename $$2) || exit 1; done
	@ln -sf libwebexbot.so $(to)/lib/libwebexbot.so.0
	@case '$(DESTDIR):$(PREFIX)' in :/usr | :/usr/local) \
		echo "run ldconfig once, so that programs find libwebexbot.so.0" ;; esac
uninstall: man ## the same list, the other way
	@for row in $(INSTALL_ROWS); do set -- $$row; \
		rm -f $(to)/$$3/$$(basename $$2); done
	@rm -f $(to)/lib/libwebexbot.so.0
	@rmdir $(to)/share/webexbot/cards $(to)/share/webexbot \
		$(to)/include/webexbot 2>/dev/null || :

clean: ## removes build/
	rm -rf build

help: ## prints this
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

-include $(OBJS:.o=.d) $(O)/app/main.d $(TEST_BINS:=.d) $(wildcard $(O)/bench/*.d)
FORCE:
.PHONY: FORCE all run test crashing program check bench bench-programs fuzz fuzzers man install uninstall clean help
