/* The smallest useful program: prints a line and exits with status 0. */
#include "start.h"

__attribute__((used)) void start(void)
{
    print("Hello from a 32-bit program.\n");
    call(NR_exit, 0, 0, 0);
    __builtin_unreachable();
}
