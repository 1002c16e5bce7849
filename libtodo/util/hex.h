/* Hexadecimal digits. */
#ifndef TODO_UTIL_HEX_H
#define TODO_UTIL_HEX_H

/* The value of a digit in lower case, which is how the library writes them; -1 for anything else. */
static inline int todo__hex_lower(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* The value of a digit in either case, -1 for anything else. */
static inline int todo__hex_value(char digit)
{
    return todo__hex_lower(digit >= 'A' && digit <= 'F' ? (char)(digit | 0x20) : digit);
}

/* The byte of two digits in either case; -1 for anything else, of which no more than the first wrong one is read. */
static inline int todo__hex_byte(const char *digits)
{
    int high = todo__hex_value(digits[0]);
    int low = high < 0 ? -1 : todo__hex_value(digits[1]);

    return low < 0 ? -1 : high << 4 | low;
}

#endif
