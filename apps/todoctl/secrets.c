#include "secrets.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "report.h"
#include "secret_file.h"
#include "terminal.h"

void secret_wipe(ctl_secret *secret)
{
    if (secret->text != NULL) {
        explicit_bzero(secret->text, secret->length);
        free(secret->text);
    }
    *secret = (struct ctl_secret){NULL, 0};
}

bool secret_read_file(const char *path, ctl_secret *ret_secret, const char **ret_reason)
{
    size_t length = 0;
    char *text = strcmp(path, "-") == 0 ? secret_read(STDIN_FILENO, &length, ret_reason)
                                        : secret_file_read(path, &length, ret_reason);
    if (text == NULL)
        return false;
    *ret_secret = (ctl_secret){text, length};
    return true;
}

static int ask(const char *prompt, const char *option, bool twice, ctl_secret *ret_secret)
{
    char first[1024];
    char again[1024];
    char next[128];
    snprintf(next, sizeof(next), "--%s FILE, or --%s - to read standard input", option, option);
    int code = 0;
    if (!terminal_ask(prompt, false, first, sizeof(first)))
        return fail(EXIT_USAGE, next, "there is no terminal to ask for the secret");
    if (first[0] == '\0')
        code = fail(EXIT_USAGE, "again", "nothing was entered");
    else if (twice &&
             (!terminal_ask("Once more: ", false, again, sizeof(again)) || strcmp(first, again) != 0))
        code = fail(EXIT_USAGE, "again", "the two are not the same");
    else
        *ret_secret = (ctl_secret){need_memory(strdup(first)), strlen(first)};
    explicit_bzero(first, sizeof(first));
    explicit_bzero(again, sizeof(again));
    return code;
}

int secret_get(const char *prompt, const char *file, const char *option, bool twice, ctl_secret *ret_secret)
{
    if (file == NULL)
        return ask(prompt, option, twice, ret_secret);
    const char *reason;
    if (!secret_read_file(file, ret_secret, &reason)) {
        return fail(EXIT_USAGE, "a file that holds the secret alone, on one line", "cannot use %s: %s",
                    strcmp(file, "-") == 0 ? "standard input" : file, reason);
    }
    return 0;
}
