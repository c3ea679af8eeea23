# Hundreds of short children.
for n in $(seq 150); do /bin/true || echo bad; done; echo done
for n in $(seq 60); do (exit $((n % 5))); s=$((s + $?)); done; echo $s
for n in $(seq 40); do cat < /dev/null & done; wait; echo $?
seq 200 | while read -r n; do echo $((n % 7)); done | sort | uniq -c
for n in $(seq 30); do x=$(basename /a/b/$n .x); t=$((t + x)); done; echo $t
a=(); for n in $(seq 20); do (sleep 0.0$((RANDOM % 9)); exit $n) & a+=($!); done; for p in "${a[@]}"; do wait $p; u=$((u + $?)); done; echo $u
