/* Ends with the number of the first signal that is ignored, or 0. */
#include <signal.h>

int main(void)
{
	for (int number = 1; number < 32; number++) {
		struct sigaction action;
		if (sigaction(number, 0, &action) == 0 && action.sa_handler == SIG_IGN)
			return number;
	}
	return 0;
}
