# awk with commands, pipes both ways, system and close.
awk 'BEGIN { while (("seq 5" | getline x) > 0) s += x; print s; print close("seq 5") }'
awk 'BEGIN { for (i = 5; i; i--) print i | "sort -n"; close("sort -n"); print "after" }'
awk 'BEGIN { print system("exit 3"); fflush(); system("echo from system"); "pwd" | getline d; n = split(d, p, "/"); print (n > 1) }'
awk '{ print $1 > ("out." (NR % 3)) } NR == 90 { exit 4 }' words.txt; echo $?; cat out.* | md5sum; wc -l out.*
awk -F, 'NR > 1 { cmd = "echo " $2 " | tr a-z A-Z"; cmd | getline u; close(cmd); print u } NR == 8 { exit }' table.csv
awk 'BEGIN { "date -u -d @0 +%Y" | getline y; print y; print ENVIRON["HOME"] != "" ; print "x" > "/dev/stderr" }' 2>&1
awk 'BEGIN { print "to cat" | "cat 1>&2"; close("cat 1>&2") }' 2>&1; printf '3 4\n' | awk '{ printf "%d\n", $1 * $2 | "cat" }'
