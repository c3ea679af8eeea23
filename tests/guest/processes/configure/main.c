#include "config.h"
#include <stdio.h>
int lookup(int n);
int main(void)
{
    printf("%s: long %d, off_t %d, %d\n", PACKAGE_STRING, SIZEOF_LONG, (int)SIZEOF_OFF_T, lookup(7));
    return 0;
}
