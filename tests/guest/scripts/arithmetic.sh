i=0; s=0
while [ $i -lt 3000 ]; do s=$((s + i * i % 7)); i=$((i + 1)); done
echo $s
case abc in a*) echo ${PWD:+set} $((1 << 20)) $((-7 / 2)) ;; esac
