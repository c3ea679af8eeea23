#include "config.h"
#include <math.h>
int lookup(int n) { return (int)pow(n, 3); }
