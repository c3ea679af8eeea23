# Archives through pipes and through programs that tar starts itself.
tar -cf - --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner dir | gzip -n | tee a.tgz | gzip -dc | tar -tf - | wc -l
mkdir x y; tar -xzf a.tgz -C x; diff -r dir x/dir && echo same
(cd dir && tar -cf - a b) | (cd y && tar -xf -); ls y/a y/b
tar -cJf b.txz --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner dir/a; tar -tJf b.txz; tar --use-compress-program='gzip -1n' -cf c.tgz --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner dir/b; zcat c.tgz | tar -tf -
tar -cf d.tar words.txt old.txt; tar -xf d.tar --to-command='wc -l'; tar -rf d.tar new.txt; tar -tf d.tar
gzip -c words.txt | zcat | cmp - words.txt && bzip2 -c old.txt | bunzip2 | cmp - old.txt && xz -T2 -c noise.bin | xz -dc | cmp - noise.bin && echo round trips
zgrep -c the <(gzip -c words.txt); gzip -l a.tgz > /dev/null; echo $?; echo garbage | gzip -dc 2>/dev/null; echo $?
tar -xzf words.txt 2>/dev/null; echo $?; rm d.tar a.tgz
