"""What a month of a site asks of one server: line, cores, memory, disk. Pure; what is assumed is a constant here."""

from typing import Literal

from msgspec import Struct

from deploy.capacity.profile import MONTH, Profile

MediaPlace = Literal["server", "cdn"]
SECONDS = MONTH.total_seconds()

# Requests a second that one core answers: measured on one of two small shared cores, `make bench` measures yours.
STATIC_A_CORE, HANDSHAKES_A_CORE, SERVICE_A_CORE = 20_000, 1_500, 400
NEW_CONNECTIONS = 0.5  # of requests; podcast apps rarely keep one
MEGABITS_A_CORE = 4_000  # of TLS with AES in hardware, from the page cache
BUSY = 0.5  # a core is counted half, so that a burst, a build or a bad neighbour has room

# Megabytes of memory. The service by `make bench`: at rest, and for each thousand accounts.
SYSTEM, NGINX, SERVICE, SERVICE_A_THOUSAND_ACCOUNTS, BACKUP, BUILD = 250, 60, 135, 5, 60, 250
CONNECTION_KILOBYTES = 60
KEPT_SECONDS = 65  # keepalive_timeout
READER_MEGABITS = 20  # what one reader's own line carries
HOT_EPISODES = 10  # whose audio should lie in the page cache

# Gigabytes of disk beside the media.
SYSTEM_DISK, RELEASES_DISK, LOGS_A_MILLION_REQUESTS, ACCOUNT_MEGABYTES = 4, 4, 0.06, 0.15
LINE_FILLED = 0.8  # beyond this queues grow


class Needs(Struct, frozen=True, kw_only=True):
    """`peak_megabits`: an ordinary day's busiest hour; `burst_megabits`: a new episode's first hour on top of the mean, which a
    smaller line only stretches. `cdn_terabytes` are carried by somebody else."""

    requests_a_second: float
    peak_requests_a_second: float
    mean_megabits: float
    peak_megabits: float
    burst_megabits: float
    terabytes: float
    cdn_terabytes: float
    cdn_gigabytes: float
    cores: float
    memory_gigabytes: float
    disk_gigabytes: float

    @property
    def port_megabits(self) -> float:
        """The line that carries the peak without being full."""
        return self.peak_megabits / LINE_FILLED


def of(profile: Profile, *, media: MediaPlace = "server") -> Needs:
    is_here = media == "server"
    terabytes = profile.other_terabytes + (profile.media_terabytes if is_here else 0)
    mean = profile.requests / SECONDS
    peak = mean * profile.requests_peak
    mean_megabits = _megabits(terabytes)
    peak_megabits = mean_megabits * profile.bytes_peak
    burst_megabits = mean_megabits + (_burst(profile) if is_here else 0)
    busiest = max(peak_megabits, burst_megabits)
    hot = HOT_EPISODES * profile.episode_megabytes if is_here else 0
    return Needs(
        requests_a_second=mean,
        peak_requests_a_second=peak,
        mean_megabits=mean_megabits,
        peak_megabits=peak_megabits,
        burst_megabits=burst_megabits,
        terabytes=terabytes,
        cdn_terabytes=0 if is_here else profile.media_terabytes,
        cdn_gigabytes=0 if is_here else profile.media_gigabytes,
        cores=max(1, _cores(profile, peak=peak, megabits=busiest)),
        memory_gigabytes=_memory_megabytes(profile, peak=peak, megabits=busiest, hot=hot) / 1000,
        disk_gigabytes=_disk_gigabytes(profile, is_here=is_here),
    )


def _megabits(terabytes: float) -> float:
    """Mean, over a month."""
    return terabytes * 8e6 / SECONDS


def _burst(profile: Profile) -> float:
    """Mbit/s that a new episode's first hour adds."""
    return profile.episode_downloads * profile.first_hour_share * profile.episode_megabytes * 8 / 3600


def _cores(profile: Profile, *, peak: float, megabits: float) -> float:
    service = peak * profile.service_share / SERVICE_A_CORE
    static = peak * (1 / STATIC_A_CORE + NEW_CONNECTIONS / HANDSHAKES_A_CORE)
    return (service + static + megabits / MEGABITS_A_CORE) / BUSY


def _memory_megabytes(profile: Profile, *, peak: float, megabits: float, hot: float) -> float:
    connections = megabits / READER_MEGABITS + peak * NEW_CONNECTIONS * KEPT_SECONDS
    service = SERVICE + profile.accounts / 1000 * SERVICE_A_THOUSAND_ACCOUNTS
    return SYSTEM + NGINX + service + BACKUP + BUILD + hot + connections * CONNECTION_KILOBYTES / 1000


def _disk_gigabytes(profile: Profile, *, is_here: bool) -> float:
    media = profile.media_gigabytes if is_here else 0
    return (
        SYSTEM_DISK
        + RELEASES_DISK
        + media
        + profile.requests / 1e6 * LOGS_A_MILLION_REQUESTS
        + profile.accounts * ACCOUNT_MEGABYTES / 1000
    )
