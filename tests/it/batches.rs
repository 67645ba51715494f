//! Batches: chunks, the commit, and the one abort.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession::{Batch, BatchJob, Chunk};
use apisession_tests::{Sent, recording, respond, tokio};

#[endpoint(path = "/imports", max_attempts = 2)]
struct Imports;

#[endpoint]
impl Imports {
    #[put("/{id}/{number}")]
    fn upload(&self, id: &str, number: u64, #[json] items: &[u32]) -> Call<(), Refused>;

    #[post("/{id}/commit")]
    fn commit(&self, id: &str) -> Call<u32, Refused>;

    #[delete("/{id}")]
    fn abort(&self, id: &str) -> Call<(), Refused>;
}

#[derive(Debug, ApiError)]
enum Refused {
    #[status(422)]
    Invalid(Problem),
    #[other]
    Other(Error),
}

struct Import {
    imports: Imports,
}

impl BatchJob for Import {
    type Item = u32;
    type Output = u32;
    type Error = Refused;
    const CHUNK: usize = 3;

    fn upload(&self, chunk: Chunk<'_, u32>) -> Call<(), Refused> {
        // Each test adds the numbers from 0 on.
        assert_eq!(chunk.start(), u64::from(chunk.items()[0]));
        self.imports.upload("7", chunk.number(), chunk.items())
    }

    fn commit(&self) -> Call<u32, Refused> {
        self.imports.commit("7")
    }

