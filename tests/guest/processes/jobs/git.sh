# git with its own children: init, commit, branch, merge, clone, fetch, gc, hooks, stash, bisect.
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@x GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@x
export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z' GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
git init -q -b main repo; cd repo; cp ../words.txt ../old.txt .; git add .; git commit -qm 'first'
for n in $(seq 6); do echo $n >> numbers; git add numbers; git commit -qm "number $n"; done
git log --oneline --graph; git checkout -qb side HEAD~3; echo side > side; git add side; git commit -qm side
git checkout -q main; git merge -q --no-edit side; git log -1 --format='%H %P %s'
sed -i 1d words.txt; git diff --stat; git stash -q; git status --short; git stash pop -q; git commit -qam changed; git show --stat --format=%s
git tag -a v1 -m tagged; git clone -q . ../clone; git clone -q --bare . ../bare.git; git clone -q "file://$PWD" ../fetched
cd ../clone; git log --oneline | wc -l; git rev-parse HEAD v1; git checkout -q v1 2>/dev/null; git switch -qc new; echo x > x; git add x; git commit -qm x; git push -q origin new 2>/dev/null; echo $?
cd ../repo; git branch --list | cat; git gc -q; git fsck; git count-objects -v | grep in-pack; git repack -adq; git blame -s numbers
printf '#!/bin/sh\necho hook refuses; exit 1\n' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit; git commit -q --allow-empty -m no 2>&1; echo $?; rm .git/hooks/pre-commit
git bisect start -q HEAD HEAD~5 > /dev/null; git bisect run bash -c 'test $(wc -l < numbers) -lt 5' 2>&1 | grep -c 'first bad'; git bisect reset -q 2>/dev/null
git archive HEAD | tar -tf - ; git format-patch -q -2 -o ../patches; ls ../patches; git grep -c the HEAD -- old.txt; GIT_EDITOR='sed -i s/side/edited/' git commit -q --amend; git log -1 --format=%s
cd ..; rm -rf repo clone bare.git fetched patches
