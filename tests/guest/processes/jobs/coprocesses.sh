# Coprocesses: conversation, end of file, status, two at a time.
coproc UP { while read -r l; do echo "${l^^}"; done; echo bye; exit 4; }
pid=$UP_PID; echo hello >&"${UP[1]}"; read -r r <&"${UP[0]}"; echo "$r"
for n in $(seq 200); do echo "line $n" >&"${UP[1]}"; read -r r <&"${UP[0]}"; done; echo "$r"
exec 7<&"${UP[0]}" {UP[1]}>&-; cat <&7; wait $pid; echo $?
coproc sed -u 's/a/b/g'
echo banana >&"${COPROC[1]}"; read -r r <&"${COPROC[0]}"; echo "$r"
p=$COPROC_PID; kill $p; wait $p; echo $?
coproc ONE { exec cat; } 2>/dev/null
coproc TWO { tr -u a-z A-Z 2>/dev/null || cat; } 2>/dev/null
echo through >&"${ONE[1]}"; read -r r <&"${ONE[0]}"; echo "$r"
kill $ONE_PID $TWO_PID; wait; echo end
