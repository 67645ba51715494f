"""Clients in Python: restfly 1 and 2, requests and httpx. Arguments and output are those of the clients in Rust.

64 calls at a time are on 64 threads. With its async client and 64 tasks httpx took four times the CPU time.
"""

import json
import sys
import threading
import time

AT_ONCE = 64
WARM_UP = 64
TOKEN = "bench-token-0123456789"
AGENT = "Integration/1.0 (Acme; calendar; Build/unknown) apisession/0.1.0 (linux/x86_64)"
HEADERS = {"accept": "application/json", "authorization": f"Bearer {TOKEN}", "user-agent": AGENT}
EVENT = {"title": "Planning", "starts": "2026-12-01T09:00:00Z"}


def pooled(session):
    """Lets a session of requests keep a connection for each thread."""
    from requests.adapters import HTTPAdapter

    session.trust_env = False
    session.mount("http://", HTTPAdapter(pool_connections=AT_ONCE, pool_maxsize=AT_ONCE))


def limits():
    """Lets a client of httpx keep a connection for each call in flight. By default it keeps 20."""
    import httpx as library

    return library.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)


def restfly1(url):
    from restfly import APISession

    class Acme(APISession):
        _url = url
        _vendor = "Acme"
        _product = "calendar"

        def _authenticate(self, **_):
            self._session.headers.update(HEADERS)

    api = Acme()
    pooled(api._session)
    return (
        lambda: api.get(f"events/{7}", params={"limit": 10}).json(),
        lambda: api.post("events", json=EVENT).json(),
    )


def requests(url):
    import requests as library

    session = library.Session()
    session.headers.update(HEADERS)
    pooled(session)

    def checked(response):
        response.raise_for_status()
        return response.json()

    return (
        lambda: checked(session.get(f"{url}/events/{7}", params={"limit": 10})),
        lambda: checked(session.post(f"{url}/events", json=EVENT)),
    )


def restfly2(url):
    from restfly import APIClient, APIEndpoint, APIModel

    class Event(APIModel):
        id: int
        title: str
        starts: str

    class Events(APIEndpoint):
        def get(self, id):
            return self._get(f"/events/{id}", params={"limit": 10}, response_model=Event)

        def create(self, event):
            return self._post("/events", json=event, response_model=Event)

    class Acme(APIClient):
        events: Events

    api = Acme(base_url=url, headers=HEADERS, trust_env=False, limits=limits())
    return lambda: api.events.get(7).model_dump(), lambda: api.events.create(EVENT).model_dump()


def httpx(url):
    import httpx as library

    client = library.Client(base_url=url, headers=HEADERS, trust_env=False, limits=limits())
    return (
        lambda: client.get(f"/events/{7}", params={"limit": 10}).raise_for_status().json(),
        lambda: client.post("/events", json=EVENT).raise_for_status().json(),
    )


def check(event):
    assert event["id"] == 7 and event["title"] == "Planning", event


def repeat(call, count):
    for _ in range(count):
        check(call())


def on_threads(call, each):
    threads = [threading.Thread(target=repeat, args=(call, each)) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def report(start, calls):
    wall, cpu = (now - then for now, then in zip((time.perf_counter(), time.process_time()), start))
    print(json.dumps({"cpu_us": cpu * 1e6 / calls, "per_second": calls / wall, "allocations": 0, "bytes": 0}))


def clocks():
    return time.perf_counter(), time.process_time()


def main():
    variant, url, work, calls = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    each = max(calls // AT_ONCE, 1)
    get, post = globals()[variant](url)
    if work == "get-64":
        on_threads(get, 1)
        start = clocks()
        on_threads(get, each)
        report(start, each * AT_ONCE)
    else:
        call = {"get": get, "post": post}[work]
        repeat(call, WARM_UP)
        start = clocks()
        repeat(call, calls)
        report(start, calls)


main()
