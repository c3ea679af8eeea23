"""Why guest code stops: numbers shared by the native code, the reference and the runtime."""

EXIT_SYSCALL = 1  # arg: the immediate of SVC / INT
EXIT_UNDEFINED = 2  # no such instruction (SIGILL, ILL_ILLOPC)
EXIT_BREAKPOINT = 3  # BKPT / INT3
EXIT_FAULT = 4  # a guest memory access faulted; fault_addr is the host address
EXIT_PENDING = 5  # `pending` was set asynchronously; state is at an instruction boundary
EXIT_ALIGNMENT = 6  # arg: the misaligned guest address (SIGBUS, BUS_ADRALN)
EXIT_FETCH = 7  # the next instruction cannot be fetched (no execute permission, no mapping)
EXIT_DIVIDE = 8  # i386 divide error
EXIT_INTERRUPTED = 10  # a thunk has returned (`result`) and `pending` is set
EXIT_UNALLOCATED = 9  # not decoded: instruction class planned for later
EXIT_COUNTER = 12  # arg: two register numbers, 8 bits each: they get the counter; pc is behind
EXIT_HOT = 11  # the interpreter has taken `fuel` branches; state is at an instruction boundary
