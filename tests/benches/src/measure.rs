//! Makes the calls that the arguments name, and prints what they cost.
//!
//! The arguments are `variant url work calls`. `work` is one of these:
//!
//! - `get`, `post`: one call after the other.
//! - `get-64`: 64 at a time.
//! - `hold`: all at once, twice. The server holds the responses back until the heap is counted.
//! - `soak`: one after the other, and what the process holds before and after.

use std::io::BufRead;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use serde_json::{Value, json};

use crate::Event;

/// A client to measure.
pub trait Client: Clone + Send + Sync + 'static {
    /// Fetches `/events/7?limit=10`.
    fn get(&self) -> impl Future<Output = Event> + Send;

    /// Posts [`NEW_EVENT`](crate::NEW_EVENT) to `/events`.
    fn post(&self) -> impl Future<Output = Event> + Send;
}

/// A client that blocks. It makes calls at the same time on threads.
pub trait Blocking: Clone + Send + 'static {
    /// Fetches `/events/7?limit=10`.
    fn get(&self) -> Event;

    /// Posts [`NEW_EVENT`](crate::NEW_EVENT) to `/events`.
    fn post(&self) -> Event;
}

/// Calls at the same time.
const AT_ONCE: usize = 64;
/// Calls before those that are measured, to open connections and size buffers.
const WARM_UP: usize = 256;

struct Arguments {
    variant: String,
    url: String,
    work: String,
    calls: usize,
}

impl Arguments {
    fn parse() -> Self {
        let mut arguments = std::env::args().skip(1);
        let mut next = || arguments.next().expect("variant, url, work, calls");
        let (variant, url, work) = (next(), next(), next());
        Self { variant, url, work, calls: next().parse().expect("a number of calls") }
    }
}

/// Runs a client on a runtime of one thread. `make` gets the variant and the base URL.
pub fn run<C: Client>(make: impl FnOnce(&str, &str) -> C) {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let client = make(&arguments.variant, &arguments.url);
        let calls = arguments.calls;
        match arguments.work.as_str() {
            "get" => {
                gets(&client, WARM_UP).await;
                let start = Reading::now();
                gets(&client, calls).await;
                start.print(calls);
            }
            "post" => {
                posts(&client, WARM_UP).await;
                let start = Reading::now();
                posts(&client, calls).await;
                start.print(calls);
            }
            "get-64" => {
                at_once(&client, AT_ONCE, 4).await;
                let start = Reading::now();
                at_once(&client, AT_ONCE, calls / AT_ONCE).await;
                start.print(calls / AT_ONCE * AT_ONCE);
            }
            "hold" => hold(&client, calls).await,
            "soak" => soak(&client, calls).await,
            work => panic!("unknown work: {work}"),
        }
    });
}

/// Runs a client that blocks.
pub fn run_blocking<C: Blocking>(make: impl FnOnce(&str, &str) -> C) {
    let arguments = Arguments::parse();
    let client = make(&arguments.variant, &arguments.url);
    let calls = arguments.calls;
    let each = |count: usize, call: fn(&C) -> Event| (0..count).for_each(|_| check(&call(&client)));
    let threads = |count: usize| {
        let clients: Vec<_> = (0..AT_ONCE).map(|_| client.clone()).collect();
        std::thread::scope(|scope| {
            for client in clients {
                scope.spawn(move || (0..count).for_each(|_| check(&client.get())));
            }
        });
    };
    match arguments.work.as_str() {
        "get" => {
            each(WARM_UP, C::get);
            let start = Reading::now();
            each(calls, C::get);
            start.print(calls);
        }
        "post" => {
            each(WARM_UP, C::post);
            let start = Reading::now();
            each(calls, C::post);
            start.print(calls);
        }
        "get-64" => {
            threads(4);
            let start = Reading::now();
            threads(calls / AT_ONCE);
            start.print(calls / AT_ONCE * AT_ONCE);
        }
        work => panic!("unknown work of a client that blocks: {work}"),
    }
}

