# A configure script that autoconf 2.71 made of configure.ac, and make -j2 with what it found.
export COMPILER_PATH=/usr/bin # the host's cross compiler would come first
mkdir build; cd build
../configure CFLAGS=-O1 2>&1; echo $?
cat config.h; make -s -j2; echo $?; ./small; make -q; echo $?
./config.status --version | head -1; touch ../Makefile.in; ./config.status Makefile
rm config.log config.status small
