# For every flow: own bot, own simulator, own folder, free ports.  Source it
# first; what was started ends with the shell.  Waits are for events: a
# condition is looked at again and again until it holds, and after a minute
# the test has failed.
set -eu
WEBEXBOT=${WEBEXBOT:-$PWD/build/webexbot}
root=$PWD
work=$(mktemp -d "${TMPDIR:-/tmp}/wbflow.XXXXXX")
pids=
SECRET=s3cret
# a sanitizer's first word ends the program; leaks are looked for at the end
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1}

cleanup() {
	status=$?
	trap - EXIT
	# ours only: the number of one that has ended may be another's now
	for p in $pids; do
		read -r _ _ _ parent _ 2>/dev/null <"/proc/$p/stat" || continue
		[ "$parent" != $$ ] || kill -KILL "$p" 2>/dev/null || :
	done
	[ $status -eq 0 ] || [ $status -eq 77 ] ||
		for f in "$work"/*.log; do
			[ -s "$f" ] && echo "-- $f" && tail -n 40 "$f"
		done
	rm -rf "$work"
	exit $status
}
trap cleanup EXIT
trap 'exit 130' INT TERM

die() { echo "FAILED: $*" >&2; exit 1; }
skip() { echo "$*"; exit 77; }

# until COMMAND...: until it succeeds
until_true() {
	_tries=0
	until "$@" >/dev/null 2>&1; do
		_tries=$((_tries + 1))
		[ $_tries -lt 1200 ] || die "waited in vain for: $*"
		sleep 0.05
	done
}
equal() { [ "$1" = "$2" ] || die "${3:-value}: expected \"$2\", got \"$1\""; }
contains() { case $1 in *"$2"*) ;; *) die "${3:-text}: no \"$2\" in: $1" ;; esac; }

# -- JSON: jget 'expression in j' <json --
jget() { node -e '
	let s = ""; process.stdin.on("data", d => s += d).on("end", () => {
		const j = JSON.parse(s); const v = eval(process.argv[1]);
		console.log(typeof v === "object" ? JSON.stringify(v) : String(v));
	})' "$1"; }

# -- the simulator --

sim_start() { # [OPTION...]
	: >"$work/sim.out" # of an earlier one, it would say that this one is up
	"$WEBEXBOT" sim --listen 127.0.0.1:0 "$@" >"$work/sim.out" 2>"$work/sim.log" &
	sim_pid=$!
	pids="$pids $sim_pid"
	until_true grep -q '^Chat page' "$work/sim.out"
	sim=$(sed -n 's/^Chat page  *\(.*\)\/$/\1/p' "$work/sim.out")
	token=$(sed -n 's/^Bot token  *//p' "$work/sim.out")
}
sim_post() { curl -sS --fail-with-body -XPOST "$sim/sim/$1" -d "$2"; }
sim_fault() { sim_post faults "$1" >/dev/null; }
say() { # PERSON TEXT [ROOM]
	sim_post say "$(node -e 'console.log(JSON.stringify({person: process.argv[1],
		text: process.argv[2], room: process.argv[3] || "direct",
		mention: !!process.argv[3]}))' "$1" "$2" "${3-}")" >/dev/null
}
# messages of the bot in a room as JSON, oldest first; waits for COUNT of them
bot_said() { # COUNT [ROOM]
	curl -sS --fail-with-body -G "$sim/sim/messages" -d by=bot \
		--data-urlencode "room=${2:-anna@example.com}" \
		-d "count=$1" -d wait=60000 -d max=10000
}

# -- the bot --

# Set before bot_start: what differs from the simulator's.
bot_start() { # [NAME=value...]
	: >"$work/bot.log" # of an earlier one, it would say that this one is up
	(
		cd "$work"
		exec env WEBEX_API_URL="$sim/v1" WEBEX_ACCESS_TOKEN="$token" \
			WEBEX_WEBHOOK_SECRET="$SECRET" WEBEXBOT_LISTEN=127.0.0.1:0 \
			WEBEXBOT_ADMIN_LISTEN=127.0.0.1:0 WEBEXBOT_CARDS="$root/cards" \
			"$@" "$WEBEXBOT" run
	) >>"$work/bot.out" 2>"$work/bot.log" &
	bot_pid=$!
	pids="$pids $bot_pid"
	until_true bot_up_or_ended
	bot_up || [ -n "${may_end-}" ] || die "the bot did not start"
	bot=$(sed -n 's/.*listening on \([^"]*\).*/\1/p' "$work/bot.log" | head -n 1)
	admin=http://$(sed -n 's/.*health and metrics on \([^"]*\).*/\1/p' "$work/bot.log")
}
bot_up() { grep -q 'health and metrics on' "$work/bot.log"; }
bot_up_or_ended() { bot_up || ! kill -0 "$bot_pid"; }
bot_stop() { # [SIGNAL]
	kill -"${1:-TERM}" "$bot_pid"
	bot_status=0
	wait "$bot_pid" || bot_status=$?
}
# The bot's own webhooks at the simulator.
bot_register() { # [URL]
	env WEBEX_API_URL="$sim/v1" WEBEX_ACCESS_TOKEN="$token" \
		WEBEX_WEBHOOK_SECRET="$SECRET" WEBEXBOT_CARDS="$root/cards" \
		WEBEXBOT_PUBLIC_URL="${1:-http://$bot}" \
		"$WEBEXBOT" webhooks apply >"$work/register.log"
}
start_all() { sim_start; bot_start "$@"; bot_register; }
metric() { # NAME or 'NAME{labels}'
	curl -sS "$admin/metrics" | awk -v n="$1" '$1 == n { print $2 }'
}
metric_is() { [ "$(metric "$1")" = "$2" ]; }
ready() { curl -sS "$admin/readyz"; }

# -- requests of our own --

sign() { # ALGORITHM BODY-FILE
	openssl dgst "-$1" -hmac "$SECRET" -r "$2" | cut -d' ' -f1
}
# The status of POST /webhooks/webex with this body and a right signature.
post_signed() { # BODY [CURL-OPTION...]
	printf %s "$1" >"$work/body"
	shift
	curl -sS -o "$work/answer" -w '%{http_code}' -XPOST \
		-H "X-Spark-Signature: $(sign sha1 "$work/body")" \
		--data-binary "@$work/body" "$@" "http://$bot/webhooks/webex"
}
# A notification of a message that Anna may have written.
notice() { # ID [EVENT [UPDATED]]
	node -e '
		const [id, event, updated] = process.argv.slice(1);
		const data = { id, roomId: "R1", roomType: "direct",
			personId: "P1", personEmail: "anna@example.com" };
		if (updated) data.updated = updated;
		console.log(JSON.stringify({ id: "W", name: "n", resource: "messages",
			event: event || "created", actorId: "P1", data }));' "$@"
}
cert() { # NAME: a certificate for localhost
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-days 2 -subj "/CN=${1}" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" \
		-keyout "$work/$1.key" -out "$work/$1.pem" 2>/dev/null
}
