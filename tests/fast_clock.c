/* A wall clock that runs faster: preloaded, so that an hour of a market and of a bot passes in minutes.

   now = FAST_CLOCK_FROM_NS + (real now - FAST_CLOCK_FROM_NS) * FAST_CLOCK_FACTOR. Processes with the same two settings
   see the same time. The time since boot, with which a facility guards its wall clock, runs as fast. The monotonic
   clock, and with it sleeps and deadlines, stays as it is. */

#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const long long SECOND_NS = 1000000000LL;
static long long from_ns, factor = 1;

__attribute__((constructor)) static void read_settings(void)
{
    const char *from = getenv("FAST_CLOCK_FROM_NS"), *times = getenv("FAST_CLOCK_FACTOR");
    from_ns = from ? atoll(from) : 0;
    factor = times ? atoll(times) : 1;
}

int clock_gettime(clockid_t clock, struct timespec *found)
{
    int status = (int)syscall(SYS_clock_gettime, clock, found);
    if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_BOOTTIME)) {
        long long start_ns = clock == CLOCK_REALTIME ? from_ns : 0;
        long long real_ns = found->tv_sec * SECOND_NS + found->tv_nsec;
        long long fast_ns = start_ns + (real_ns - start_ns) * factor;
        found->tv_sec = fast_ns / SECOND_NS;
        found->tv_nsec = fast_ns % SECOND_NS;
    }
    return status;
}

time_t time(time_t *found)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (found)
        *found = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict found, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    found->tv_sec = now.tv_sec;
    found->tv_usec = now.tv_nsec / 1000;
    return 0;
}
