# Arithmetic, functions, arrays, string operations: builtins alone, no process.
collatz() {
    local n=$1
    steps=0
    while ((n != 1)); do
        if ((n & 1)); then n=$((3 * n + 1)); else n=$((n / 2)); fi
        steps=$((steps + 1))
    done
}
declare -A seen
for ((round = 1; round <= $1; round++)); do
    total=0 text=
    for i in {1..25}; do
        collatz $((i + round % 3))
        total=$((total + steps))
        text+="$i:$steps "
    done
    words=($text)
    for word in "${words[@]}"; do
        case ${word%%:*} in
            *[13579]) seen[${word#*:}]=$word ;;
            *) seen[even]=${word//[0-4]/x} ;;
        esac
    done
done
printf '%d %d %s %s\n' "$total" "${#seen[@]}" "${seen[even]}" "${text:5:20}"
