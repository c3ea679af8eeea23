/* Rounding modes and sticky exception flags. */
#include "show.h"
#include <fenv.h>
#include <math.h>
#pragma STDC FENV_ACCESS ON

static volatile double one = 1, three = 3, zero = 0, large = 1e308, tiny = 1e-308, half = 2.5;
static volatile float onef = 1, threef = 3;

static void flags(const char *what)
{
    int set = fetestexcept(FE_ALL_EXCEPT);
    printf("%-12s%s%s%s%s%s\n", what, set & FE_INVALID ? " invalid" : "", set & FE_DIVBYZERO ? " zero" : "",
           set & FE_OVERFLOW ? " overflow" : "", set & FE_UNDERFLOW ? " underflow" : "", set & FE_INEXACT ? " inexact" : "");
    feclearexcept(FE_ALL_EXCEPT);
}

int main(void)
{
    static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    for (int i = 0; i < 4; i++) {
        SHOW(fesetround(modes[i]));
        SHOW(fegetround() == modes[i]);
        printf("%a %a %a %a %g %g\n", one / three, -one / three, (double)(onef / threef), sqrt(three), rint(half), rint(-half));
        printf("%ld %lld %a %a\n", lrint(half), llrint(-half), (double)(float)(one / three), large * 10);
        printf("%.17g %.3f %a\n", 0.1 + three * 0.1, 2.0005, strtod("0.1", 0));
    }
    fesetround(FE_TONEAREST);
    feclearexcept(FE_ALL_EXCEPT);
    volatile double r;
    volatile int n;
    r = one / three, flags("1/3");
    r = one / zero, flags("1/0");
    r = zero / zero, flags("0/0");
    r = large * large, flags("large");
    r = tiny * tiny, flags("tiny");
    r = tiny / three, flags("subnormal");
    r = one + three, flags("exact");
    r = sqrt(-one), flags("sqrt(-1)");
    n = (int)half, flags("(int)2.5");
    n = (int)(one * 3), flags("(int)3");
    n = (int)large, flags("(int)1e308");
    n = r != r, flags("compare");
    n = r < one, flags("less nan");
    r = (float)(one / three), flags("narrow");
    r = feraiseexcept(FE_OVERFLOW | FE_INVALID), flags("raised");
    fenv_t saved;
    SHOW(fegetenv(&saved));
    SHOW(feholdexcept(&saved));
    r = one / zero;
    SHOW(feupdateenv(&saved));
    flags("updated");
    (void)n;
    return 0;
}
