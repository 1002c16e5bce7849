#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void catch (int signal)
{
    caught = signal;
}

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

/* Reads up to a line end, the end of input or a signal; what does not fit is dropped. */
static void read_line(int fd, char *answer, size_t size)
{
    size_t length = 0;
    char byte;
    while (caught == 0) {
        ssize_t got = read(fd, &byte, 1);
        if ((got < 0 && errno != EINTR) || got == 0 || (got == 1 && byte == '\n'))
            break;
        if (got == 1 && length + 1 < size)
            answer[length++] = byte;
    }
    answer[length] = '\0';
}

static void write_text(int fd, const char *text)
{
    while (*text != '\0') {
        ssize_t written = write(fd, text, strlen(text));
        if (written < 0 && errno != EINTR)
            return;
        text += written > 0 ? written : 0;
    }
}

bool terminal_ask(const char *prompt, bool echo, char *answer, size_t size)
{
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios before;
    if (fd < 0 || tcgetattr(fd, &before) != 0) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    struct sigaction action = {.sa_handler = catch}; /* no SA_RESTART: read() has to end */
    struct sigaction old[SIGNALS];
    caught = 0;
    for (size_t i = 0; i < SIGNALS; i++) {
        sigaction(signals[i], NULL, &old[i]);
        if (old[i].sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
    struct termios during = before;
    if (!echo) {
        during.c_lflag &= ~(tcflag_t)ECHO;
        during.c_lflag |= ECHONL;
    }
    tcsetattr(fd, TCSAFLUSH, &during);
    write_text(fd, prompt);
    read_line(fd, answer, size);
    tcsetattr(fd, TCSAFLUSH, &before);
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &old[i], NULL);
    close(fd);
    if (caught != 0) {
        explicit_bzero(answer, size);
        raise(caught);
    }
    return true;
}
