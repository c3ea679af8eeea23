# Command and process substitution.
diff <(seq 1 5) <(seq 2 6); echo $?
paste -d: <(echo a; echo b) <(echo c; echo d) <(seq 2)
seq 100 | tee >(wc -l > lines) >(md5sum > sum) > /dev/null; sleep 0.5; cat lines sum
comm -12 <(sort words.txt) <(sort old.txt) | wc -l
x=$(printf 'a\n\n\n'; exit 3); echo "$x $?"
echo $(echo $(echo $(echo $(echo deep))))
echo "$(< sorted.txt)" | head -2
y=`echo back\`echo tick\``; echo $y
z=$(for i in 1 2 3; do echo -n $i; done; cat <<EOT
x
EOT
); echo "$z"
big=$(head -c 1000000 /dev/zero | tr '\0' a); echo ${#big}
while read -r a; do last=$a; done < <(seq 1000); echo $last
cat <(cat <(cat <(echo nested)))
f() { echo "$1" | cat; }; r=$(f $(f arg)); echo $r
for n in $(seq 40); do v=$(echo $n); s=$((s + v)); done; echo $s
