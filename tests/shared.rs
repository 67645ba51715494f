//! A session in a `static`, which eight tests use at once, each in a runtime of its own: 320 POSTs, each of which is sent once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::thread;

use apisession::prelude::*;
use apisession_tests::{Server, tokio, watched};

#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test", max_in_flight = 16, hooks)]
struct Acme {
    session: Session,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        self.raw().post("/login").await?;
        Credential::bearer("t0k3n")
    }
}

const TESTS: usize = 8;
const CALLS: usize = 40;

/// How often the server has read each path.
static READ: LazyLock<Mutex<HashMap<String, usize>>> = LazyLock::new(Mutex::default);

/// A session for a server on a runtime of its own.
static API: LazyLock<Acme> = LazyLock::new(|| {
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let servers = ::tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        servers.block_on(async {
            let server = Server::start(|request| {
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                *READ.lock().unwrap().entry(path).or_default() += 1;
                "HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok"
            });
            let server = server.await;
            sender.send(server.url()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    Acme::builder().base_url(receiver.recv().unwrap()).build().unwrap()
});

/// The tests that are done. The last one checks what the server has read.
static DONE: AtomicUsize = AtomicUsize::new(0);

async fn posts(test: usize) {
    for call in 0..CALLS {
        let post = API.raw().post(&format!("/{test}/{call}")).with_max_attempts(1);
        let end = watched(post).await;
        assert!(end.is_ok(), "{}", end.unwrap_err().report());
    }
    if DONE.fetch_add(1, Ordering::SeqCst) + 1 == TESTS {
        let mut read = READ.lock().unwrap();
        // The first sign-in may have been under way in more than one runtime.
        read.remove("/login");
        assert_eq!(read.len(), TESTS * CALLS);
        assert!(read.values().all(|count| *count == 1), "{read:?}");
    }
}

macro_rules! tests {
    ($($name:ident: $number:expr, $flavor:literal;)*) => {
        $(
            #[tokio::test(flavor = $flavor)]
            async fn $name() {
                posts($number).await;
            }
        )*
    };
}

tests! {
    first: 1, "current_thread";
    second: 2, "current_thread";
    third: 3, "multi_thread";
    fourth: 4, "current_thread";
    fifth: 5, "multi_thread";
    sixth: 6, "current_thread";
    seventh: 7, "current_thread";
    eighth: 8, "multi_thread";
}
