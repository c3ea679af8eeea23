# Here-documents and here-strings, small and beyond the size of a pipe.
name=world
cat <<EOT
hello $name $((1 + 2)) $(echo from a child) \$escaped
EOT
cat <<'EOT'
not $expanded `at all`
EOT
cat <<-EOT
	tabs
		are gone
	EOT
tr a-z A-Z <<< "a here-string with $name"
read -r first rest <<< "one two three"; echo "$rest|$first"
big=$(printf '%0100000d' 7); wc -c <<< "$big"; md5sum <<EOT
$big$big
EOT
while read -r a b; do echo "$b-$a"; done <<EOT
1 2
3 4
EOT
cat <<A; cat <<B
first
A
second
B
cat 3<<EOT - <<EOU <&3
on three
EOT
on zero
EOU
f() { cat; echo from f; } <<< "bound to the function"; f; f
bash <<'EOT'
echo a script on standard input $0
exit 5
EOT
echo $?
