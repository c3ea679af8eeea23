#!/bin/sh
# What `make run` shows: tour.sh RUN32 EXAMPLE ROOT
run32=$1 example=$2 root=$3
bold='' plain=''
[ -t 1 ] && bold='\033[1m' plain='\033[0m'

show() {
    printf "\n$bold$ %s$plain\n" "run32 $(for a; do case $a in *[!A-Za-z0-9_./=,-]*) printf "'%s' " "$a" ;; *) printf '%s ' "$a" ;; esac; done)"
    "$run32" "$@" || { echo "run32: the tour ends here: that was exit status $?" >&2; exit 1; }
}

show "$example" || exit 1

if ! command -v apt-get >/dev/null 2>&1; then
    printf '\nThat was a 32-bit ARM program. With apt on this machine, the tour goes on with Debian.\n'
    exit 0
fi
if [ ! -e "$root/usr/bin/python3.11" ]; then
    printf '\nNow real programs: a Debian armhf root in %s (once; about 25 MB to download)\n' "$root"
    "$run32" rootfs create --arch armhf "$root" bash coreutils busybox-static grep sed mawk \
        findutils bc python3.11 || {
        echo "no Debian root, so the tour ends here; \`make run\` tries again when there is a network"
        exit 0
    }
fi

words=$(dirname "$root")/fruit.txt
printf 'pear\nfig\napple\nquince\nfig\n' >"$words"
show --rootfs "$root" uname -srm
show --rootfs "$root" ls -l /usr/bin/python3.11 /usr/lib/ld-linux-armhf.so.3
show --rootfs "$root" sort -u "$words"
show --rootfs "$root" awk 'BEGIN { for (i = 1; i <= 5; i++) printf "%d squared is %d\n", i, i * i }'
show --rootfs "$root" bash -c 'for i in {1..3}; do echo "bash $BASH_VERSION counts $i"; done'
show --rootfs "$root" python3.11 -c \
    'import sys, platform, math; print(sys.version); print(platform.machine(), sys.maxsize, math.pi, 2**200)'
printf '\nNow yours:  %s --rootfs %s PROGRAM ARGS...\n' "$run32" "$root"
