# Arrays, maps, mapfile, printf -v, read -a, name references, case conversion.
a=(zero one "two three" [5]=five); echo "${#a[@]} ${!a[@]} ${a[2]} ${a[-1]}"
a+=(six); unset 'a[1]'; printf '<%s>' "${a[@]}"; echo
printf '%s\n' "${a[@]:1:2}" "${a[@]/t/T}" "${a[@]^^}"
declare -A m=([one]=1 [two]=2 ["with space"]=3); for k in "${!m[@]}"; do echo "$k=${m[$k]}"; done | sort
mapfile -t lines < <(sort -u old.txt | head -5); echo "${#lines[@]}: ${lines[4]}"
mapfile -t -s 2 -n 3 -O 10 some < sorted.txt; echo "${!some[@]}"
mapfile -C 'echo callback' -c 2 -t pairs < <(seq 5); echo "${pairs[*]}"
printf -v text '%05d|%-5s|%x|%(%Y)T' 42 ab 255 0; echo "$text"
printf -v 'a[7]' %q 'it is $quoted'; echo "${a[7]}"
IFS=, read -ra parts <<< "x,y,,z"; echo "${#parts[@]} ${parts[3]}"
declare -n ref=text; ref=changed; echo "$text"
declare -i n=5; n+=7; echo $n; declare -u up=shout; echo $up
set -- a b c d; echo "${@:2:2} ${*: -1} $#"; shift 2; echo "$*"
(( b = 3, b <<= 4, b |= 1 )); echo $b; echo $(( 16#ff + 2#101 + 8#17 )) $(( -7 / 2 )) $(( -7 % 3 )) $(( 2 ** 40 ))
for ((i = 0; i < 500; i++)); do sq[i]=$((i * i)); done; echo "${sq[499]} ${#sq[@]}"
[[ "2024-02-29" =~ ^([0-9]+)-([0-9]+)-([0-9]+)$ ]] && echo "${BASH_REMATCH[@]:1}"
declare -p m | tr ' ' '\n' | wc -l; echo "${a[@]@Q}"; echo "${!m[@]}" | wc -w
