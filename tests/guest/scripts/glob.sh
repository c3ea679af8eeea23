shopt -s globstar nullglob
for f in dir/**/*e*
do echo "$f"
done
set -o noclobber
echo x > fresh
echo y > fresh || echo refused
cd dir && echo ${PWD##*/}
