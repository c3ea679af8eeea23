# Traps: signals, exits, errors, debugging; what children inherit.
trap 'echo usr1 $BASH_SUBSHELL' USR1
trap 'echo err $?' ERR
kill -USR1 $$; echo after
(trap - USR1; trap 'echo exit of subshell' EXIT; exit 3); echo $?
(kill -USR1 $BASHPID; echo survived); echo $?
trap '' USR2; bash -c 'kill -USR2 $$; echo ignored is inherited'; trap - USR2
bash -c 'trap "echo int; trap - INT; kill -INT \$\$" INT; kill -INT $$; echo not here'; echo $?
bash -c 'kill -TERM $$; sleep 1'; echo $?
bash -c 'kill -SEGV $$; sleep 1' 2>/dev/null; echo $?
trap -p | sort
trap - ERR
f() { trap 'echo returned' RETURN; echo in f; }
set -T; f; set +T; trap - RETURN
trap 'echo chld' CHLD; set -m; sleep 0.05; set +m; trap - CHLD
(sleep 0.1; kill -USR1 $$) & wait $!; echo wait $?
wait; echo $?
(sleep 0.2; kill -USR1 $$) & sleep 0.6; wait; echo slept
count=0; trap 'count=$((count + 1))' ALRM
for i in $(seq 50); do kill -ALRM $$; done; echo $count
trap 'echo bye; exit 9' EXIT
set -e; false; echo not here
