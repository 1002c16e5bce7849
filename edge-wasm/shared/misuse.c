/* Where libsodium goes when it is called wrongly: a trap, without the handlers that its own version would link in. */
void sodium_misuse(void);
void sodium_misuse(void)
{
    __builtin_trap();
}
