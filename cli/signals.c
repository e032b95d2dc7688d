#include "cli/signals.h"

#include "cli/exit_code.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/* A handler can reach nothing but static memory: the one variable of the program. */
static volatile sig_atomic_t received;

void signals_ignore_failed_writes(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

static void remember(int signal_number)
{
    if (received != 0)
        _exit(exit_code_of_signal(signal_number));
    received = signal_number;
}

static void catch_one(int signal_number)
{
    struct sigaction before;
    /* Without SA_RESTART, so that a prompt ends when a signal comes. */
    struct sigaction action = {.sa_handler = remember};

    if (sigaction(signal_number, NULL, &before) == 0 && before.sa_handler == SIG_IGN)
        return;
    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, NULL);
}

void signals_catch(void)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++)
        catch_one(ending[i]);
}

int signals_received(void)
{
    return received;
}
