# The same as a plain shell sees it.
cat > script <<'EOT'
set -u
x=$(echo one | sed s/one/two/); echo "$x"
trap 'echo term; exit 4' TERM
(sleep 0.2; kill $$) &
wait $!
i=0; while [ $i -lt 3000000 ]; do i=$((i + 1)); done; echo late
EOT
dash script; echo $?
dash -c 'echo $0; kill -9 $$'; echo $?
dash -ec 'false; echo no'; echo $?
seq 5 | dash -c 'while read x; do echo $((x * x)); done'
dash -c 'f() { return 7; }; f; echo $?; exec 3>out; echo text >&3; cat out; . ./inc' 2>/dev/null; echo $?
dash -c 'for f in *.bc; do echo "${f%.bc}"; done; echo ${PATH%%:*}; printf "%s %d\n" a 5'
dash -c 'sleep 5 & p=$!; kill $p; wait $p; echo $?'
dash -c 'cat <<EOT | tr a-z A-Z
here $(echo there)
EOT'