async fn gets<C: Client>(client: &C, count: usize) {
    for _ in 0..count {
        check(&client.get().await);
    }
}

async fn posts<C: Client>(client: &C, count: usize) {
    for _ in 0..count {
        check(&client.post().await);
    }
}

/// Makes `each` calls on each of `tasks` tasks.
async fn at_once<C: Client>(client: &C, tasks: usize, each: usize) {
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..tasks {
        let client = client.clone();
        running.spawn(async move { gets(&client, each).await });
    }
    while let Some(ended) = running.join_next().await {
        ended.expect("a task");
    }
}

fn check(event: &Event) {
    assert_eq!((event.id, event.title.len(), event.starts.len()), (7, 8, 20), "{event:?}");
}

/// Prints the heap of calls in flight, first with the connections that they open, then on these connections.
///
/// Each time a line of the standard input starts the calls, and another one says that the server has them all.
async fn hold<C: Client>(client: &C, calls: usize) {
    check(&client.get().await);
    for _ in 0..2 {
        // A connection returns to the pool a moment after its response.
        tokio::time::sleep(Duration::from_millis(100)).await;
        let before = heap();
        println!("{}", json!({ "ready": true }));
        line();
        let reader = std::thread::spawn(move || {
            line();
            println!("{}", json!({ "heap": heap() - before }));
        });
        at_once(client, calls, 1).await;
        reader.join().expect("the reader of the standard input");
    }
}

fn line() {
    std::io::stdin().lock().read_line(&mut String::new()).expect("a line on the standard input");
}

/// Prints what the process holds before the calls and after.
async fn soak<C: Client>(client: &C, calls: usize) {
    gets(client, 10_000.min(calls)).await;
    let before = held().await;
    gets(client, calls).await;
    println!("{}", json!({ "before": before, "after": held().await }));
}

async fn held() -> Value {
    // Tasks of the last call end first.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let descriptors = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    json!({ "descriptors": descriptors, "tasks": tasks, "heap": heap() })
}

/// The clocks and counters before the calls.
struct Reading {
    wall: Instant,
    processor: ProcessTime,
    allocated: Allocated,
}

impl Reading {
    fn now() -> Self {
        Self { allocated: Allocated::now(), wall: Instant::now(), processor: ProcessTime::now() }
    }

    /// Prints what was used since.
    fn print(&self, calls: usize) {
        let (processor, wall) = (self.processor.elapsed(), self.wall.elapsed());
        let allocated = Allocated::now();
        let each = |total: f64| total / calls as f64;
        println!(
            "{}",
            json!({
                "cpu_us": each(processor.as_secs_f64() * 1e6),
                "per_second": calls as f64 / wall.as_secs_f64(),
                "allocations": each((allocated.count - self.allocated.count) as f64),
                "bytes": each((allocated.bytes - self.allocated.bytes) as f64),
            })
        );
    }
}

/// What was allocated so far. A reallocation counts as one, and with the bytes that it adds.
struct Allocated {
    count: usize,
    bytes: usize,
}

/// The counting allocator. Only binaries of allocation counts have it, since counting takes time.
#[cfg(feature = "count")]
mod counting {
    use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

    #[global_allocator]
    static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

    impl super::Allocated {
        pub(super) fn now() -> Self {
            let stats = ALLOCATOR.stats();
            Self { count: stats.allocations + stats.reallocations, bytes: stats.bytes_allocated }
        }
    }

    /// The bytes that are allocated now.
    pub fn heap() -> isize {
        let stats = ALLOCATOR.stats();
        stats.bytes_allocated as isize - stats.bytes_deallocated as isize
    }
}

#[cfg(feature = "count")]
pub use counting::heap;

#[cfg(not(feature = "count"))]
mod counting {
    impl super::Allocated {
        pub(super) fn now() -> Self {
            Self { count: 0, bytes: 0 }
        }
    }

    /// Without the feature `count`, zero.
    pub fn heap() -> isize {
        0
    }
}

#[cfg(not(feature = "count"))]
pub use counting::heap;
