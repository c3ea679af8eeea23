# Processes as a shell uses them.
set -u
echo "== pipes"; seq 1 1000 | grep 7 | sort -r | head -3
echo "== subst"; a=$(echo hi; echo there | tr a-z A-Z); echo "$a"
echo "== status"; (exit 3); echo $?; ! true; echo $?; false | true; echo "${PIPESTATUS[@]}"; set -o pipefail; false | true; echo $?; set +o pipefail
echo "== heredoc"; cat <<EOT | wc -c
some $((6*7)) text
EOT
echo "== jobs"; for i in 3 1 2; do (sleep 0.0$i; exit $i) & p=$!; done; wait $p; echo $?; wait; echo $?
sleep 10 & kill $!; wait $!; echo $?
echo "== procsub"; diff <(seq 3) <(seq 4); paste <(echo a) <(echo b)
echo "== coproc"; coproc CP { while read l; do echo "got $l"; done; }; echo x >&${CP[1]}; read r <&${CP[0]}; echo $r; kill $CP_PID; wait $CP_PID 2>/dev/null; echo $?
echo "== trap"; trap 'echo bye' EXIT; trap 'echo usr1' USR1; kill -USR1 $$; (trap 'echo sub' EXIT; true)
echo "== exec"; (exec echo replaced); /nonexistent/x; echo $?; ./nox 2>/dev/null; echo $?; touch nox; ./nox; echo $?; printf 'echo script $1\n' > sc; chmod +x sc; ./sc arg; printf '#!/bin/sh\necho sh $0 $1\nexit 7' > sc2; chmod +x sc2; ./sc2 zz; echo $?
echo "== xargs"; seq 20 | xargs -n 3 -P 4 sh -c 'echo $#' _ | sort | uniq -c
echo "== find"; mkdir -p q; touch q/{a,b,c}; find q -type f -exec basename {} \; | sort; find q -type f -exec echo {} + | wc -w
echo "== env"; X=1 env | grep ^X; env -i A=b env
echo "== timeout"; timeout 0.1 sleep 5; echo $?
echo "== bg group"; set -m; sleep 0.05 & fg >/dev/null; echo $?; set +m
echo "== arrays"; declare -A m; m[a]=1; for k in "${!m[@]}"; do echo $k=${m[$k]}; done; mapfile -t arr < <(seq 5); echo ${#arr[@]}
echo "== tee"; echo data | tee f1 f2 >/dev/null; cat f1 f2
echo "== nested"; echo $(echo $(echo $(echo deep)))
for i in $(seq 30); do :; /bin/true; done; echo ok
ls /proc/$$/exe >/dev/null && echo proc
