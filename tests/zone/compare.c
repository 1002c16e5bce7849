/*
 * Converts times for the comparison with another implementation (compare.py). Reads lines "ZONE utc SECONDS" and "ZONE wall
 * SECONDS" and writes the seconds of the wall clock, or those of the instant.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <todo/zone.h>

int main(void)
{
    char name[80] = "", line[128], given[80], kind[8];
    todo_zone *zone = NULL;
    int64_t seconds;
    todo_time time = 0;

    while (fgets(line, sizeof(line), stdin) != NULL) {
        if (sscanf(line, "%79s %7s %" SCNd64, given, kind, &seconds) != 3)
            return 2;
        if (strcmp(given, name) != 0) {
            todo_zone_close(zone);
            zone = NULL;
            if (todo_zone_open(given, &zone, NULL) != TODO_OK)
                return 3;
            strcpy(name, given);
        }
        if (strcmp(kind, "utc") == 0)
            time = todo_zone_to_wall(zone, seconds * 1000000);
        else
            todo_zone_to_time(zone, seconds * 1000000, &time, NULL);
        printf("%" PRId64 "\n", time / 1000000);
    }
    todo_zone_close(zone);
    return 0;
}
