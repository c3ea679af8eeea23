#!/bin/sh
# Install what the tests use besides Python packages, where that needs no question: as root, with apt.
# Otherwise say the one command that would do it; the tests that miss something skip and say so.
missing=
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }

need qemu-arm qemu-user
need qemu-system-aarch64 qemu-system-arm
need arm-linux-gnueabihf-gcc "gcc-arm-linux-gnueabihf libc6-dev-armhf-cross"
need arm-linux-gnueabi-gcc "gcc-arm-linux-gnueabi libc6-dev-armel-cross"
need aarch64-linux-gnu-gcc "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
need i686-linux-gnu-gcc "gcc-i686-linux-gnu libc6-dev-i386-cross"
need gcc "gcc libc6-dev"
need gdb-multiarch gdb-multiarch
[ -z "$missing" ] && exit 0

command="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing for the tests:$missing"
    log=$(mktemp)
    # a package list in mid-update fails here; what then cannot be installed fails below
    DEBIAN_FRONTEND=noninteractive apt-get -q update >"$log" 2>&1
    DEBIAN_FRONTEND=noninteractive $command -q >>"$log" 2>&1 && rm "$log" && exit 0
    tail -n 5 "$log"
    echo "could not install all of:$missing (log: $log); tests that need them are skipped"
else
    echo "for all tests, as root: $command"
fi
exit 0
