/*
 * Supervises one host process on behalf of the agent, and outlives it:
 *
 *   shim DIRECTORY LOG_BYTES EXIT UID GID CWD PROGRAM ARG0 [ARG...]
 *
 * - makes DIRECTORY/shim, which says who it is: /proc/self/stat, then the machine's boot id. Where
 *   that file is already, another shim has run this, and this one ends at once;
 * - runs PROGRAM in CWD, in a process group of its own, as UID and GID (-1: unchanged);
 * - answers on file descriptor 3, which it then closes: "ok PID\n", or "error ERRNO\n";
 * - copies stdout and stderr line by line to DIRECTORY/log, which with its predecessor log.1 never
 *   holds more than LOG_BYTES: "SECONDS.NANOSECONDS o|e F|P TEXT\n", F for a full line, P for a part;
 * - hands SIGTERM, SIGINT and SIGHUP to the group; on SIGUSR1 kills it;
 * - when PROGRAM has ended, kills what it left behind and writes EXIT in one step:
 *   "exit CODE SECONDS.NANOSECONDS\n", "signal NUMBER SECONDS.NANOSECONDS\n", or, when PROGRAM could
 *   not be run, "error ERRNO SECONDS.NANOSECONDS\n".
 *
 * If the shim itself is killed, the kernel kills PROGRAM, and no EXIT is written.
 */
#include "../pause/freestanding.h"
#include <asm/signal.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/signalfd.h>
#include <linux/uio.h>
#include <linux/wait.h>

#define ANSWER_FD 3
#define LINE_BYTES 8192
#define PATH_BYTES 4096
#define SIGUSR1_KILLS SIGUSR1

#ifdef __NR_setuid32 /* arm: the plain calls take 16-bit ids */
#undef __NR_setuid
#undef __NR_setgid
#undef __NR_setgroups
#define __NR_setuid __NR_setuid32
#define __NR_setgid __NR_setgid32
#define __NR_setgroups __NR_setgroups32
#endif

struct stream {
    int fd;
    char tag;
    unsigned held;
    char line[LINE_BYTES];
};

static struct stream out, err;
static char shim_path[PATH_BYTES], log_path[PATH_BYTES], log_before[PATH_BYTES];
static int log_fd;
static word log_limit, log_written;
static const char *exit_path;
static char exit_draft[PATH_BYTES];
static long main_pid;
static int main_status;
static int main_ended;

/* ---- text ---- */

static unsigned length(const char *text)
{
    unsigned n = 0;
    while (text[n])
        n++;
    return n;
}

static char *append(char *at, const char *text)
{
    while (*text)
        *at++ = *text++;
    *at = 0;
    return at;
}