    fn abort(&self) -> Call<(), Refused> {
        self.imports.abort("7")
    }
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
    #[endpoint]
    imports: Imports,
}

/// A batch whose server responds with `status` to the request of this line, and else with a success.
fn batch(line: &'static str, status: u16) -> (Batch<Import>, Sent) {
    let (transport, sent) = recording(move |_, seen| {
        if seen.line() == line {
            return match status {
                0 => Err(Failure::unknown("the connection is lost")),
                status => Ok(respond(status, "{}")),
            };
        }
        Ok(respond(200, "12"))
    });
    (with(transport), sent)
}

fn with(transport: Memory) -> Batch<Import> {
    let api = Acme::builder().transport(transport).build().unwrap();
    Batch::new(Import { imports: api.imports() })
}

/// Lets the tasks in the background end.
async fn settled() {
    tokio::time::sleep(Duration::from_secs(60)).await;
}

async fn fill(batch: Batch<Import>, count: u32) -> Result<u32, Refused> {
    batch
        .run(async |batch| {
            for item in 0..count {
                batch.add(item).await?;
            }
            Ok(())
        })
        .await
}

const COMMIT: &str = "POST /imports/7/commit";
const ABORT: &str = "DELETE /imports/7";

#[tokio::test(start_paused = true)]
async fn items_are_uploaded_in_chunks_and_committed_once() {
    for (count, bodies) in
        [(0, vec![]), (1, vec!["[0]"]), (3, vec!["[0,1,2]"]), (7, vec!["[0,1,2]", "[3,4,5]", "[6]"])]
    {
        let (batch, sent) = batch("", 0);
        assert_eq!(fill(batch, count).await.unwrap(), 12);
        settled().await;
        let mut lines: Vec<_> = (1..=bodies.len()).map(|number| format!("PUT /imports/7/{number}")).collect();
        lines.push(COMMIT.to_owned());
        assert_eq!(sent.lines(), lines);
        assert_eq!(
            sent.all().iter().map(|seen| seen.body.as_str()).take(bodies.len()).collect::<Vec<_>>(),
            bodies
        );
    }
    let (batch, sent) = batch("", 0);
    fill(batch.with_chunk(2), 3).await.unwrap();
    assert_eq!(sent.lines(), ["PUT /imports/7/1", "PUT /imports/7/2", COMMIT]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_fails_is_aborted_once() {
    // Of each: the request that fails, the status, 0 for a lost connection, and the requests.
    let rows: [(&str, u16, &[&str]); 7] = [
        ("PUT /imports/7/1", 422, &["PUT /imports/7/1", ABORT]),
        ("PUT /imports/7/2", 422, &["PUT /imports/7/1", "PUT /imports/7/2", ABORT]),
        ("PUT /imports/7/3", 422, &["PUT /imports/7/1", "PUT /imports/7/2", "PUT /imports/7/3", ABORT]),
        ("PUT /imports/7/2", 0, &["PUT /imports/7/1", "PUT /imports/7/2", "PUT /imports/7/2", ABORT]),
        (COMMIT, 422, &["PUT /imports/7/1", "PUT /imports/7/2", "PUT /imports/7/3", COMMIT, ABORT]),
        // What has become of the commit is not known.
        (COMMIT, 0, &["PUT /imports/7/1", "PUT /imports/7/2", "PUT /imports/7/3", COMMIT]),
        (COMMIT, 502, &["PUT /imports/7/1", "PUT /imports/7/2", "PUT /imports/7/3", COMMIT]),
    ];
    for (failing, status, lines) in rows {
        let (batch, sent) = batch(failing, status);
        let error = fill(batch, 7).await.unwrap_err();
        assert_eq!(matches!(error, Refused::Invalid(_)), status == 422, "{failing} {error:?}");
        // It is over when the error is returned.
        assert_eq!(sent.lines(), lines, "{failing} {status}");
        settled().await;
        assert_eq!(sent.lines(), lines, "{failing} {status}");
    }
    // A failed abort changes nothing.
    let (transport, sent) = recording(|_, _| Ok(respond(422, "{}")));
    assert!(matches!(fill(with(transport), 7).await, Err(Refused::Invalid(_))));
    assert_eq!(sent.lines(), ["PUT /imports/7/1", ABORT]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_does_not_end_is_aborted_once() {
    // An error of the code around it.
    let (open, sent) = batch("", 0);
    let own = || Error::new(ErrorKind::Other, "no more");
    let end = open
        .run(async |batch| {
            batch.add(0).await?;
            Err(own().into())
        })
        .await;
    assert!(matches!(end, Err(Refused::Other(error)) if error.to_string() == "no more"));
    assert_eq!(sent.lines(), [ABORT]);

    // A panic.
    let (open, sent) = batch("", 0);
    let run = tokio::spawn(async move {
        open.run(async |batch| {
            batch.add(0).await?;
            panic!("in the middle")
        })
        .await
    });
    assert!(run.await.unwrap_err().is_panic());
    settled().await;
    assert_eq!(sent.lines(), [ABORT]);

    // A caller that stops waiting.
    let (open, sent) = batch("", 0);
    let run = open.run(async |batch| {
        batch.add(0).await?;
        pending::<()>().await;
        Ok(())
    });
    assert!(tokio::time::timeout(Duration::from_secs(1), run).await.is_err());
    settled().await;
    assert_eq!(sent.lines(), [ABORT]);

    // It is never run.
    let (open, sent) = batch("", 0);
    drop(open);
    settled().await;
    assert_eq!(sent.lines(), [ABORT]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_with_a_lost_chunk_is_never_committed() {
    // The error is ignored.
    let (open, sent) = batch("PUT /imports/7/1", 422);
    let end = open
        .run(async |batch| {
            for item in 0..9 {
                let _ = batch.add(item).await;
            }
            Ok(())
        })
        .await;
    assert!(matches!(end, Err(Refused::Other(error)) if error.to_string().contains("not uploaded")));
    assert_eq!(sent.lines(), ["PUT /imports/7/1", ABORT]);

    // An upload is dropped before its end.
    let transport = Memory::new(|request| async move {
        if request.method == "PUT" {
            pending::<()>().await;
        }
        Ok(respond(200, "12"))
    });
    let end = with(transport)
        .run(async |batch| {
            batch.add(0).await?;
            let _ = tokio::time::timeout(Duration::from_secs(1), batch.flush()).await;
            Ok(())
        })
        .await;
    assert!(matches!(end, Err(Refused::Other(error)) if error.to_string().contains("not uploaded")));
}

#[tokio::test(start_paused = true)]
async fn an_abort_has_a_deadline_of_its_own() {
    let aborts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&aborts);
    let transport = Memory::new(move |request| {
        let counted = Arc::clone(&counted);
        async move {
            if request.method == "DELETE" {
                counted.fetch_add(1, Ordering::SeqCst);
                pending::<()>().await;
            }
            Ok(respond(422, "{}"))
        }
    });
    let start = tokio::time::Instant::now();
    assert!(matches!(fill(with(transport), 3).await, Err(Refused::Invalid(_))));
    assert_eq!(start.elapsed(), Duration::from_secs(10));
    assert_eq!(aborts.load(Ordering::SeqCst), 1);
}
