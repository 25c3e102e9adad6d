/*
 * The pod sandbox: holds the namespaces its containers share, reaps orphans as their init, and ends
 * on SIGTERM or SIGINT.
 */
#include "freestanding.h"
#include <asm/signal.h>
#include <linux/wait.h>

_Noreturn void entry(word *stack)
{
    /* Blocked rather than handled: the kernel drops unblocked signals that init does not handle. */
    signals awaited = SIGNAL(SIGTERM) | SIGNAL(SIGINT) | SIGNAL(SIGCHLD);
    (void)stack;
    SYS(rt_sigprocmask, SIG_BLOCK, &awaited, 0, sizeof awaited, 0);
    for (;;) {
        long got = SYS(rt_sigtimedwait, &awaited, 0, 0, sizeof awaited, 0);
        if (got == SIGTERM || got == SIGINT)
            SYS(exit_group, 0, 0, 0, 0, 0);
        while (SYS(wait4, -1, 0, WNOHANG, 0, 0) > 0)
            ;
    }
}