static char *append_number(char *at, word number, int digits)
{
    char reversed[24];
    int n = 0;
    do {
        reversed[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number || n < digits);
    while (n)
        *at++ = reversed[--n];
    *at = 0;
    return at;
}

static long number_of(const char *text)
{
    long sign = *text == '-' ? -1 : 1, number = 0;
    if (sign < 0)
        text++;
    while (*text)
        number = number * 10 + (*text++ - '0');
    return sign * number;
}

static char *append_now(char *at)
{
    /* Seconds as an unsigned word: on 32-bit machines good until 2106. */
    word seconds, nanoseconds;
#ifdef __NR_clock_gettime64
    long long wide[2];
    if (SYS(clock_gettime64, 0, wide, 0, 0, 0) == 0) {
        seconds = (word)wide[0];
        nanoseconds = (word)wide[1];
    } else
#endif
    {
        word narrow[2];
        SYS(clock_gettime, 0, narrow, 0, 0, 0);
        seconds = narrow[0];
        nanoseconds = narrow[1];
    }
    at = append(append_number(at, seconds, 1), ".");
    return append_number(at, nanoseconds, 9);
}

static void path_with(char *at, const char *path, const char *suffix)
{
    if (length(path) + length(suffix) >= PATH_BYTES)
        SYS(exit_group, 2, 0, 0, 0, 0);
    append(append(at, path), suffix);
}

/* ---- log ---- */

static void open_log(void)
{
    log_fd = (int)SYS(openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600, 0);
    log_written = 0;
}

static void log_line(const struct stream *from, unsigned bytes, char completeness)
{
    char head[64], *end = append_now(head);
    struct iovec parts[3];
    *end++ = ' ';
    *end++ = from->tag;
    *end++ = ' ';
    *end++ = completeness;
    *end++ = ' ';
    word size = (word)(end - head) + bytes + 1;
    if (log_written + size > log_limit / 2) {
        SYS(close, log_fd, 0, 0, 0, 0);
        SYS(renameat2, AT_FDCWD, log_path, AT_FDCWD, log_before, 0);
        open_log();
    }
    parts[0].iov_base = head;
    parts[0].iov_len = (word)(end - head);
    parts[1].iov_base = (void *)from->line;
    parts[1].iov_len = bytes;
    parts[2].iov_base = "\n";
    parts[2].iov_len = 1;
    SYS(writev, log_fd, parts, 3, 0, 0); /* a full disk costs lines, not the process */
    log_written += size;
}

static void drop(struct stream *from, unsigned bytes)
{
    for (unsigned i = bytes; i < from->held; i++)
        from->line[i - bytes] = from->line[i];
    from->held -= bytes;
}

static void log_lines(struct stream *from)
{
    unsigned at = 0;
    while (at < from->held) {
        if (from->line[at] != '\n') {
            at++;
            continue;
        }
        log_line(from, at, 'F');
        drop(from, at + 1);
        at = 0;
    }
    if (from->held == LINE_BYTES) {
        log_line(from, from->held, 'P');
        from->held = 0;
    }
}

/* Reads what is there. The read ends do not block: a stranger may hold a write end for ever. */
static void copy(struct stream *from)
{
    while (from->fd >= 0) {
        long n = SYS(read, from->fd, from->line + from->held, LINE_BYTES - from->held, 0, 0);
        if (n == -EAGAIN || n == -EINTR)
            return;
        if (n <= 0) {
            SYS(close, from->fd, 0, 0, 0, 0);
            from->fd = -1;
            return;
        }
        from->held += (unsigned)n;
        log_lines(from);
    }
}

/* ---- processes ---- */

static void reap(int options)
{
    for (;;) {
        int status;
        long pid = SYS(wait4, -1, &status, options, 0, 0);
        if (pid == -EINTR)
            continue;
        if (pid <= 0)
            return;
        if (pid == main_pid) {
            main_status = status;
            main_ended = 1;
        }
    }
}

/* Kills the children this process has by now, adopted ones included; answers how many. */
static int kill_children(void)
{
    char list[4096];
    int killed = 0;
    long pid = 0;
    long fd = SYS(openat, AT_FDCWD, "/proc/thread-self/children", O_RDONLY | O_CLOEXEC, 0, 0);
    if (fd < 0)
        return 0;
    long n = SYS(read, fd, list, sizeof list, 0, 0);
    SYS(close, fd, 0, 0, 0, 0);
    for (long i = 0; i < n; i++) {
        if (list[i] >= '0' && list[i] <= '9') {
            pid = pid * 10 + (list[i] - '0');
            continue;
        }
        if (pid > 0 && SYS(kill, pid, SIGKILL, 0, 0, 0) == 0)
            killed++;
        pid = 0;
    }
    return killed;
}

static void kill_leftovers(void)
{
    SYS(kill, -main_pid, SIGKILL, 0, 0, 0);
    /* Each death may hand us its children, so until none is left. */
    for (;;) {
        int status;
        int killed = kill_children();
        long pid = SYS(wait4, -1, &status, killed ? 0 : WNOHANG, 0, 0);
        if (pid <= 0 && pid != -EINTR)
            return;
    }
}

/* argv: uid, gid, working directory, program, its arguments. */
static void run_child(char **argv, char **environment, int answer)
{
    long uid = number_of(argv[0]), gid = number_of(argv[1]);
    signals none = 0;
    SYS(setpgid, 0, 0, 0, 0, 0);
    SYS(prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    SYS(rt_sigprocmask, SIG_SETMASK, &none, 0, sizeof none, 0);
    long failed = SYS(chdir, argv[2], 0, 0, 0, 0);
    if (!failed && (uid >= 0 || gid >= 0))
        failed = SYS(setgroups, 0, 0, 0, 0, 0);
    if (!failed && gid >= 0)
        failed = SYS(setgid, gid, 0, 0, 0, 0);
    if (!failed && uid >= 0)
        failed = SYS(setuid, uid, 0, 0, 0, 0);
    if (!failed && uid >= 0) /* a change of user clears it */
        failed = SYS(prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (!failed)
        failed = SYS(execve, argv[3], argv + 4, environment, 0, 0);
    SYS(write, answer, &failed, sizeof failed, 0, 0);
    SYS(exit_group, 127, 0, 0, 0, 0);
}

/* Makes a pipe whose ends close on exec; the read end of an output does not block. */
static void make_pipe(int ends[2], int flags)
{
    if (SYS(pipe2, ends, O_CLOEXEC, 0, 0, 0) < 0)
        SYS(exit_group, 2, 0, 0, 0, 0);
    if (flags)
        SYS(fcntl, ends[0], F_SETFL, flags, 0, 0);
}

static void answer(const char *word_, word number)
{
    char text[64];
    char *end = append_number(append(append(text, word_), " "), number, 1);
    end = append(end, "\n");
    SYS(write, ANSWER_FD, text, end - text, 0, 0);
    SYS(close, ANSWER_FD, 0, 0, 0, 0);
}

static void write_exit(const char *how, word number)
{
    char text[96];
    char *end = append(append_number(append(append(text, how), " "), number, 1), " ");
    end = append(append_now(end), "\n");
    long fd = SYS(openat, AT_FDCWD, exit_draft, O_WRONLY | O_CREAT | O_TRUNC, 0600, 0);
    SYS(write, fd, text, end - text, 0, 0);
    SYS(fsync, fd, 0, 0, 0, 0);
    SYS(close, fd, 0, 0, 0, 0);
    SYS(renameat2, AT_FDCWD, exit_draft, AT_FDCWD, exit_path, 0);
}

static void launch(char **argv, char **environment)
{
    int outs[2], errs[2], started[2];
    long failed = 0;
    make_pipe(outs, O_NONBLOCK);
    make_pipe(errs, O_NONBLOCK);
    make_pipe(started, 0);
    main_pid = SYS(clone, SIGCHLD, 0, 0, 0, 0);
    if (main_pid == 0) {
        SYS(dup3, outs[1], 1, 0, 0, 0);
        SYS(dup3, errs[1], 2, 0, 0, 0);
        SYS(close, ANSWER_FD, 0, 0, 0, 0);
        run_child(argv, environment, started[1]);
    }
    SYS(close, outs[1], 0, 0, 0, 0);
    SYS(close, errs[1], 0, 0, 0, 0);
    SYS(close, started[1], 0, 0, 0, 0);
    if (main_pid < 0)
        failed = main_pid;
    else
        SYS(read, started[0], &failed, sizeof failed, 0, 0); /* ends unanswered when exec worked */
    SYS(close, started[0], 0, 0, 0, 0);
    if (failed) {
        write_exit("error", (word)-failed);
        answer("error", (word)-failed);
        SYS(exit_group, 127, 0, 0, 0, 0);
    }
    answer("ok", (word)main_pid);
    out.fd = outs[0];
    out.tag = 'o';
    err.fd = errs[0];
    err.tag = 'e';
}

static void on_signal(int fd)
{
    struct signalfd_siginfo got;
    while (SYS(read, fd, &got, sizeof got, 0, 0) == sizeof got) {
        if (got.ssi_signo == SIGCHLD)
            reap(WNOHANG);
        else
            SYS(kill, -main_pid, got.ssi_signo == SIGUSR1_KILLS ? SIGKILL : got.ssi_signo, 0, 0, 0);
    }
}

static void supervise(int signal_fd)
{
    while (!main_ended) {
        struct pollfd watched[3] = {
            {signal_fd, POLLIN, 0}, {out.fd, POLLIN, 0}, {err.fd, POLLIN, 0}};
        SYS(ppoll, watched, 3, 0, 0, 0);
        copy(&out);
        copy(&err);
        on_signal(signal_fd);
    }
}

static void flush(struct stream *from)
{
    copy(from);
    if (from->held)
        log_line(from, from->held, 'P');
}

static void copy_file(const char *path, long to)
{
    char text[1024];
    long from = SYS(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0, 0);
    long n = SYS(read, from, text, sizeof text, 0, 0);
    if (n > 0)
        SYS(write, to, text, n, 0, 0);
    SYS(close, from, 0, 0, 0, 0);
}

/* Once per container, whoever asks: after a crash of the agent nobody knows whether it had asked. */
static void claim(void)
{
    long fd = SYS(openat, AT_FDCWD, shim_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600, 0);
    if (fd < 0) {
        answer("error", (word)-fd);
        SYS(exit_group, 1, 0, 0, 0, 0);
    }
    copy_file("/proc/self/stat", fd);
    copy_file("/proc/sys/kernel/random/boot_id", fd);
    SYS(close, fd, 0, 0, 0, 0);
}

_Noreturn void entry(word *stack)
{
    word argc = stack[0];
    char **argv = (char **)(stack + 1), **environment = argv + argc + 1;
    signals handled = SIGNAL(SIGCHLD) | SIGNAL(SIGTERM) | SIGNAL(SIGINT) | SIGNAL(SIGHUP) |
                      SIGNAL(SIGUSR1_KILLS);
    if (argc < 9)
        SYS(exit_group, 2, 0, 0, 0, 0);
    path_with(shim_path, argv[1], "/shim");
    path_with(log_path, argv[1], "/log");
    path_with(log_before, argv[1], "/log.1");
    log_limit = (word)number_of(argv[2]);
    exit_path = argv[3];
    path_with(exit_draft, exit_path, ".draft");
    SYS(rt_sigprocmask, SIG_BLOCK, &handled, 0, sizeof handled, 0);
    SYS(prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    int signal_fd = (int)SYS(signalfd4, -1, &handled, sizeof handled, O_CLOEXEC | O_NONBLOCK, 0);
    claim();
    open_log();
    launch(argv + 4, environment);
    supervise(signal_fd);
    kill_leftovers();
    flush(&out);
    flush(&err);
    if (main_status & 0x7f)
        write_exit("signal", (word)(main_status & 0x7f));
    else
        write_exit("exit", (word)(main_status >> 8) & 0xff);
    SYS(exit_group, 0, 0, 0, 0, 0);
    for (;;)
        ;
}
