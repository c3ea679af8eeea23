# Pipelines: long ones, early ends of readers, status of every part.
seq 1 20000 | tr 0-4 5-9 | sort -rn | uniq -c | awk '{s += $1 * $2} END {print s}'
yes | head -3; echo "${PIPESTATUS[@]}"
cat words.txt | tee copy.txt | wc -l; cmp words.txt copy.txt && echo same
{ echo to-out; echo to-err >&2; } 2>&1 >/dev/null | tr a-z A-Z
(exit 3) | (exit 4) | true; echo "${PIPESTATUS[*]}" $?
set -o pipefail; false | true; echo $?; set +o pipefail
head -c 300000 zeros.bin | od -An -v -tx1 | tr -d ' \n' | wc -c
for n in 1 2 3; do echo $n; done | while read -r n; do total=$((total + n)); echo $total; done; echo "outside: $total"
shopt -s lastpipe; seq 4 | while read -r n; do total=$((total + n)); done; echo "lastpipe: $total"
exec 5< <(seq 3); read -u 5 a; read -u 5 b; echo "$a$b"; exec 5<&-
exec 6>log; echo one >&6; echo two >&6; exec 6>&-; cat log
cat < words.txt | { read -r line; echo "$line"; cat > /dev/null; }
