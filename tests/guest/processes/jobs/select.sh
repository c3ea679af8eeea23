# select, read with its options, case, getopts, dialogue on standard input.
PS3='choose: '
select word in alpha beta "gamma ray" quit; do
    case $REPLY in 4) break ;; *) echo "got <$word> for $REPLY" ;; esac
done <<< $'1\n3\n9\n\n4' 2>&1
read -t 0.1 x < <(sleep 0.4); echo "timeout $(($? > 128))"
read -n 3 x <<< abcdef; echo "$x"; read -N 5 x < words.txt; echo "${#x}"
read -d : a <<< "up to:colon"; echo "$a"; read -r a <<< 'back\slash'; echo "$a"
while getopts ab:c o -a -b value -c rest; do echo "$o ${OPTARG-}"; done; echo $OPTIND
while getopts :x: o -x; do echo "$o $OPTARG"; done
case abc in a*) echo first ;;& *c) echo second ;& nothing) echo third ;; *) echo no ;; esac
until ((i++ >= 3)); do echo -n $i; done; echo
printf '%s\n' 3 1 2 | { while read -r x; do echo $x; done | sort; }
shopt -s extglob nullglob
echo *.@(lua|bc) none*; [[ aab == +(a)b ]] && echo matches
exec 3<> both; echo data >&3; exec 3>&-; cat both
echo "$(type -t cat) $(type -t echo) $(type -t if)"; hash -r; command -v ls
