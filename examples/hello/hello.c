/*
 * hello PORT FILE: answers every HTTP request with what FILE holds at that moment, as plain text. Ends
 * on SIGTERM or SIGINT. One static file without a C library, so an image of it needs nothing else.
 */
#include "freestanding.h"
#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/in.h>
#include <linux/poll.h>
#include <linux/socket.h>

#define STREAM 1 /* SOCK_STREAM, which no header of the kernel gives to programs */
#define INTERNET 2 /* AF_INET */
#define LEVEL_SOCKET 1
#define REUSE_ADDRESS 2
#define RECEIVE_TIMEOUT 20
#define NO_SIGNAL 0x4000
#define LIMIT 65536
#define PATIENCE_SECONDS 2

static char content[LIMIT];
static char request[4096];

static word length(const char *text)
{
    word count = 0;
    while (text[count])
        count++;
    return count;
}

static void say(const char *text)
{
    SYS(write, 2, text, length(text), 0, 0);
}

static _Noreturn void fail(const char *what)
{
    say("hello: ");
    say(what);
    say("\n");
    SYS(exit_group, 1, 0, 0, 0, 0);
    __builtin_unreachable();
}

static unsigned number(const char *text)
{
    unsigned value = 0;
    while (*text >= '0' && *text <= '9')
        value = value * 10 + (unsigned)(*text++ - '0');
    return *text == 0 && value < 65536 ? value : 0;
}

/* Writes `value`, at most LIMIT, in decimal, and returns where it ended. Not every ARM can divide. */
static char *decimal(char *at, word value)
{
    static const word powers[] = {10000, 1000, 100, 10, 1};
    int leading = 1;
    for (word index = 0; index < sizeof powers / sizeof *powers; index++) {
        char digit = '0';
        for (; value >= powers[index]; value -= powers[index])
            digit++;
        leading = leading && digit == '0' && powers[index] > 1;
        if (!leading)
            *at++ = digit;
    }
    return at;
}

static void send_all(long to, const char *text, word left)
{
    while (left > 0) {
        long sent = SYS(sendto, to, text, left, NO_SIGNAL, 0);
        if (sent <= 0)
            return;
        text += sent;
        left -= (word)sent;
    }
}

/* Reads as far as the empty line that ends a request's head; what a body says does not matter. */
static void read_head(long from)
{
    word held = 0;
    while (held < sizeof request) {
        long got = SYS(read, from, request + held, sizeof request - held, 0, 0);
        if (got <= 0)
            return;
        held += (word)got;
        if (held >= 4 && request[held - 1] == '\n' && request[held - 3] == '\n')
            return;
    }
}

static word read_file(const char *path)
{
    long file = SYS(openat, AT_FDCWD, path, O_RDONLY, 0, 0);
    word held = 0;
    if (file < 0)
        return 0;
    while (held < sizeof content) {
        long got = SYS(read, file, content + held, sizeof content - held, 0, 0);
        if (got <= 0)
            break;
        held += (word)got;
    }
    SYS(close, file, 0, 0, 0, 0);
    return held;
}

static void answer(long peer, const char *path)
{
    static const char head[] = "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\n"
                               "connection: close\r\ncontent-length: ";
    char size[32];
    struct { long seconds, microseconds; } patience = {PATIENCE_SECONDS, 0};
    word held;
    char *end;

    SYS(setsockopt, peer, LEVEL_SOCKET, RECEIVE_TIMEOUT, &patience, sizeof patience);
    read_head(peer);
    held = read_file(path);
    end = decimal(size, held);
    send_all(peer, head, sizeof head - 1);
    send_all(peer, size, (word)(end - size));
    send_all(peer, "\r\n\r\n", 4);
    send_all(peer, content, held);
}

static long listen_at(unsigned port)
{
    /* static: zero from the start, and all of it is */
    static struct sockaddr_in address;
    int yes = 1;
    long server = SYS(socket, INTERNET, STREAM, 0, 0, 0);
    address.sin_family = INTERNET;
    address.sin_port = __builtin_bswap16((unsigned short)port);
    SYS(setsockopt, server, LEVEL_SOCKET, REUSE_ADDRESS, &yes, sizeof yes);
    if (SYS(bind, server, &address, sizeof address, 0, 0) < 0)
        fail("the port is taken");
    if (SYS(listen, server, 16, 0, 0, 0) < 0)
        fail("cannot listen");
    return server;
}

/* PID 1 of a container is sent only the signals that it asks for, so it asks for them as a file. */
static long end_signals(void)
{
    signals ends = SIGNAL(SIGTERM) | SIGNAL(SIGINT);
    SYS(rt_sigprocmask, SIG_BLOCK, &ends, 0, sizeof ends, 0);
    return SYS(signalfd4, -1, &ends, sizeof ends, 0, 0);
}

_Noreturn void entry(word *stack)
{
    char **arguments = (char **)(stack + 1);
    unsigned port = stack[0] == 3 ? number(arguments[1]) : 0;
    struct pollfd awaited[2];

    if (port == 0)
        fail("usage: hello PORT FILE");
    awaited[0] = (struct pollfd){(int)end_signals(), POLLIN, 0};
    awaited[1] = (struct pollfd){(int)listen_at(port), POLLIN, 0};
    for (;;) {
        SYS(ppoll, awaited, 2, 0, 0, 0);
        if (awaited[0].revents)
            SYS(exit_group, 0, 0, 0, 0, 0);
        if (awaited[1].revents) {
            long peer = SYS(accept4, awaited[1].fd, 0, 0, 0, 0);
            if (peer < 0)
                continue;
            answer(peer, arguments[2]);
            SYS(close, peer, 0, 0, 0, 0);
        }
    }
}
