#include "../c/show.h"
