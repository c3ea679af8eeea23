declare -A m
while read -r a b c
do ((m[${a:0:1}]++))
done < words.txt
for k in {a..z}
do printf '%s=%d ' $k ${m[$k]:-0}
done
echo
x=$((36#zz ** 3))
echo $x ${x//4/four} ${BASH_VERSION%%.*}
[[ ab12 =~ ([a-z]+)([0-9]+) ]] && echo ${BASH_REMATCH[@]}
mapfile -t lines < crlf.txt
echo ${#lines[@]}
printf '%(%F)T\n' 86400
exit 7
