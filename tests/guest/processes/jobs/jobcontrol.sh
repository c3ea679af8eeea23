# Job control without a terminal: groups, stops, jobs, fg, bg, wait -n, kill %n.
set -m
sleep 30 & sleep 31 &
jobs | sed 's/ *&$//'
kill %1; wait %1 2>/dev/null; echo $?
kill -STOP %2; sleep 0.3; jobs -s | wc -l
bg %2 > /dev/null; sleep 0.1; jobs -r | wc -l
kill %sleep; wait 2>/dev/null; echo $?
(sleep 0.3; exit 7) & fg %1 > /dev/null; echo "fg $?"
for n in 3 1 2; do (sleep 0.${n}5; exit $n) & done
for n in 1 2 3; do wait -n; echo "ended $?"; done > ended; sort ended; rm ended
wait -n 2>/dev/null; echo $?
sleep 0.1 & p=$!; wait -n -p who $p; [ "$who" = $p ] && echo "told $?"
set -- $(bash -c 'cat /proc/$$/stat' | cut -d' ' -f1,5); [ "$1" = "$2" ] && echo leads its group
bash -c 'kill -STOP $$; echo continued' & sleep 0.3
jobs -l | awk '{print $3, $4}'; kill -CONT %bash; wait %bash; echo $?
(trap '' TSTP; kill -TSTP $BASHPID; echo not stopped) ; echo $?
sleep 20 | sleep 21 & sleep 0.1; kill -- -$(jobs -p | tail -1); wait 2>/dev/null; echo gone
disown -a; jobs | wc -l
