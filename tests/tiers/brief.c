/* Ends long before a translator that was started for it can listen. */
#include <stdio.h>

int main(void)
{
	volatile unsigned sum = 0;
	for (unsigned i = 0; i < 30000; i++)
		sum += i * i;
	printf("%u\n", sum);
	return 0;
}
